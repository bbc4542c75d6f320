// Package crdt merges what people wrote apart so that nothing is lost; its words are the vocabulary of every other room.
package crdt

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Writer names one incarnation of one device's signing key. The upper 32 bits
// are the device's index, given by the county; the lower 32 bits tell the
// device's incarnations apart: random, one for each store that the device begins,
// so that a device can mint one without asking anybody.
type Writer uint64

// NewWriter returns the writer of a device's incarnation.
func NewWriter(device, incarnation uint32) Writer {
	return Writer(device)<<32 | Writer(incarnation)
}

// Device returns the index of the device that holds the writer's key.
func (w Writer) Device() uint32 { return uint32(w >> 32) }

// Incarnation returns which life of the device the writer belongs to.
func (w Writer) Incarnation() uint32 { return uint32(w) }

// String returns the writer as device.incarnation, in decimal and hex.
func (w Writer) String() string {
	return fmt.Sprintf("%d.%x", w.Device(), w.Incarnation())
}

// ParseWriter reads what String wrote.
func ParseWriter(s string) (Writer, error) {
	d, i, ok := strings.Cut(s, ".")
	device, err := strconv.ParseUint(d, 10, 32)
	incarnation, err2 := strconv.ParseUint(i, 16, 32)
	if !ok || err != nil || err2 != nil {
		return 0, fmt.Errorf("%q is not a writer: want device.incarnation, such as 7.0", s)
	}
	return NewWriter(uint32(device), uint32(incarnation)), nil
}

// Dot names one op within a space: the writer, the number of its batch in the
// writer's stream (from 1), and the op's place in the batch (from 0).
type Dot struct {
	Writer Writer
	Seq    uint64
	Index  uint32
}

// Compare orders dots by writer, batch and place.
func (d Dot) Compare(o Dot) int {
	return cmp.Or(cmp.Compare(d.Writer, o.Writer), cmp.Compare(d.Seq, o.Seq), cmp.Compare(d.Index, o.Index))
}

// String returns the dot as writer-seq-index.
func (d Dot) String() string {
	return fmt.Sprintf("%s-%d-%d", d.Writer, d.Seq, d.Index)
}

// ParseDot reads what String wrote.
func ParseDot(s string) (Dot, error) {
	bad := func() (Dot, error) {
		return Dot{}, fmt.Errorf("%q is not a dot: want writer-seq-index, such as 7.0-12-3", s)
	}
	parts := strings.Split(s, "-")
	if len(parts) != 3 {
		return bad()
	}
	w, err := ParseWriter(parts[0])
	seq, err2 := strconv.ParseUint(parts[1], 10, 64)
	index, err3 := strconv.ParseUint(parts[2], 10, 32)
	if err != nil || err2 != nil || err3 != nil {
		return bad()
	}
	return Dot{w, seq, uint32(index)}, nil
}
