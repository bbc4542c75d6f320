package crdt

import (
	"cmp"
	"slices"
)

// A log is only ever added to: what was noted stays noted, twice if it was said
// twice. Its ops replace nothing. One that names a log's dots as replaced is a
// faulty writer's; it falls under the one rule like any other, alike everywhere:
// those entries leave the screen, and stay in the streams for who asks why.

// Append returns the op that adds v to a log.
func (r Record) Append(id RecordID, kind string, field FieldID, v Value) Op {
	return Op{id, kind, field, Log, v, nil}
}

// Log returns a log's entries, the earliest stamp first, and among equal stamps
// the lowest dot.
func (c Cell) Log() []Entry {
	return slices.SortedFunc(slices.Values(c.Entries), func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Stamp, b.Stamp), a.Dot.Compare(b.Dot))
	})
}
