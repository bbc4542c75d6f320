package wire

import (
	"crypto/sha256"
	"encoding/binary"

	"wangge/crdt"
)

// Arm is the credential of a stream that begins inside another one: its writer
// signed two batches of one number, and the county took the other first. The
// arm's batch j is what the writer signed as its batch After+j, byte for byte and
// with its signatures: the arm vouches for nothing itself, it only says where in
// the chain those begin. So whoever holds the batches names the arm alike.
type Arm struct {
	Of     []byte // credential of the stream that it leaves, which may be an arm
	Space  crdt.Space
	After  uint64 // the last batch, in that stream's numbers, that both share; 0 if none
	Before Hash   // of the chain after that
	First  Hash   // of the chain after the arm's first batch
}

// armMark begins an arm's credential; a writer's begins with the size of a
// certificate, which is not 0.
const armMark = 0

// Arms are told from minted writers by their names, by how often they left
// another stream: three bits of the incarnation.
const (
	armBits = 29
	armsMax = 1<<(32-armBits) - 1
)

// Incarnation makes the random number of a minted writer one that no arm has.
func Incarnation(random uint32) uint32 { return random & (1<<armBits - 1) }

// ArmDepth returns how many times the stream of a name left another: 0 of a
// writer that was minted.
func ArmDepth(w crdt.Writer) int { return int(w.Incarnation() >> armBits) }

// Append appends the credential's bytes.
func (a Arm) Append(b []byte) []byte {
	b = appendSpace(append(b, armMark), a.Space)
	b = binary.AppendUvarint(b, a.After)
	b = append(append(b, a.Before[:]...), a.First[:]...)
	return append(b, a.Of...)
}

// ReadArm reads an arm's credential; ok is false for any other.
func ReadArm(b []byte) (a Arm, ok bool) {
	if len(b) > credentialMax {
		return Arm{}, false
	}
	r := &reader{b: b}
	r.check(r.byte("an arm's mark") == armMark, "an arm's mark")
	a.Space, a.After = r.space(), r.uint("a batch's number", seqMax)
	copy(a.Before[:], r.bytes("a hash", len(a.Before)))
	copy(a.First[:], r.bytes("a hash", len(a.First)))
	a.Of = r.bytes("a credential", len(r.b))
	return a, r.end() == nil && len(a.Of) > 0
}

// Name returns the arm's name, which follows from where it leaves which stream:
// the same for all who ever hold it. ok is false when it would be an arm of too
// many arms.
func (a Arm) Name(county County, of crdt.Writer) (w crdt.Writer, ok bool) {
	depth := ArmDepth(of) + 1
	if depth > armsMax {
		return 0, false
	}
	b := append([]byte("wangge arm 1\x00"), county[:]...)
	b = appendWriter(appendSpace(b, a.Space), of)
	b = binary.AppendUvarint(b, a.After)
	sum := sha256.Sum256(append(b, a.First[:]...))
	return crdt.NewWriter(of.Device(), uint32(depth)<<armBits|Incarnation(binary.BigEndian.Uint32(sum[:]))), true
}
