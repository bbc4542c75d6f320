package wire

import (
	"encoding/binary"
	"strings"
)

// Quarantine notes that of a stream which a device offered a part was not taken,
// and why, so that a person can be told. At the hub it is an entry of the log and
// never sent to a box; it stands until the stream is taken that far.
type Quarantine struct {
	Device uint32 // who offered it; of what this node offered, who refused it
	Name   string // what people call the device
	At     int64  // milliseconds since 1970, by the clock of whoever notes it
	Refusal
}

func (m Quarantine) append(b []byte) []byte {
	b = binary.AppendUvarint(append(b, tagQuarantine), uint64(m.Device))
	b = appendBytes(b, strings.ToValidUTF8(m.Name[:min(len(m.Name), nameMax)], ""))
	b = binary.AppendUvarint(b, uint64(max(m.At, 0)))
	return m.Refusal.body(b)
}

func (r *reader) quarantine() Quarantine {
	return Quarantine{
		Device:  uint32(r.uint("a device", 1<<32-1)),
		Name:    r.text("a name", nameMax),
		At:      int64(r.uint("a moment", 1<<62)),
		Refusal: r.refusal(),
	}
}
