package wire

import (
	"encoding/binary"
	"slices"

	"wangge/crdt"
)

const recordVersion = 1

// A record in a store has no limit but its frame; these only keep a damaged
// count from costing memory.
const (
	cellsMax   = 1 << 16
	entriesMax = 1 << 20
	cellMin    = 4 // bytes
)

// AppendRecord appends a merged record's canonical bytes: equal records have
// equal bytes. Cells that hold nothing any more are written too, because their
// merge type is part of the merged state.
func AppendRecord(b []byte, rec crdt.Record) []byte {
	b = appendBytes(append(b, recordVersion), rec.Kind)
	var few [32]crdt.FieldID // as many as nearly all have
	fields := few[:0]
	for id := range rec.Cells {
		fields = append(fields, id)
	}
	slices.Sort(fields)
	b = binary.AppendUvarint(b, uint64(len(fields)))
	for _, id := range fields {
		b = appendCell(binary.AppendUvarint(b, uint64(id)), rec.Cells[id])
	}
	return b
}

func appendCell(b []byte, c crdt.Cell) []byte {
	b = append(b, byte(c.Type))
	b = binary.AppendUvarint(b, uint64(len(c.Entries)))
	for _, e := range c.Entries {
		b = appendDot(b, e.Dot)
		b = binary.AppendUvarint(b, uint64(e.Stamp))
		b = appendBytes(b, e.Value)
	}
	return appendDots(b, c.Kills)
}

// DecodeRecord reads what AppendRecord wrote, all of it or nothing. Whatever it
// takes, AppendRecord writes back byte for byte. The record shares nothing with
// b. Its values are parts of one text: whoever keeps one for long keeps a copy of it. Every error is ErrFormat.
func DecodeRecord(b []byte) (crdt.Record, error) {
	r := &reader{b: b, whole: string(b)}
	r.check(r.byte("a record's version") == recordVersion, "a record's version")
	kind, n := r.kind(), r.count("a number of cells", cellsMax, cellMin)
	rec := crdt.Record{Kind: kind, Cells: make(map[crdt.FieldID]crdt.Cell, n)}
	single := make([]crdt.Entry, 0, n)
	last := -1
	for range n {
		id := crdt.FieldID(r.uint("a field", 1<<16-1))
		r.check(int(id) > last, "fields out of order")
		last = int(id)
		rec.Cells[id] = r.cell(&single)
	}
	if err := r.end(); err != nil {
		return crdt.Record{}, err
	}
	return rec, nil
}

// cell takes the room of an entry that stands alone, as nearly all do, from single while that has some.
func (r *reader) cell(single *[]crdt.Entry) crdt.Cell {
	c := crdt.Cell{Type: r.mergeType()}
	n := r.count("a number of entries", entriesMax, 7)
	if at := len(*single); n == 1 && at < cap(*single) {
		*single = (*single)[:at+1]
		c.Entries = (*single)[at : at : at+1]
	}
	for i := range n {
		e := crdt.Entry{Dot: r.dot(), Stamp: r.stamp(), Value: r.value()}
		r.check(e.Value != "", "an entry without a value")
		r.check(i == 0 || c.Entries[i-1].Dot.Compare(e.Dot) < 0, "entries out of order")
		if r.err != nil {
			return c
		}
		c.Entries = append(c.Entries, e)
	}
	c.Kills = r.dots(entriesMax)
	return c
}
