package wire

import (
	"encoding/binary"
	"strings"
)

// Complete is an entry of the hub's log, never sent to a box: at a moment, the
// county had committed everything that a device held and was to hand in. From
// such entries a report says how complete it is.
type Complete struct {
	Device uint32
	Name   string // what people call the device
	At     int64  // milliseconds since 1970, by the clock of the replica that saw it
}

// nameMax is the most bytes of a device's name that an entry carries.
const nameMax = 200

func (m Complete) append(b []byte) []byte {
	b = binary.AppendUvarint(append(b, tagComplete), uint64(m.Device))
	b = appendBytes(b, strings.ToValidUTF8(m.Name[:min(len(m.Name), nameMax)], ""))
	return binary.AppendUvarint(b, uint64(max(m.At, 0)))
}

func (r *reader) complete() Complete {
	return Complete{
		Device: uint32(r.uint("a device", 1<<32-1)),
		Name:   r.text("a name", nameMax),
		At:     int64(r.uint("a moment", 1<<62)),
	}
}
