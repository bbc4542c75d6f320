package wire

import (
	"encoding/binary"
	"strings"
)

// Heard is an entry of the hub's log, never sent to a box: a replica has heard a device.
// Every replica says so then, whichever of them the device talks to.
type Heard struct {
	Device uint32
	Name   string // what people call the device
	At     int64  // milliseconds since 1970, by the clock of the replica that heard it
	Told   bool   // the device has said what time it is
	Skew   int64  // its clock less the replica's then, in milliseconds
	// Wants is how many batches the county lacked then of what the device has told that it
	// holds, if Greeted.
	Greeted bool
	Wants   uint64
}

// skewMost bounds what is said of a clock: 100 years.
const skewMost = 100 * 366 * 24 * 3600 * 1000

// wantsMost bounds what is said to be lacking: more batches than a county ever has.
const wantsMost = 1 << 40

func (m Heard) append(b []byte) []byte {
	b = binary.AppendUvarint(append(b, tagHeard), uint64(m.Device))
	b = appendBytes(b, strings.ToValidUTF8(m.Name[:min(len(m.Name), nameMax)], ""))
	b = binary.AppendUvarint(b, uint64(max(m.At, 0)))
	clock, wants := uint64(0), uint64(0)
	if m.Told {
		skew := min(max(m.Skew, -skewMost), skewMost)
		clock = 1 + (uint64(skew<<1) ^ uint64(skew>>63))
	}
	if m.Greeted {
		wants = 1 + min(m.Wants, wantsMost)
	}
	return binary.AppendUvarint(binary.AppendUvarint(b, clock), wants)
}

func (r *reader) heard() Heard {
	h := Heard{Device: uint32(r.uint("a device", 1<<32-1)), Name: r.text("a name", nameMax), At: int64(r.uint("a moment", 1<<62))}
	if n := r.uint("a clock", 1+2*skewMost); n > 0 {
		h.Told, h.Skew = true, int64((n-1)>>1)^-int64((n-1)&1)
	}
	if n := r.uint("a count of batches", 1+wantsMost); n > 0 {
		h.Greeted, h.Wants = true, n-1
	}
	return h
}
