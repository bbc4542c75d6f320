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

// AppendRecord appends a merged record's canonical bytes: replicas that hold
// the same batches of a space have the same bytes here. Cells that hold nothing
// are left out.
func AppendRecord(b []byte, rec crdt.Record) []byte {
	b = appendBytes(append(b, recordVersion), rec.Kind)
	fields := rec.Fields()
	b = binary.AppendUvarint(b, uint64(len(fields)))
	for _, id := range fields {
		c := rec.Cells[id]
		b = binary.AppendUvarint(b, uint64(id))
		b = append(b, byte(c.Type))
		b = binary.AppendUvarint(b, uint64(len(c.Entries)))
		for _, e := range c.Entries {
			b = appendDot(b, e.Dot)
			b = binary.AppendUvarint(b, uint64(e.Stamp))
			b = appendBytes(b, e.Value)
		}
		b = binary.AppendUvarint(b, uint64(len(c.Kills)))
		for _, d := range c.Kills {
			b = appendDot(b, d)
		}
	}
	return b
}

// DecodeRecord reads what AppendRecord wrote, all of it or nothing.
func DecodeRecord(b []byte) (crdt.Record, error) {
	r := &reader{b: b}
	if v := r.byte("a record's version"); r.err == nil && v != recordVersion {
		r.fail("a record's version")
	}
	rec := crdt.Record{Kind: string(r.sized("a kind", kindMax)), Cells: map[crdt.FieldID]crdt.Cell{}}
	n := r.count("a number of cells", cellsMax, 4)
	last := -1
	for range n {
		id := crdt.FieldID(r.uint("a field", 1<<16-1))
		if int(id) <= last {
			r.fail("fields out of order")
		}
		last = int(id)
		rec.Cells[id] = r.cell()
	}
	return rec, r.end()
}

func (r *reader) cell() crdt.Cell {
	c := crdt.Cell{Type: crdt.Type(r.byte("a merge type"))}
	n := r.count("a number of entries", entriesMax, 6)
	for i := range n {
		e := crdt.Entry{Dot: r.dot(), Stamp: crdt.Stamp(r.uint("a stamp", 1<<64-1)), Value: r.value()}
		if i > 0 && c.Entries[i-1].Dot.Compare(e.Dot) >= 0 {
			r.fail("entries out of order")
		}
		if r.err != nil {
			return c
		}
		c.Entries = append(c.Entries, e)
	}
	c.Kills = r.dots(entriesMax)
	return c
}
