package crdt

import (
	"maps"
	"slices"
)

// Alias is the field that names the records which are the same one as this: a
// set of references. Two records are one while each names the other. So nobody
// can merge a record away who may not write it, either's page shows the other
// without searching, and taking it back on one side is enough.
const Alias FieldID = 1<<16 - 1

// SameAs returns the op that says of a record that another is the same. The other
// one needs its own.
func (r Record) SameAs(id, other RecordID) Op {
	return r.AddElement(id, r.Kind, Alias, Ref(other))
}

// NotSameAs returns the op that takes SameAs back.
func (r Record) NotSameAs(id, other RecordID) Op {
	return r.RemoveElement(id, r.Kind, Alias, Ref(other))
}

// Aliases returns the records that this one names as the same, in order. It is
// for the caller to ask whether they name this one too.
func (r Record) Aliases() []RecordID {
	var ids []RecordID
	for _, v := range r.Cells[Alias].Values() {
		if id, ok := v.Ref(); ok {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, RecordID.Compare)
	return ids
}

// Same says which records are one: of each record that is one with another, the
// smallest id among all of these.
type Same map[RecordID]RecordID

// Resolve finds out which records are one, from what each names as the same.
// Records are one too when others link them in a chain or a circle.
func Resolve(names map[RecordID][]RecordID) Same {
	s := Same{}
	for id, others := range names {
		for _, other := range others {
			if id != other && slices.Contains(names[other], id) {
				s.join(id, other)
			}
		}
	}
	for id := range maps.Clone(s) {
		s[id] = s.root(id)
	}
	return s
}

// Of returns the id under which a record is counted: the smallest of those that
// are one with it, or its own.
func (s Same) Of(id RecordID) RecordID {
	if first, ok := s[id]; ok {
		return first
	}
	return id
}

// join makes one of the groups of two records; the smaller root stays root.
func (s Same) join(a, b RecordID) {
	a, b = s.root(a), s.root(b)
	if a.Compare(b) > 0 {
		a, b = b, a
	}
	s[a], s[b] = a, a
}

// root follows a record to the smallest id known of its group, and shortens the
// way for whoever asks next.
func (s Same) root(id RecordID) RecordID {
	for up := s.Of(id); up != id; up = s.Of(id) {
		s[id] = s.Of(up)
		id = up
	}
	return id
}
