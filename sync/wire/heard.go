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
}

// skewMost bounds what is said of a clock: 100 years.
const skewMost = 100 * 366 * 24 * 3600 * 1000

func (m Heard) append(b []byte) []byte {
	b = binary.AppendUvarint(append(b, tagHeard), uint64(m.Device))
	b = appendBytes(b, strings.ToValidUTF8(m.Name[:min(len(m.Name), nameMax)], ""))
	b = binary.AppendUvarint(b, uint64(max(m.At, 0)))
	if !m.Told {
		return append(b, 0)
	}
	skew := min(max(m.Skew, -skewMost), skewMost)
	return binary.AppendUvarint(b, 1+(uint64(skew<<1)^uint64(skew>>63)))
}

func (r *reader) heard() Heard {
	h := Heard{Device: uint32(r.uint("a device", 1<<32-1)), Name: r.text("a name", nameMax), At: int64(r.uint("a moment", 1<<62))}
	if n := r.uint("a clock", 1+2*skewMost); n > 0 {
		h.Told, h.Skew = true, int64((n-1)>>1)^-int64((n-1)&1)
	}
	return h
}
