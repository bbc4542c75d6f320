package wire

import (
	"encoding/binary"

	"wangge/crdt"
)

const recordVersion = 1

// A record in a store has no limit but its frame; these only keep a damaged
// count from costing memory.
const (
	cellsMax   = 1 << 16
	entriesMax = 1 << 20
)

// AppendRecord appends a merged record's canonical bytes: equal records have
// equal bytes. Cells that hold nothing any more are written too, because their
// merge type is part of the merged state.
func AppendRecord(b []byte, rec crdt.Record) []byte {
	b = appendBytes(append(b, recordVersion), rec.Kind)
	fields := rec.Fields()
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
// b. Every error is ErrFormat.
func DecodeRecord(b []byte) (crdt.Record, error) {
	r := &reader{b: b}
	r.check(r.byte("a record's version") == recordVersion, "a record's version")
	rec := crdt.Record{Kind: r.kind(), Cells: map[crdt.FieldID]crdt.Cell{}}
	last := -1
	for range r.count("a number of cells", cellsMax, 4) {
		id := crdt.FieldID(r.uint("a field", 1<<16-1))
		r.check(int(id) > last, "fields out of order")
		last = int(id)
		rec.Cells[id] = r.cell()
	}
	if err := r.end(); err != nil {
		return crdt.Record{}, err
	}
	return rec, nil
}

func (r *reader) cell() crdt.Cell {
	c := crdt.Cell{Type: r.mergeType()}
	for i := range r.count("a number of entries", entriesMax, 7) {
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
