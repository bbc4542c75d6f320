package wire

import "encoding/binary"

const rumourVersion = 1

// RumourMax is the most bytes that a rumour takes; it travels in one datagram
// beside others.
const RumourMax = 400

// Rumour says that a device has new heads. It is a hint to ask that device, and
// carries no batch.
type Rumour struct {
	Device uint32
	Heads  []Mark // some of them; levels say nothing here
}

// AppendRumour appends a rumour, with as many of its heads as RumourMax allows:
// whoever lacks one asks for all.
func AppendRumour(b []byte, r Rumour) []byte {
	start := len(b)
	b = binary.AppendUvarint(append(b, rumourVersion), uint64(r.Device))
	for _, m := range r.Heads {
		more := appendMark(b, m)
		if len(more)-start > RumourMax {
			break
		}
		b = more
	}
	return b
}

// DecodeRumour reads what AppendRumour wrote, all of it or nothing. Every error
// is ErrFormat.
func DecodeRumour(b []byte) (Rumour, error) {
	r := &reader{b: b}
	r.check(len(b) <= RumourMax, "a rumour's size")
	r.check(r.byte("a rumour's version") == rumourVersion, "a rumour's version")
	m := Rumour{Device: uint32(r.uint("a device", 1<<32-1))}
	for len(r.b) > 0 {
		m.Heads = append(m.Heads, r.mark())
	}
	if err := r.end(); err != nil {
		return Rumour{}, err
	}
	return m, nil
}
