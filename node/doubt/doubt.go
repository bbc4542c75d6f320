// Package doubt knows which records make figures doubtful, as records come and change.
package doubt

import (
	"cmp"
	"slices"
	"sync"

	"wangge/crdt"
	"wangge/schema"
)

// Ref says which record.
type Ref struct {
	Space crdt.Space
	ID    crdt.RecordID
}

func (r Ref) compare(o Ref) int { return cmp.Or(r.Space.Compare(o.Space), r.ID.Compare(o.ID)) }

// Doubts is what people have to settle. What is deleted counts no more, and is no doubt.
// It stands in memory alone, and grows with what is doubtful, not with what there is, but
// for the names by which likely duplicates are found.
type Doubts struct {
	kinds *schema.Registry

	mu        sync.Mutex // guards what follows
	conflicts marked     // several values stand for one field
	disputed  marked     // deleted by somebody who had not seen all of it
	unsound   marked     // an identity number fails its check
	named     map[crdt.RecordID]naming
	alike     likeness
}

// naming is which others a record names as the same.
type naming struct {
	ref    Ref
	kind   string
	others []crdt.RecordID
}

// New returns the doubts about no records.
func New(kinds *schema.Registry) *Doubts {
	d := &Doubts{kinds: kinds}
	d.Reset()
	return d
}

// Reset forgets all records.
func (d *Doubts) Reset() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.conflicts, d.disputed, d.unsound = marked{}, marked{}, marked{}
	d.named, d.alike = map[crdt.RecordID]naming{}, newLikeness()
}

// Change puts a record as it is now in place of what it was.
func (d *Doubts) Change(space crdt.Space, id crdt.RecordID, after crdt.Record) {
	d.mu.Lock()
	defer d.mu.Unlock()
	ref, fate := Ref{space, id}, after.Fate()
	lives := fate != crdt.Dead && after.Kind != ""
	d.conflicts.mark(ref, after.Kind, lives && len(after.Conflicts()) > 0)
	d.disputed.mark(ref, after.Kind, lives && fate == crdt.Disputed)
	kind, known := d.kinds.Kind(after.Kind)
	d.unsound.mark(ref, after.Kind, lives && known && unsound(kind, after))
	if others := after.Aliases(); lives && len(others) > 0 {
		d.named[id] = naming{ref, after.Kind, others}
	} else {
		delete(d.named, id)
	}
	switch {
	case lives && known && kind.Alike != nil:
		d.alike.put(ref, kind, after)
	default:
		d.alike.drop(ref)
	}
}

// unsound reports whether an identity number of a record fails its check (GB 11643): no form
// takes such a one, but another program may have written it. Of what is sealed nobody is told.
func unsound(k *schema.Kind, rec crdt.Record) bool {
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

// marked are records of which something is so, with their kinds.
type marked map[Ref]string

func (m marked) mark(ref Ref, kind string, so bool) {
	if so {
		m[ref] = kind
	} else {
		delete(m, ref)
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
	l := List{Count: len(m)}
	for ref, name := range m {
		kind, known := d.kinds.Kind(name)
		if !known || kind.Class == crdt.Confidential {
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

// Found is all that is doubtful.
type Found struct {
	Conflicts, Disputed, Unsound List
	// Twins name another record as the same, which does not name them.
	Twins List
	// Alike are likely duplicates, in order; More says that there are more than Alike holds.
	Alike []Pair
	More  bool
	// Crowded is how many groups were too large to be compared, as of a name that half a
	// village has.
	Crowded int
}

// Look returns it. Its cost follows what is doubtful; likely duplicates are worked out anew
// only where a record that may be one has changed since.
func (d *Doubts) Look() Found {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := Found{Conflicts: d.list(d.conflicts), Disputed: d.list(d.disputed), Unsound: d.list(d.unsound), Twins: d.list(d.twins())}
	pairs, more, crowded := d.alike.pairs()
	for _, p := range pairs {
		if !d.names(p.One.ID, p.Other.ID) && !d.names(p.Other.ID, p.One.ID) {
			f.Alike = append(f.Alike, p)
		}
	}
	f.More, f.Crowded = more, crowded
	return f
}

func (d *Doubts) names(one, other crdt.RecordID) bool {
	return slices.Contains(d.named[one].others, other)
}

// twins returns the records that name one as the same which does not name them.
func (d *Doubts) twins() marked {
	all := marked{}
	for id, n := range d.named {
		if slices.ContainsFunc(n.others, func(o crdt.RecordID) bool { return !d.names(o, id) }) {
			all[n.ref] = n.kind
		}
	}
	return all
}
