// Package doubt knows which records make figures doubtful, as records come and change.
package doubt

import (
	"cmp"
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

// Doubts is what people have to settle. It stands in memory alone, and grows with what is
// doubtful up to a bound, not with what there is, but for the names by which likely duplicates
// are found, and for what is said to be the same.
type Doubts struct {
	kinds *schema.Registry
	held  func(crdt.Space, crdt.Writer) uint64

	mu    sync.Mutex // guards what follows
	marks [sorts]marked
	same  same
	early early
	alike likeness
}

// New returns the doubts about no records. Held says up to where this replica holds a writer's
// stream in a space.
func New(kinds *schema.Registry, held func(crdt.Space, crdt.Writer) uint64) *Doubts {
	d := &Doubts{kinds: kinds, held: held}
	d.Reset()
	return d
}

// Reset forgets all records.
func (d *Doubts) Reset() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.marks, d.alike = [sorts]marked{}, newLikeness()
	d.same, d.early = same{named: map[crdt.RecordID]naming{}, changed: true}, early{records: map[Ref]earlier{}}
}

// Change puts a record as it is now in place of what it was when it was told of last, which is
// none where it was not.
func (d *Doubts) Change(space crdt.Space, id crdt.RecordID, before, after crdt.Record) {
	d.mu.Lock()
	defer d.mu.Unlock()
	ref, was, is := Ref{space, id}, d.judge(space, before), d.judge(space, after)
	for i := range d.marks {
		if was[i] || is[i] {
			d.marks[i].mark(ref, after.Kind, was[i], is[i])
		}
	}
	lives := after.Fate() != crdt.Dead && after.Kind != ""
	d.same.put(ref, after, lives)
	d.early.put(ref, after, d.held)
	if kind, known := d.kinds.Kind(after.Kind); lives && known && kind.Alike != nil {
		d.alike.put(ref, kind, after)
	} else {
		d.alike.drop(ref)
	}
}

// Found is all that is doubtful.
type Found struct {
	Conflicts, Disputed, Unsound List
	// Astray are kept in another space than their area says.
	Astray List
	// Early take away what is not here.
	Early Early
	// Twins name another record as the same, which does not name them.
	Twins List
	// Agreed are one by the word of both: settled, and told so that it can be taken back.
	Agreed Agreed
	// Alike are likely duplicates, in order; More says that there are more than Alike holds.
	Alike []Pair
	More  bool
	// Crowded is how many groups were too large to be compared, as of a name that half a
	// village has.
	Crowded int
}

// Look returns it. Its cost follows what is doubtful; likely duplicates are worked out anew
// only where a record that may be one has changed since, and so is what is said to be the same.
func (d *Doubts) Look() Found {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.same.look(d.listed)
	f := Found{
		Conflicts: d.list(d.marks[conflict]), Disputed: d.list(d.marks[disputed]), Unsound: d.list(d.marks[unsound]), Astray: d.list(d.marks[strayed]),
		Early: d.early.look(d.held, d.listed), Twins: d.list(d.same.half), Agreed: d.same.agreed,
	}
	pairs, more, crowded := d.alike.pairs()
	for _, p := range pairs {
		if !d.same.either(p.One.ID, p.Other.ID) {
			f.Alike = append(f.Alike, p)
		}
	}
	f.More, f.Crowded = more, crowded
	return f
}
