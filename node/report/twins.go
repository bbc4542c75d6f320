package report

import (
	"maps"

	"github.com/RoaringBitmap/roaring/v2"

	"wangge/crdt"
)

// twins is the records that name others as the same one. They are few, and what they
// make together is found out when a figure is asked for.
type twins struct {
	names map[crdt.RecordID][]crdt.RecordID
	same  crdt.Same
	// apart are, of each kind's column of members, those that are one with others.
	apart map[*members]*alias
}

func newTwins() twins {
	return twins{names: map[crdt.RecordID][]crdt.RecordID{}, apart: map[*members]*alias{}}
}

// change takes note of a record as it is now, and reports whether it is, or was, one
// that may be another.
func (t *twins) change(id crdt.RecordID, after crdt.Record) bool {
	_, was := t.names[id]
	_, one := t.same[id]
	if names := after.Aliases(); len(names) > 0 {
		t.names[id] = names
		return true
	}
	delete(t.names, id)
	return was || one
}

// groups returns the records that are one, under the smallest of them.
func (t *twins) groups() map[crdt.RecordID][]crdt.RecordID {
	groups := map[crdt.RecordID][]crdt.RecordID{}
	for id := range maps.Keys(t.same) {
		first := t.same.Of(id)
		groups[first] = append(groups[first], id)
	}
	return groups
}

// settle finds out which records are one, if that may have changed, and lets each
// report count only the first of those that it would count.
func (f *Figures) settle() {
	if !f.stale {
		return
	}
	f.stale = false
	f.twins.same = crdt.Resolve(f.twins.names)
	groups := f.twins.groups()
	clear(f.twins.apart)
	for _, fs := range f.facts {
		for _, t := range fs.tallies {
			t.unhide()
			for _, group := range groups {
				t.hide(fs.ordered(group))
			}
		}
		for _, m := range fs.members {
			f.twins.apart[m] = newAlias(m, f.twins.same)
		}
	}
}

func (t *tally) unhide() {
	hidden := t.hidden
	t.hidden = nil
	for row := range hidden.all {
		t.retake(row)
	}
}

// hide stops counting all but the first of the rows that are one and would count.
func (t *tally) hide(rows []int32) {
	found := false
	for _, row := range rows {
		if !t.taken.has(int(row)) {
			continue
		}
		if found {
			t.hidden.put(int(row), true)
			t.retake(int(row))
		}
		found = true
	}
}

// alias is the members of a column that are one with other members.
type alias struct {
	all   *roaring.Bitmap
	is    rowSet // the same members, quicker to ask about one
	first map[uint32]crdt.RecordID
}

func newAlias(m *members, same crdt.Same) *alias {
	a := &alias{all: roaring.New(), first: map[uint32]crdt.RecordID{}}
	for id, first := range same {
		if member, ok := m.at[crdt.Ref(id)]; ok {
			a.all.Add(uint32(member))
			a.is.put(int(member), true)
			a.first[uint32(member)] = first
		}
	}
	return a
}

// distinct returns how many different ones the members are.
func (a *alias) distinct(set *roaring.Bitmap) int64 {
	n := int64(set.GetCardinality())
	if a == nil || a.all.IsEmpty() {
		return n
	}
	return n - a.again(roaring.And(set, a.all))
}

// again returns how many of some members, each of which is one with others, are one with
// another of these.
func (a *alias) again(members *roaring.Bitmap) (n int64) {
	if members.IsEmpty() {
		return 0
	}
	seen := map[crdt.RecordID]bool{}
	for it := members.Iterator(); it.HasNext(); {
		first := a.first[it.Next()]
		if seen[first] {
			n++
		}
		seen[first] = true
	}
	return n
}

// those adds to a set those of some members that are one with others.
func (a *alias) those(members []uint32, to *roaring.Bitmap) {
	if a == nil || len(a.is) == 0 {
		return
	}
	for _, member := range members {
		if a.is.has(int(member)) {
			to.Add(member)
		}
	}
}

// distinct returns how many different ones the members of some sets and of a list are.
func (m *members) distinct(sets []*roaring.Bitmap, list []uint32, apart *alias) int64 {
	m.marks.begin(len(m.values))
	others := roaring.New()
	apart.those(list, others)
	n := m.marks.note(list)
	for _, set := range sets {
		list = m.marks.read(set)
		apart.those(list, others)
		n += m.marks.note(list)
	}
	return n - apart.again(others)
}
