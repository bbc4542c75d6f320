// Package wire turns batches, records and messages into bytes and back; FORMAT.md is its contract.
package wire

import "errors"

// Limits hold before a byte from outside costs anything.
const (
	BatchMax     = 64 << 10  // bytes of one batch
	OpsMax       = 2000      // ops of one batch
	MessageMax   = 1 << 20   // bytes of one message, unpacked
	FrameMax     = 512 << 10 // bytes of one message as it travels
	kindMax      = 64        // bytes of a kind's name
	reasonMax    = 1000      // bytes of a refusal's reason
	SignatureMax = 660       // bytes of what vouches for a head: a place in the largest tree
	signatureMax = 128       // bytes of a signature proper; Ed25519 takes 65 with its mark, SM2 up to 73
	seqMax       = 1 << 62   // the number of a stream's last batch: sums of two stay below 2^64
)

// ErrFormat is what every malformed input comes down to: its sender is broken,
// hostile or newer than this node, and nothing of it was taken.
var ErrFormat = errors.New("malformed bytes")
