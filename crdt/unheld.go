package crdt

import (
	"cmp"
	"slices"
)

// Unheld is a batch that something in a record took away before it came here: by a deletion,
// if Field is Deleted, or by an op that replaced a value of it. It may be on its way. If nobody
// has written it yet, what it will say of that is gone before it is said.
type Unheld struct {
	Field  FieldID
	By     Dot // of the deletion, or of the value that stands in the field now; zero where none does
	Stamp  Stamp
	Writer Writer // whose batch
	Seq    uint64 // its number: of several of a writer the last that is named
	Held   uint64 // up to where this replica holds that writer's stream
}

// Unheld returns what the record takes away of batches that are not here, up to where held
// tells that a writer's stream is: of a deletion one a writer, of a field likewise. The
// furthest stands first.
func (r Record) Unheld(held func(Writer) uint64) []Unheld {
	var all []Unheld
	note := func(u Unheld) {
		if u.Held = held(u.Writer); u.Seq > u.Held {
			all = append(all, u)
		}
	}
	for _, d := range r.Deletions() {
		for w, seq := range d.Seen {
			note(Unheld{Field: Deleted, By: d.Dot, Stamp: d.Stamp, Writer: w, Seq: seq})
		}
	}
	for field, c := range r.Cells {
		if len(c.Kills) == 0 {
			continue
		}
		named, by := Frontier{}, c.Latest()
		for _, d := range c.Kills {
			named.Raise(d.Writer, d.Seq)
		}
		for w, seq := range named {
			note(Unheld{Field: field, By: by.Dot, Stamp: by.Stamp, Writer: w, Seq: seq})
		}
	}
	slices.SortFunc(all, func(a, b Unheld) int {
		return cmp.Or(cmp.Compare(b.Seq-b.Held, a.Seq-a.Held), cmp.Compare(a.Field, b.Field), a.By.Compare(b.By), cmp.Compare(a.Writer, b.Writer))
	})
	return all
}

// Latest returns the entry of the winner: of those with its value the one that wins. It is zero
// when the field is empty.
func (c Cell) Latest() (last Entry) {
	for i, e := range c.Entries {
		if i == 0 || cmp.Or(cmp.Compare(e.Stamp, last.Stamp), e.Dot.Compare(last.Dot)) > 0 {
			last = e
		}
	}
	return last
}
