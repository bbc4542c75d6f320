package crdt

import (
	"cmp"
	"math"
	"slices"
	"sort"
)

// run is the characters that one edit put. They stay neighbours in their order
// for ever, unless somebody writes between them.
type run struct {
	dot         Dot   // the event that wrote it
	first, n    int32 // the number of its first character, and how many
	left, right int32 // the characters its author saw on its two sides, or start and end
	parts       []int32
}

// The sides of a text, where there is no character.
const (
	start = -1
	end   = math.MaxInt32
)

// stretch is some characters of one run.
type stretch struct{ first, n int32 }

// spot is a side of a character: where the runs hang that were put there.
type spot struct {
	at   int32
	left bool
}

// weave is a text under work: the characters in their order, those of events
// that the version at hand does not know among them.
//
// Of runs put at one place by people who did not see each other, none is torn
// apart: this is the order FugueMax. Each run hangs on a character as in a
// tree: to the right of the one its author saw before it, or, where that one
// had something on its right already, to the left of the one after it. What
// hangs to the left comes first, then the character, then what hangs to its
// right. Runs on one spot stand by their right neighbours, the farthest first,
// and then by dot.
//
// Source: Weidner and Kleppmann, "The Art of the Fugue", 2023.
type weave struct {
	sequence
	chars  []rune
	runs   []run
	spots  map[spot][]int32 // the runs that hang there, in order
	common int32            // characters up to this number are known to all that is still to come
}

func newWeave() *weave {
	return &weave{sequence: newSequence(), spots: map[spot][]int32{}}
}

// put writes a text before the character that is shown at a place.
func (w *weave) put(d Dot, at int32, text string) {
	first := int32(len(w.chars))
	w.chars = append(w.chars, []rune(text)...)
	n := int32(len(w.chars)) - first
	left := w.shownBefore(at)
	piece := w.add(first, n, written)
	w.runs = append(w.runs, run{dot: d, first: first, n: n, left: left, parts: []int32{piece}})
	if int(first) == int(w.common) { // all is common: nothing can stand between
		w.insertAfter(w.endingAt(left), piece)
		return
	}
	w.runs[len(w.runs)-1].right = w.knownAfter(left)
	w.insertAfter(w.hangRun(int32(len(w.runs)-1)), piece)
}

// shownBefore returns the character in front of a place.
func (w *weave) shownBefore(at int32) int32 {
	if at == 0 {
		return start
	}
	x, offset := w.find(at-1, shown)
	return w.pieces[x].first + offset
}

// knownAfter returns the next character that the version at hand knows, shown
// or deleted.
func (w *weave) knownAfter(c int32) int32 {
	var rank int32
	if c != start {
		x, offset := w.holding(c)
		rank = w.rank(x).known + offset + 1
	}
	if rank == w.extent().known {
		return end
	}
	x, offset := w.find(rank, known)
	return w.pieces[x].first + offset
}

// hangRun finds the new run's spot and place among the others there, and
// returns the piece behind which it stands.
func (w *weave) hangRun(r int32) int32 {
	right := w.runs[r].right
	if right == end || w.leftOrigin(right) != w.runs[r].left {
		return w.hangRight(r)
	}
	return w.hangLeft(r)
}

// leftOrigin returns the character that the author of c saw before it. Common
// characters stand as if written one after the other.
func (w *weave) leftOrigin(c int32) int32 {
	if c < w.common {
		if before := w.before(w.startingAt(c)); before != 0 {
			p := w.pieces[before]
			return p.first + p.n - 1
		}
		return start
	}
	if r := w.runs[w.runOf(c)]; r.first == c {
		return r.left
	}
	return c - 1
}
