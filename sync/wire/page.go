package wire

import (
	"encoding/binary"
	"maps"
	"slices"

	"wangge/crdt"
)

// Merged is one record of a checkpoint's page.
type Merged struct {
	ID     crdt.RecordID
	Record crdt.Record
}

// Content is what a page of a checkpoint holds: credentials of writers whose
// streams go on, and records in order of their ids.
type Content struct {
	Credentials [][]byte
	Records     []Merged
}

// sheaf is what is left of one batch in a page's records: the visible ops with
// their places in the batch. A bare sheaf, of batch 0, tells what has no dot: of
// cells without entries their merge type, and kills.
type sheaf struct {
	writer crdt.Writer
	seq    uint64
	places []uint32
	batch  crdt.Batch
}

const (
	pageVersion = 1
	pagePlain   = 0
	pagePacked  = 1
	sheafMin    = 4 + batchMin
	// sheafSize is how many bytes the ops of a sheaf may take: merging can make them
	// longer than their batch was.
	sheafSize = BatchMax - 8<<10
)

// AppendPage appends a page's bytes: packed where that gains.
func AppendPage(b []byte, c Content) []byte {
	sheaves := sheavesOf(c.Records)
	plain := appendSheaves(nil, c.Credentials, sheaves)
	b = append(b, pageVersion)
	if len(plain) <= MessageMax {
		head := binary.AppendUvarint([]byte{pagePacked}, uint64(len(plain)))
		p := newPacker(newWriter(head), len(plain), Shared{})
		p.page(c.Credentials, sheaves)
		packed := p.end()
		if p.err == nil && len(packed) < len(plain) && (len(packed)-len(head))*packRatioMax >= len(plain) {
			return append(b, packed...)
		}
	}
	return append(append(b, pagePlain), plain...)
}

// DecodePage reads what AppendPage wrote, all of it or nothing. Every error is
// ErrFormat.
func DecodePage(b []byte) (Content, error) {
	r := &reader{b: b}
	r.check(len(b) <= FrameMax, "a page's size")
	r.check(r.byte("a page's version") == pageVersion, "a page's version")
	var c Content
	var sheaves []sheaf
	switch r.byte("a page's form") {
	case pagePlain:
		c.Credentials, sheaves = r.sheaves()
	case pagePacked:
		c.Credentials, sheaves = r.unpackPage()
	default:
		r.fail("a page's form")
	}
	if err := r.end(); err != nil {
		return Content{}, err
	}
	c.Records = r.gather(sheaves)
	return c, r.err
}

// binder takes records apart into what is left of each batch.
type binder struct {
	at   map[sheafName]int // the sheaf that is being filled
	all  []sheaf
	size []int // of each, in bytes at most
}

type sheafName struct {
	writer crdt.Writer
	seq    uint64
	stamp  crdt.Stamp
}

// sheavesOf returns the sheaves of records in order of writers and batches, as
// the packer likes them.
func sheavesOf(records []Merged) []sheaf {
	b := binder{at: map[sheafName]int{}}
	for _, m := range records {
		for _, field := range m.Record.Fields() {
			cell := m.Record.Cells[field]
			op := crdt.Op{Record: m.ID, Kind: m.Record.Kind, Field: field, Type: cell.Type}
			for _, e := range cell.Entries {
				op.Value = e.Value
				b.bind(sheafName{e.Dot.Writer, e.Dot.Seq, e.Stamp}, op, e.Dot.Index)
			}
			op.Value = ""
			b.bindBare(op, cell)
		}
	}
	slices.SortStableFunc(b.all, func(x, y sheaf) int {
		return crdt.Dot{Writer: x.writer, Seq: x.seq}.Compare(crdt.Dot{Writer: y.writer, Seq: y.seq})
	})
	return b.all
}

// bind puts an op into the sheaf of its batch, or into another of the same batch
// when that one is full. Only what has a dot has places.
func (b *binder) bind(n sheafName, op crdt.Op, places ...uint32) {
	const fixed, dot = 32, 22
	size := fixed + len(op.Kind) + len(op.Value) + dot*len(op.Replaces)
	i, ok := b.at[n]
	if !ok || b.size[i]+size > sheafSize || len(b.all[i].batch.Ops) == OpsMax {
		i = len(b.all)
		b.at[n] = i
		b.all = append(b.all, sheaf{writer: n.writer, seq: n.seq, batch: crdt.Batch{Stamp: n.stamp}})
		b.size = append(b.size, 0)
	}
	b.size[i] += size
	b.all[i].places = append(b.all[i].places, places...)
	b.all[i].batch.Ops = append(b.all[i].batch.Ops, op)
}

// bindBare keeps what a cell has beside its entries.
func (b *binder) bindBare(op crdt.Op, cell crdt.Cell) {
	kills := cell.Kills
	if len(cell.Entries) > 0 && len(kills) == 0 {
		return
	}
	for more := true; more; more = len(kills) > 0 {
		n := min(len(kills), crdt.ReplacesMax)
		op.Replaces, kills = kills[:n], kills[n:]
		b.bind(sheafName{}, op)
	}
}

// gather puts records together again, in order of their ids.
func (r *reader) gather(sheaves []sheaf) []Merged {
	records := map[crdt.RecordID]crdt.Record{}
	for _, s := range sheaves {
		for i, op := range s.batch.Ops {
			rec, ok := records[op.Record]
			if !ok {
				rec = crdt.Record{Kind: op.Kind, Cells: map[crdt.FieldID]crdt.Cell{}}
				records[op.Record] = rec
			}
			r.check(rec.Kind == op.Kind, "a record of two kinds")
			rec.Cells[op.Field] = r.unbind(rec.Cells[op.Field], s, i)
		}
	}
	ids := slices.SortedFunc(maps.Keys(records), func(a, b crdt.RecordID) int { return slices.Compare(a[:], b[:]) })
	merged := make([]Merged, len(ids))
	for i, id := range ids {
		r.inOrder(records[id])
		merged[i] = Merged{id, records[id]}
	}
	return merged
}

// unbind gives a cell back what a sheaf tells of it.
func (r *reader) unbind(cell crdt.Cell, s sheaf, i int) crdt.Cell {
	op := s.batch.Ops[i]
	cell.Type = op.Type
	if s.seq == 0 {
		r.check(op.Value == "", "a value without a dot")
		cell.Kills = append(cell.Kills, op.Replaces...)
		return cell
	}
	r.check(op.Value != "" && len(op.Replaces) == 0, "an entry without a value")
	dot := crdt.Dot{Writer: s.writer, Seq: s.seq, Index: s.places[i]}
	cell.Entries = append(cell.Entries, crdt.Entry{Dot: dot, Stamp: s.batch.Stamp, Value: op.Value})
	return cell
}

// inOrder puts a record's entries in order, of which none may be there twice.
func (r *reader) inOrder(rec crdt.Record) {
	for id, cell := range rec.Cells {
		slices.SortFunc(cell.Entries, func(a, b crdt.Entry) int { return a.Dot.Compare(b.Dot) })
		for i := range cell.Entries[:max(len(cell.Entries), 1)-1] {
			r.check(cell.Entries[i].Dot != cell.Entries[i+1].Dot, "a dot twice")
		}
		slices.SortFunc(cell.Kills, crdt.Dot.Compare)
		cell.Kills = slices.Compact(cell.Kills)
		rec.Cells[id] = cell
	}
}
