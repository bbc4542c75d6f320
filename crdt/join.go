package crdt

import "slices"

// Seen tells which ops a replica has taken into its state: Frontier.Has, or less
// where a part of the state is known to be missing.
type Seen func(Dot) bool

// Join returns what a replica shows that holds all that two replicas hold of a
// record, given what each has seen of the space. It needs neither's history: a
// value that one shows and the other does not was replaced there if that one has
// seen it, and is news to it otherwise. Where both are the same the result is a
// itself: who goes on to change one of them clones it first.
//
// Source: Almeida, Shoker and Baquero, "Delta State Replicated Data Types",
// 2018, for dot stores; the kills are DottedDB's.
func Join(a, b Record, seenA, seenB Seen) Record {
	if a.settled(b) {
		return a
	}
	out := Record{Kind: a.Kind, Cells: make(map[FieldID]Cell, max(len(a.Cells), len(b.Cells)))}
	if a.Kind == "" || b.Kind != "" && b.Kind < a.Kind {
		out.Kind = b.Kind
	}
	for id, c := range a.Cells {
		out.Cells[id] = c.join(b.Cells[id], seenA, seenB)
	}
	for id, c := range b.Cells {
		if _, both := a.Cells[id]; !both {
			out.Cells[id] = Cell{}.join(c, seenA, seenB)
		}
	}
	return out
}

// settled reports whether two replicas have the same of a record, with nothing to
// come that is replaced already.
func (r Record) settled(o Record) bool {
	if r.Kind != o.Kind || len(r.Cells) != len(o.Cells) {
		return false
	}
	for id, c := range r.Cells {
		d, both := o.Cells[id]
		if !both || c.Type != d.Type || len(c.Kills)+len(d.Kills) > 0 || !slices.Equal(c.Entries, d.Entries) {
			return false
		}
	}
	return true
}

func (c Cell) join(o Cell, seenC, seenO Seen) Cell {
	out := Cell{Type: c.merged(o.Type)}
	if len(c.Kills)+len(o.Kills) == 0 { // most cells are the same in both, or only one has heard of them
		switch {
		case slices.Equal(c.Entries, o.Entries), len(o.Entries) == 0 && c.newTo(seenO):
			out.Entries = c.Entries
			return out
		case len(c.Entries) == 0 && o.newTo(seenC):
			out.Entries = o.Entries
			return out
		}
	}
	out.Entries = append(c.outlasting(o, seenO), o.outlasting(c, seenC)...)
	slices.SortFunc(out.Entries, func(a, b Entry) int { return a.Dot.Compare(b.Dot) })
	out.Entries = slices.CompactFunc(out.Entries, func(a, b Entry) bool { return a.Dot == b.Dot })
	for _, d := range slices.Concat(c.Kills, o.Kills) {
		if !seenC(d) && !seenO(d) {
			out.Kills = append(out.Kills, d)
		}
	}
	slices.SortFunc(out.Kills, Dot.Compare)
	out.Kills = slices.Compact(out.Kills)
	return out
}

// outlasting returns the entries of c that the other shows too, or has neither
// seen nor replaced.
func (c Cell) outlasting(o Cell, seenO Seen) []Entry {
	entries := make([]Entry, 0, len(c.Entries)+len(o.Entries))
	for _, e := range c.Entries {
		if o.shows(e.Dot) || !seenO(e.Dot) && !o.replaced(e.Dot) {
			entries = append(entries, e)
		}
	}
	return entries
}

// newTo reports whether somebody has seen none of what the cell shows.
func (c Cell) newTo(seen Seen) bool {
	return !slices.ContainsFunc(c.Entries, func(e Entry) bool { return seen(e.Dot) })
}

func (c Cell) shows(d Dot) bool {
	_, ok := slices.BinarySearchFunc(c.Entries, d, compareEntry)
	return ok
}

func (c Cell) replaced(d Dot) bool {
	_, ok := slices.BinarySearchFunc(c.Kills, d, Dot.Compare)
	return ok
}
