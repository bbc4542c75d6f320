package crdt

import "strings"

// stretch is some characters of one run.
type stretch struct{ first, n int32 }

// weave is a text under work: the characters in their order, those of events
// that the version at hand does not know among them.
//
// Of runs put at one place by people who did not see each other, none is torn
// apart: this is the order FugueMax. Each run hangs on a character as in a
// tree: to the right of the one its author saw before it, or, if the run after
// it was put behind that same one, to the left of that run. What hangs to the
// left comes first, then the character, then what hangs to its right. Runs on
// one spot stand by their right neighbours, the farthest first, and then by dot.
//
// Source: Weidner and Kleppmann, "The Art of the Fugue", 2023.
type weave struct {
	sequence
	chars []rune
	runs  []run
	spots map[spot][]int32 // the runs that hang there, in order
}

// newWeave makes room for what the events of a history put.
func newWeave(h history) *weave {
	runs, chars := 0, 0
	for _, event := range h {
		for _, e := range event.edits {
			if e.Put != "" {
				runs++
			}
			chars += len(e.Put)
		}
	}
	return &weave{
		sequence: newSequence(2 * runs),
		chars:    make([]rune, 0, chars),
		runs:     make([]run, 0, runs),
		spots:    make(map[spot][]int32, runs),
	}
}

// put writes a text in front of the character shown at a place.
func (w *weave) put(d Dot, at int32, text string) {
	first := int32(len(w.chars))
	for _, c := range text {
		w.chars = append(w.chars, c)
	}
	r := run{dot: d, first: first, n: int32(len(w.chars)) - first, left: w.shownBefore(at)}
	piece := w.add(first, r.n, written)
	r.parts = []int32{piece}
	r.right = w.knownAfter(r.left)
	after := w.hang(r)
	w.runs = append(w.runs, r)
	w.insertAfter(after, piece)
}

// take deletes the n characters shown from a place on, and returns which they
// were. They stay in the weave, for others to write beside.
func (w *weave) take(at, n int32) []stretch {
	var taken []stretch
	for n > 0 {
		x, offset := w.find(at, shown)
		x = w.startingWith(w.pieces[x].first + offset)
		if w.pieces[x].n > n {
			w.part(x, n)
		}
		p := &w.pieces[x]
		n -= p.n
		p.gone = true
		taken = append(taken, stretch{p.first, p.n})
		w.turn(x, 1)
	}
	return taken
}

// shift gives characters another fate: written or not, deleted once more or
// less.
func (w *weave) shift(s stretch, by int32) {
	for _, x := range w.partsOf(s) {
		w.turn(x, by)
	}
}

// shownBefore returns the character in front of the one shown at a place.
func (w *weave) shownBefore(at int32) int32 {
	if at == 0 {
		return textStart
	}
	x, offset := w.find(at-1, shown)
	return w.pieces[x].first + offset
}

// knownAfter returns the next character that the version at hand knows, shown
// or deleted.
func (w *weave) knownAfter(c int32) int32 {
	rank := int32(0)
	if c != textStart {
		x, offset := w.holding(c)
		rank = w.rank(x).known + offset + 1
	}
	if rank == w.extent().known {
		return textEnd
	}
	x, offset := w.find(rank, known)
	return w.pieces[x].first + offset
}

// text returns what is left when all events are known.
func (w *weave) text() string {
	var b strings.Builder
	w.each(func(p piece) {
		if !p.gone {
			for _, c := range w.chars[p.first : p.first+p.n] {
				b.WriteRune(c)
			}
		}
	})
	return b.String()
}
