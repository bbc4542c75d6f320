package wire

import (
	"crypto/sha256"
	"encoding/binary"

	"wangge/crdt"
)

// County names a trust domain: the first 8 bytes of the hash of its root key.
type County [8]byte

// Hash is a link of a stream's chain.
type Hash [sha256.Size]byte

// Origin returns the hash that the chain of w's stream in a space starts from.
func Origin(county County, space crdt.Space, w crdt.Writer) Hash {
	b := append([]byte("wangge stream 1\x00"), county[:]...)
	b = appendSpace(b, space)
	return sha256.Sum256(appendWriter(b, w))
}

// Next returns the hash of the chain after one more batch.
func (h Hash) Next(batch []byte) Hash {
	d := sha256.New()
	d.Write(h[:])
	d.Write(batch)
	d.Sum(h[:0])
	return h
}

// HeadMessage returns what a writer signs: that its stream in a space has the
// hash h after batch seq. The chain vouches for everything before.
func HeadMessage(county County, space crdt.Space, w crdt.Writer, seq uint64, h Hash) []byte {
	b := append([]byte("wangge head 1\x00"), county[:]...)
	b = appendSpace(b, space)
	b = appendWriter(b, w)
	b = binary.AppendUvarint(b, seq)
	return append(b, h[:]...)
}
