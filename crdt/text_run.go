package crdt

import (
	"math"
	"slices"
	"sort"
)

// run is the characters that one edit put. They stay neighbours in their order
// for ever, unless somebody writes between them.
type run struct {
	dot         Dot     // the event that wrote it
	first, n    int32   // the number of its first character, and how many
	left, right int32   // what its author saw before it, and knew, shown or deleted, after it
	parts       []int32 // the pieces that it is in, in order
}

func (r run) last() int32 { return r.first + r.n - 1 }

// The sides of a text, where there is no character.
const (
	textStart = -1
	textEnd   = math.MaxInt32
)

// spot is a side of a character, on which runs hang.
type spot struct {
	at   int32
	left bool
}

// hang finds the spot of the run that is about to be added, and its place among
// the others there. It returns the piece behind which the run stands.
func (w *weave) hang(r run) int32 {
	if r.right != textEnd && w.runs[w.runOf(r.right)].left == r.left {
		return w.hangLeft(r)
	}
	return w.hangRight(r)
}

// hangRight puts a run to the right of the character on its left: those whose
// right neighbour is farther come first, then the dots decide.
func (w *weave) hangRight(r run) int32 {
	here := spot{r.left, false}
	hung := w.spots[here]
	far := w.place(r.right)
	i := sort.Search(len(hung), func(i int) bool {
		other := w.runs[hung[i]]
		if place := w.place(other.right); place != far {
			return place < far
		}
		return other.dot.Compare(r.dot) > 0
	})
	w.spots[here] = slices.Insert(hung, i, int32(len(w.runs)))
	if i == 0 {
		return w.endingWith(r.left)
	}
	return w.endingWith(w.lastUnder(hung[i-1]))
}

// hangLeft puts a run to the left of the character on its right, by dot.
func (w *weave) hangLeft(r run) int32 {
	here := spot{r.right, true}
	hung := w.spots[here]
	i := sort.Search(len(hung), func(i int) bool {
		return w.runs[hung[i]].dot.Compare(r.dot) > 0
	})
	next := r.right
	if i < len(hung) {
		next = w.firstUnder(hung[i])
	}
	w.spots[here] = slices.Insert(hung, i, int32(len(w.runs)))
	return w.before(w.startingWith(next))
}

// firstUnder returns the first character of a run and all that hangs on it.
func (w *weave) firstUnder(r int32) int32 {
	for {
		first := w.runs[r].first
		hung := w.spots[spot{first, true}]
		if len(hung) == 0 {
			return first
		}
		r = hung[0]
	}
}

// lastUnder returns the last character of a run and all that hangs on it.
func (w *weave) lastUnder(r int32) int32 {
	for {
		last := w.runs[r].last()
		hung := w.spots[spot{last, false}]
		if len(hung) == 0 {
			return last
		}
		r = hung[len(hung)-1]
	}
}

// place returns how many characters stand in front of c.
func (w *weave) place(c int32) int32 {
	if c == textEnd {
		return textEnd
	}
	x, offset := w.holding(c)
	return w.rank(x).all + offset
}

func (w *weave) runOf(c int32) int {
	return sort.Search(len(w.runs), func(i int) bool { return w.runs[i].first > c }) - 1
}

// partOf returns which part of a run holds the character c of it.
func (w *weave) partOf(r *run, c int32) int {
	return sort.Search(len(r.parts), func(i int) bool { return w.pieces[r.parts[i]].first > c }) - 1
}

// partsOf returns the pieces that a stretch is in; it begins and ends with one.
func (w *weave) partsOf(s stretch) []int32 {
	r := &w.runs[w.runOf(s.first)]
	return r.parts[w.partOf(r, s.first) : w.partOf(r, s.first+s.n-1)+1]
}

// holding returns the piece that holds a character, and the place in it.
func (w *weave) holding(c int32) (x, offset int32) {
	r := &w.runs[w.runOf(c)]
	x = r.parts[w.partOf(r, c)]
	return x, c - w.pieces[x].first
}

// startingWith returns the piece that begins with c, after cutting if need be.
func (w *weave) startingWith(c int32) int32 {
	x, offset := w.holding(c)
	if offset == 0 {
		return x
	}
	return w.part(x, offset)
}

// endingWith returns the piece that ends with c, after cutting if need be;
// nobody ends with the start.
func (w *weave) endingWith(c int32) int32 {
	if c == textStart {
		return 0
	}
	x, offset := w.holding(c)
	if offset+1 < w.pieces[x].n {
		w.part(x, offset+1)
	}
	return x
}

// part leaves a piece its first n characters and returns the piece of the rest.
func (w *weave) part(x, n int32) int32 {
	y := w.cut(x, n)
	r := &w.runs[w.runOf(w.pieces[x].first)]
	r.parts = slices.Insert(r.parts, w.partOf(r, w.pieces[x].first)+1, y)
	return y
}
