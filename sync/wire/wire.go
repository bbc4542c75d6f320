// Package wire turns batches, records and messages into bytes and back; FORMAT.md is its contract.
package wire

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"wangge/crdt"
)

// Limits hold before a byte from outside costs anything.
const (
	BatchMax    = 64 << 10  // bytes of one batch
	OpsMax      = 2000      // ops of one batch
	replacesMax = 256       // dots that one op replaces
	kindMax     = 64        // bytes of a kind's name
	MessageMax  = 1 << 20   // bytes of one message, unpacked
	FrameMax    = 512 << 10 // bytes of one message as it travels
)

// ErrFormat is what every malformed input comes down to: its sender is broken
// or hostile, and nothing of it was taken.
var ErrFormat = errors.New("malformed bytes")

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
	return Hash(d.Sum(nil))
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

func appendBytes[T ~string | ~[]byte](b []byte, s T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendSpace(b []byte, s crdt.Space) []byte {
	return append(appendBytes(b, s.Area), byte(s.Class))
}

func appendWriter(b []byte, w crdt.Writer) []byte {
	b = binary.AppendUvarint(b, uint64(w.Device()))
	return binary.AppendUvarint(b, uint64(w.Incarnation()))
}

func appendDot(b []byte, d crdt.Dot) []byte {
	b = appendWriter(b, d.Writer)
	b = binary.AppendUvarint(b, d.Seq)
	return binary.AppendUvarint(b, uint64(d.Index))
}

// reader takes values off the front of b. After the first fault it returns
// zeros, and err says what was wrong; callers look once, at the end.
type reader struct {
	b   []byte
	err error
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s", ErrFormat, what)
	}
	r.b = nil
}

// uint takes a varint of at most limit in its shortest form; every number has
// one spelling, so that equal content has equal bytes.
func (r *reader) uint(what string, limit uint64) uint64 {
	n, size := binary.Uvarint(r.b)
	if size <= 0 || size > 1 && r.b[size-1] == 0 || n > limit {
		r.fail(what)
		return 0
	}
	r.b = r.b[size:]
	return n
}

// count takes the length of a list of at most limit items, each of which takes
// at least size bytes: a count that the rest cannot hold is refused before
// anything is made for it.
func (r *reader) count(what string, limit, size int) int {
	n := int(r.uint(what, uint64(limit)))
	if n*size > len(r.b) {
		r.fail(what)
		return 0
	}
	return n
}

func (r *reader) byte(what string) byte {
	if len(r.b) == 0 {
		r.fail(what)
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

// bytes takes exactly n bytes; the result is a part of the input.
func (r *reader) bytes(what string, n int) []byte {
	if n > len(r.b) {
		r.fail(what)
		return nil
	}
	taken := r.b[:n:n]
	r.b = r.b[n:]
	return taken
}

// sized takes a length of at most limit and that many bytes.
func (r *reader) sized(what string, limit int) []byte {
	return r.bytes(what, int(r.uint(what, uint64(limit))))
}

func (r *reader) space() crdt.Space {
	s := crdt.Space{Area: string(r.sized("a space's area", 17)), Class: crdt.Class(r.byte("a space's class"))}
	if r.err == nil && !crdt.IsArea(s.Area) {
		r.fail("a space's area")
	}
	return s
}

func (r *reader) writer() crdt.Writer {
	device := r.uint("a writer's device", 1<<32-1)
	return crdt.NewWriter(uint32(device), uint32(r.uint("a writer's incarnation", 1<<32-1)))
}

func (r *reader) dot() crdt.Dot {
	return crdt.Dot{
		Writer: r.writer(),
		Seq:    r.uint("a dot's batch", 1<<62),
		Index:  uint32(r.uint("a dot's place", OpsMax)),
	}
}

func (r *reader) dots(limit int) []crdt.Dot {
	n := r.count("a number of dots", limit, 4)
	if n == 0 {
		return nil
	}
	dots := make([]crdt.Dot, n)
	for i := range dots {
		dots[i] = r.dot()
		if i > 0 && dots[i-1].Compare(dots[i]) >= 0 {
			r.fail("dots out of order")
		}
	}
	return dots
}

func (r *reader) value() crdt.Value {
	v := crdt.Value(r.sized("a value", BatchMax))
	if !v.Valid() {
		r.fail("a value")
	}
	return v
}

// end returns the first fault; bytes left over are one.
func (r *reader) end() error {
	if r.err == nil && len(r.b) > 0 {
		r.fail(fmt.Sprintf("%d bytes too many", len(r.b)))
	}
	return r.err
}
