package doubt

import (
	"slices"

	"wangge/crdt"
	"wangge/schema"
)

// sort is why a record is doubtful.
type sort int

const (
	conflict sort = iota // several values stand for one field
	disputed             // deleted by somebody who had not seen all of it
	unsound              // an identity number fails its check
	strayed              // kept elsewhere than its area says
	sorts
)

// judge says how a record is doubtful. What is deleted counts no more, and is no doubt.
func (d *Doubts) judge(space crdt.Space, rec crdt.Record) (so [sorts]bool) {
	fate := rec.Fate()
	if fate == crdt.Dead || rec.Kind == "" {
		return so
	}
	so[conflict], so[disputed] = len(rec.Conflicts()) > 0, fate == crdt.Disputed
	if k, known := d.kinds.Kind(rec.Kind); known {
		so[unsound], so[strayed] = ailing(k, rec), astray(k, space, rec)
	}
	return so
}

// ailing reports whether an identity number of a record fails its check (GB 11643): no form
// takes such a one, but another program may have written it. Of what is sealed nobody is told.
func ailing(k *schema.Kind, rec crdt.Record) bool {
	for i := range k.Fields {
		f := &k.Fields[i]
		if f.Type != schema.TypeResidentID || f.Sealed || f.Calculated() {
			continue
		}
		if number, ok := f.Winner(rec.Cells[f.ID]).Text(); ok && number != "" {
			if _, complaint := schema.ParseResident(number); !complaint.Empty() {
				return true
			}
		}
	}
	return false
}

// keptMax is of how many records that are doubtful in one way it is known which they are. Of
// others, whoever wrote a million of them, their number is.
const keptMax = 10_000

// marked are records of which something is so, with their kinds, and how many more are.
type marked struct {
	kinds map[Ref]string
	more  int
}

// mark takes note of a record of which something was so before it changed, and is so now.
func (m *marked) mark(ref Ref, kind string, was, is bool) {
	_, kept := m.kinds[ref]
	switch {
	case is && (kept || len(m.kinds) < keptMax):
		if m.kinds == nil {
			m.kinds = map[Ref]string{}
		}
		if m.kinds[ref] = kind; was && !kept {
			m.more--
		}
	case is && !was:
		m.more++
	case kept:
		delete(m.kinds, ref)
	case was && !is:
		m.more--
	}
}

// List is how many records are so, and the first of them that a list may show.
type List struct {
	Count int
	First []Ref
}

// listMax is how many records of each doubt are listed.
const listMax = 50

// list makes a list; of confidential records, and of kinds that are not known here, it
// tells the number alone.
func (d *Doubts) list(m marked) List {
	l := List{Count: len(m.kinds) + m.more}
	for ref, kind := range m.kinds {
		if !d.listed(kind) {
			continue
		}
		i, _ := slices.BinarySearchFunc(l.First, ref, Ref.compare)
		if i == listMax {
			continue
		}
		l.First = slices.Insert(l.First[:min(len(l.First), listMax-1)], i, ref)
	}
	return l
}

// listed reports whether records of a kind may stand in a list.
func (d *Doubts) listed(kind string) bool {
	k, known := d.kinds.Kind(kind)
	return known && k.Class != crdt.Confidential
}
