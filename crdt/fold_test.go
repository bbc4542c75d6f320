package crdt_test

import (
	"cmp"
	"maps"
	"reflect"
	"slices"

	. "wangge/crdt"
)

// fold is the dumb twin of Apply: it looks at all ops at once, so no order of
// arrival can matter. A value is visible if no op on its field replaces it.
func (r *replica) fold() map[RecordID]Record {
	var all []added
	for writer, batches := range r.streams {
		for i, b := range batches {
			for j, op := range b.Ops {
				all = append(all, added{Dot{writer, uint64(i + 1), uint32(j)}, b.Stamp, op})
			}
		}
	}
	slices.SortFunc(all, func(a, b added) int { return a.dot.Compare(b.dot) })
	replaced := map[place][]Dot{}
	for _, a := range all {
		p := place{a.op.Record, a.op.Field}
		replaced[p] = append(replaced[p], a.op.Replaces...)
	}
	records := map[RecordID]Record{}
	for _, a := range all {
		records[a.op.Record] = foldOp(records[a.op.Record], a, replaced[place{a.op.Record, a.op.Field}])
	}
	for p, dots := range replaced {
		c := records[p.record].Cells[p.field]
		c.Kills = slices.DeleteFunc(dots, r.held.Has)
		slices.SortFunc(c.Kills, Dot.Compare)
		c.Kills = slices.Compact(c.Kills)
		records[p.record].Cells[p.field] = c
	}
	return records
}

func foldOp(rec Record, a added, replaced []Dot) Record {
	if rec.Cells == nil {
		rec = Record{a.op.Kind, map[FieldID]Cell{}}
	}
	if kinds := []string{rec.Kind, a.op.Kind}; !slices.Contains(kinds, "") {
		rec.Kind = slices.Min(kinds)
	} else {
		rec.Kind = cmp.Or(kinds...)
	}
	c := rec.Cells[a.op.Field]
	if types := []Type{c.Type, a.op.Type}; !slices.Contains(types, 0) {
		c.Type = slices.Min(types)
	} else {
		c.Type = cmp.Or(types...)
	}
	if a.op.Value != "" && !slices.Contains(replaced, a.dot) {
		c.Entries = append(c.Entries, Entry{a.dot, a.stamp, a.op.Value})
	}
	rec.Cells[a.op.Field] = c
	return rec
}

func equalRecords(a, b map[RecordID]Record) bool { return maps.EqualFunc(a, b, equalRecord) }

func equalRecord(a, b Record) bool {
	return a.Kind == b.Kind && maps.EqualFunc(a.Cells, b.Cells, equalCell)
}

// equalCell compares deeply, but for nil and empty lists, which mean the same.
func equalCell(a, b Cell) bool {
	return a.Type == b.Type && slices.Equal(a.Entries, b.Entries) && slices.Equal(a.Kills, b.Kills)
}

func visible(records map[RecordID]Record) map[RecordID]Record {
	seen := map[RecordID]Record{}
	for id, rec := range records {
		seen[id] = rec.Visible()
	}
	return seen
}

func (k keptCell) unchanged() bool {
	return k.cell.Type == k.copy.Type && reflect.DeepEqual(k.cell.Entries, k.copy.Entries) &&
		reflect.DeepEqual(k.cell.Kills, k.copy.Kills)
}
