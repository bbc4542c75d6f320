package doubt

import (
	"slices"

	"wangge/crdt"
)

// Whoever deletes a record names how far it had seen each writer's stream, and whoever replaces
// a value names that. Nobody can check that it had seen so much: a faulty writer takes away what
// others will write later, and they are told nothing. What is named and not here is told, until
// it is here: most of it is on its way.

const (
	// earlyMax is how many records are known that take away what is not here.
	earlyMax = 10_000
	// earlyParts is how much is known of one of them: what reaches furthest.
	earlyParts = 4
)

// early knows which records take away what is not here.
type early struct {
	records map[Ref]earlier
	more    bool // than are known, at some time since the start
}

type earlier struct {
	kind  string
	parts []crdt.Unheld
}

// Early is how many records take away what is not here, and what the first of them do that a
// list may show. More says that there were more than are known.
type Early struct {
	Count int
	More  bool
	First []Earlier
}

// Earlier is a record, and what it takes away that is not here.
type Earlier struct {
	Ref   Ref
	Parts []crdt.Unheld
}

func (e *early) put(ref Ref, rec crdt.Record, held func(crdt.Space, crdt.Writer) uint64) {
	parts := rec.Unheld(func(w crdt.Writer) uint64 { return held(ref.Space, w) })
	_, known := e.records[ref]
	switch {
	case len(parts) == 0:
		delete(e.records, ref)
	case known || len(e.records) < earlyMax:
		e.records[ref] = earlier{rec.Kind, slices.Clip(parts[:min(len(parts), earlyParts)])}
	default:
		e.more = true
	}
}

// look forgets what has come, which changed no record if it was about another, and lists the rest.
func (e *early) look(held func(crdt.Space, crdt.Writer) uint64, listed func(kind string) bool) Early {
	out := Early{More: e.more}
	for ref, r := range e.records {
		left := r.parts[:0]
		for _, u := range r.parts {
			if u.Held = held(ref.Space, u.Writer); u.Held < u.Seq {
				left = append(left, u)
			}
		}
		if r.parts = left; len(left) == 0 {
			delete(e.records, ref)
			continue
		}
		e.records[ref] = r
		i, _ := slices.BinarySearchFunc(out.First, ref, func(e Earlier, ref Ref) int { return e.Ref.compare(ref) })
		if out.Count++; listed(r.kind) && i < listMax {
			out.First = slices.Insert(out.First[:min(len(out.First), listMax-1)], i, Earlier{ref, slices.Clone(left)})
		}
	}
	return out
}
