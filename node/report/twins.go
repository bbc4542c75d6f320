package report

import (
	"maps"
	"slices"

	"wangge/crdt"
)

// twins is the records that name others as the same one. They are few, and what
// they make together is found out when a figure is asked for.
type twins struct {
	records map[crdt.RecordID]crdt.Record
	same    crdt.Same
	stale   bool // records changed since same was found out
}

// change takes note of a record as it is now.
func (t *twins) change(id crdt.RecordID, after crdt.Record) {
	_, was := t.records[id]
	if names := len(after.Aliases()) > 0; names {
		t.records[id] = after
		t.stale = true
	} else if was {
		delete(t.records, id)
		t.stale = true
	}
}

// settle finds out which records are one, if that may have changed.
func (f *Figures) settle() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.twins.stale {
		return
	}
	names := map[crdt.RecordID][]crdt.RecordID{}
	for id, rec := range f.twins.records {
		names[id] = rec.Aliases()
	}
	f.twins.same, f.twins.stale = crdt.Resolve(names), false
}

// first returns the member under which a reference is counted.
func (t *twins) first(member crdt.Value) crdt.Value {
	if id, ok := member.Ref(); ok {
		return crdt.Ref(t.same.Of(id))
	}
	return member
}

// twice is what would be counted twice in a cell.
type twice struct{ records, sum, filled int64 }

// twice returns, by the keys of a cube's cells, what the records there add that are
// one with a record which is counted already: the one with the smallest id, in its
// own cell.
func (t *twins) twice(c *cube) map[string]twice {
	all, counted := map[string]twice{}, map[crdt.RecordID]bool{}
	for _, id := range slices.SortedFunc(maps.Keys(t.same), crdt.RecordID.Compare) {
		rec := t.records[id]
		if !c.takes(rec) {
			continue
		}
		first := t.same.Of(id)
		if !counted[first] {
			counted[first] = true
			continue
		}
		at := joined(c.keys(rec))
		more := all[at]
		more.records++
		if value, ok := c.addend(rec); ok {
			more.sum += value
			more.filled++
		}
		all[at] = more
	}
	return all
}
