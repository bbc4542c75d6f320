package wire

import (
	"encoding/binary"
	"strings"
)

// Aside notes that a person has dealt with something that needed attention, and how.
// At the hub it is an entry of the log, so that every replica says the same; it is
// never sent to another machine.
type Aside struct {
	ID     string // of the trouble: 64 bytes at most
	By     string // who says so
	Reason string // what was done; none takes it back, and the trouble stands again
	At     int64  // milliseconds since 1970, by the clock of whoever notes it
	Zh, En string // what the trouble was, for it may have gone since
}

const (
	// AsideIDMax is the most bytes of a trouble's id.
	AsideIDMax = 64
	// AsideTextMax is the most bytes of a reason, and of what a trouble was.
	AsideTextMax = 1000
)

func (m Aside) append(b []byte) []byte {
	b = append(b, tagAside)
	b = appendCut(b, m.ID, AsideIDMax)
	b = appendCut(b, m.By, nameMax)
	b = appendCut(b, m.Reason, AsideTextMax)
	b = binary.AppendUvarint(b, uint64(max(m.At, 0)))
	return appendCut(appendCut(b, m.Zh, AsideTextMax), m.En, AsideTextMax)
}

// appendCut appends a text, cut between characters.
func appendCut(b []byte, text string, most int) []byte {
	return appendBytes(b, strings.ToValidUTF8(text[:min(len(text), most)], ""))
}

func (r *reader) aside() Aside {
	return Aside{
		ID: r.text("a trouble's id", AsideIDMax), By: r.text("a name", nameMax), Reason: r.text("a reason", AsideTextMax),
		At: int64(r.uint("a moment", 1<<62)), Zh: r.text("a trouble", AsideTextMax), En: r.text("a trouble", AsideTextMax),
	}
}
