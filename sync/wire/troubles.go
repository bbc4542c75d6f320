package wire

import (
	"encoding/binary"

	"wangge/crdt"
)

const (
	troublesMax       = 16 // that a replica tells of at a time
	troubleRecordsMax = 20 // that one of them names
)

// Troubles is an entry of the hub's log, never sent to a box: what needs attention at one
// replica and only that replica can know, such as a photo that its disk did not take. Every
// replica tells of it then.
type Troubles struct {
	Device uint32    // the replica
	At     int64     // milliseconds since 1970, by its clock
	All    []Trouble // all that stand, the first 16; none takes back what stood
}

// Trouble is one thing that needs attention.
type Trouble struct {
	ID      string // as in Aside; "" if it cannot be put aside
	Sort    string // what it is about, in one word
	Grave   bool
	At      int64 // when it was noted first, in milliseconds since 1970; 0 if that is not known
	What    Words
	Do      Words
	Detail  string          // in the machine's words
	Records []TroubleRecord // that it is about, the first 20
}

// Words say something to people in both languages, each 1,000 bytes at most.
type Words struct{ Zh, En string }

// TroubleRecord names a record.
type TroubleRecord struct {
	Space crdt.Space
	ID    crdt.RecordID
}

func (m Troubles) append(b []byte) []byte {
	b = binary.AppendUvarint(append(b, tagTroubles), uint64(m.Device))
	b = binary.AppendUvarint(b, uint64(max(m.At, 0)))
	all := m.All[:min(len(m.All), troublesMax)]
	b = binary.AppendUvarint(b, uint64(len(all)))
	for _, t := range all {
		b = t.append(b)
	}
	return b
}

func (t Trouble) append(b []byte) []byte {
	b = appendCut(appendCut(b, t.ID, AsideIDMax), t.Sort, AsideIDMax)
	grave := byte(0)
	if t.Grave {
		grave = 1
	}
	b = binary.AppendUvarint(append(b, grave), uint64(max(t.At, 0)))
	for _, text := range []string{t.What.Zh, t.What.En, t.Do.Zh, t.Do.En, t.Detail} {
		b = appendCut(b, text, AsideTextMax)
	}
	records := t.Records[:min(len(t.Records), troubleRecordsMax)]
	b = binary.AppendUvarint(b, uint64(len(records)))
	for _, r := range records {
		b = append(appendSpace(b, r.Space), r.ID[:]...)
	}
	return b
}

func (r *reader) troubles() Troubles {
	m := Troubles{Device: uint32(r.uint("a device", 1<<32-1)), At: int64(r.uint("a moment", 1<<62))}
	for range r.count("troubles", troublesMax, 10) {
		m.All = append(m.All, r.trouble())
	}
	return m
}

func (r *reader) trouble() Trouble {
	t := Trouble{ID: r.text("a trouble's id", AsideIDMax), Sort: r.text("a trouble's sort", AsideIDMax)}
	grave := r.byte("a trouble's weight")
	r.check(grave <= 1, "a trouble's weight")
	t.Grave, t.At = grave == 1, int64(r.uint("a moment", 1<<62))
	t.What, t.Do = r.words(), r.words()
	t.Detail = r.text("a trouble's detail", AsideTextMax)
	for range r.count("a trouble's records", troubleRecordsMax, 18) {
		record := TroubleRecord{Space: r.space()}
		copy(record.ID[:], r.bytes("a record's id", len(record.ID)))
		t.Records = append(t.Records, record)
	}
	return t
}

func (r *reader) words() Words {
	return Words{Zh: r.text("a trouble's words", AsideTextMax), En: r.text("a trouble's words", AsideTextMax)}
}
