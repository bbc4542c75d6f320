package sim

import (
	"slices"

	"wangge/crdt"
	"wangge/node"
	"wangge/node/policy"
	"wangge/node/store"
	"wangge/sync/wire"
)

// credulous takes all that it holds for held by a peer that greets.
type credulous struct{ node.Log }

func (l credulous) Met(hello wire.Hello, about func(crdt.Space) bool, proves wire.Level) {
	l.Log.Met(hello, about, proves)
	var marks []wire.Mark
	for s, f := range l.Frontiers(about) {
		for w, seq := range f {
			marks = append(marks, wire.Mark{Space: s, Writer: w, Seq: seq, Level: wire.AtBox})
		}
	}
	l.Reached(marks)
}

func everyOther() func(store.Event) bool {
	n := 0
	return func(store.Event) bool { n++; return n%2 == 0 }
}

func entitled(d policy.Device) policy.Device {
	d.Holds = []policy.Pattern{"*"}
	return d
}

// babbling says every chunk many times, as one that waits for no answer.
func babbling(out []wire.Message) []wire.Message {
	for _, m := range slices.Clone(out) {
		if _, ok := m.(wire.Chunk); ok {
			out = append(out, slices.Repeat([]wire.Message{m}, 2000)...)
		}
	}
	return out
}

// stammering says what it has to give four times.
func stammering(out []wire.Message) []wire.Message {
	for _, m := range slices.Clone(out) {
		if _, ok := m.(wire.Chunk); ok {
			out = append(out, m, m, m)
		}
	}
	return out
}

// deaf has the third replica take every tenth entry for its first.
func deaf() func(*Machine, []byte) []byte {
	n, first := 0, []byte(nil)
	return func(m *Machine, entry []byte) []byte {
		if m.name != "hub3" {
			return entry
		}
		if first == nil {
			first = entry
		}
		if n++; n%10 == 0 {
			return first
		}
		return entry
	}
}

func hiding(rec crdt.Record) crdt.Record {
	rec = rec.Clone()
	delete(rec.Cells, tagsField)
	return rec
}

func changing(rec crdt.Record) crdt.Record {
	rec = rec.Clone()
	if cell, ok := rec.Cells[statusField]; ok && len(cell.Entries) > 0 {
		cell.Entries = slices.Clone(cell.Entries)
		cell.Entries[0].Value = crdt.Text("改了")
		rec.Cells[statusField] = cell
	}
	return rec
}

// generous has somebody who does not exist hand a writer a thousand points.
func generous(rec crdt.Record, id crdt.RecordID, w crdt.Writer) crdt.Record {
	rec = rec.Clone()
	nobody := w ^ 1
	earned, err := rec.Earn(id, pointsKind, balanceField, nobody, 1000)
	if err != nil {
		return rec
	}
	rec.Apply(crdt.Dot{Writer: nobody, Seq: 1}, 1, earned, nil)
	if handed, err := rec.HandOn(id, pointsKind, balanceField, nobody, w, 1000); err == nil {
		rec.Apply(crdt.Dot{Writer: nobody, Seq: 2}, 1, handed, nil)
	}
	return rec
}
