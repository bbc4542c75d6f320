package doubt

import (
	"cmp"
	"slices"

	"wangge/crdt"
)

// same knows which records name which others as the same one. It grows with the records that do.
type same struct {
	named   map[crdt.RecordID]naming
	changed bool   // since the last look
	half    marked // of the last look
	agreed  Agreed
}

// naming is which others a record names as the same.
type naming struct {
	ref    Ref
	kind   string
	others []crdt.RecordID // in order
	said   []crdt.Stamp    // when, of each
}

// Agreed is how many pairs of records are one by the word of both, and the latest of them that
// a list may show, the last to be said first.
type Agreed struct {
	Count int
	Last  []Same
}

// Same is two records of which each names the other, the first by its id before the other.
type Same struct {
	One, Other Ref
	At         crdt.Stamp // when the later of the two words was said
}

func (s *same) put(ref Ref, rec crdt.Record, lives bool) {
	others := rec.Aliases()
	if _, was := s.named[ref.ID]; !was && (!lives || len(others) == 0) {
		return
	}
	s.changed = true
	if !lives || len(others) == 0 {
		delete(s.named, ref.ID)
		return
	}
	n := naming{ref: ref, kind: rec.Kind, others: others, said: make([]crdt.Stamp, len(others))}
	for _, e := range rec.Cells[crdt.Alias].Entries {
		if other, ok := e.Value.Ref(); ok {
			i, _ := n.names(other)
			n.said[i] = max(n.said[i], e.Stamp)
		}
	}
	s.named[ref.ID] = n
}

func (n naming) names(other crdt.RecordID) (at int, so bool) {
	return slices.BinarySearchFunc(n.others, other, crdt.RecordID.Compare)
}

// either reports whether one of two records names the other.
func (s *same) either(one, other crdt.RecordID) bool {
	_, here := s.named[one].names(other)
	_, there := s.named[other].names(one)
	return here || there
}

// look finds out who names one that does not name them, and which pairs are agreed.
func (s *same) look(listed func(kind string) bool) {
	if !s.changed {
		return
	}
	s.changed, s.half, s.agreed = false, marked{kinds: map[Ref]string{}}, Agreed{}
	for id, n := range s.named {
		for i, other := range n.others {
			theirs := s.named[other]
			switch at, back := theirs.names(id); {
			case !back:
				s.half.kinds[n.ref] = n.kind
			case id.Compare(other) < 0:
				s.agreed.add(Same{n.ref, theirs.ref, max(n.said[i], theirs.said[at])}, listed(n.kind) && listed(theirs.kind))
			}
		}
	}
}

// add counts a pair, and keeps it if it may be listed and is among the latest.
func (a *Agreed) add(s Same, listed bool) {
	a.Count++
	i, _ := slices.BinarySearchFunc(a.Last, s, Same.compare)
	if listed && i < listMax {
		a.Last = slices.Insert(a.Last[:min(len(a.Last), listMax-1)], i, s)
	}
}

func (s Same) compare(o Same) int {
	return cmp.Or(cmp.Compare(o.At, s.At), s.One.compare(o.One), s.Other.compare(o.Other))
}
