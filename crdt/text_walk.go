package crdt

import "slices"

// deed is what an event did to the weave: the runs it put, from the first up to
// before the last, and the characters it deleted.
type deed struct {
	from, to int
	taken    []stretch
}

// walk goes through a history, event after event, and keeps the weave at the
// version that the next event's author saw. Where nobody wrote apart that is
// the version before, and the weave is a plain text; where people did, events
// are undone and done again to change from one branch to another.
//
// Source: Gentle and Kleppmann, "Collaborative Text Editing with Eg-walker",
// 2025.
type walk struct {
	history
	*weave
	base  int     // the last event that all events from here on saw, or -1
	at    int     // the event whose version is at hand
	deeds []deed  // of the events after base
	sides []sides // of each event, while two versions are compared
}

// weave returns the characters of the history's text in order.
func (h history) weave() *weave {
	w := walk{history: h, weave: newWeave(), base: -1, at: -1, sides: make([]sides, len(h))}
	for i, narrow := range h.narrow() {
		if narrow && w.base == i-1 {
			w.do(i)
			w.join(i)
			continue
		}
		if w.base == i-1 {
			w.apart, w.common = true, int32(len(w.chars))
		}
		w.turnTo(h[i].parents)
		w.do(i)
		if narrow {
			w.join(i)
		}
	}
	return w.weave
}

// do applies event i to the version that its author saw. What lies beyond that
// text's end is clamped to it.
func (w *walk) do(i int) {
	done := deed{from: len(w.runs)}
	for _, e := range w.history[i].edits {
		length := w.extent().shown
		at := min(int32(e.At), length)
		done.taken = append(done.taken, w.take(at, min(int32(e.Cut), length-at))...)
		if e.Put != "" {
			w.put(w.history[i].dot, at, e.Put)
		}
	}
	done.to = len(w.runs)
	w.deeds = append(w.deeds, done)
	w.at = i
}

// join ends a time of writing apart with event i, which saw all of it.
func (w *walk) join(i int) {
	for _, d := range w.deeds {
		w.settle(d.taken)
	}
	w.deeds = w.deeds[:0]
	clear(w.spots)
	w.apart, w.base, w.at = false, i, i
}

// turnTo brings the weave to the version of events that saw just these.
func (w *walk) turnTo(parents []int) {
	undo, redo := w.differ(w.at, parents)
	for _, i := range undo {
		w.shiftAll(w.deeds[i-w.base-1], -1)
	}
	for _, i := range slices.Backward(redo) {
		w.shiftAll(w.deeds[i-w.base-1], 1)
	}
}

func (w *walk) shiftAll(d deed, by int32) {
	for _, r := range w.runs[d.from:d.to] {
		w.shift(stretch{r.first, r.n}, by)
	}
	for _, s := range d.taken {
		w.shift(s, by)
	}
}

// sides tells to which of two versions an event belongs.
type sides uint8

const (
	here  sides = 1
	there sides = 2
	both        = here | there
)

// differ returns the events that only the version of event at holds, and those
// that only the version of the parents holds, each the latest first.
func (w *walk) differ(at int, parents []int) (mine, theirs []int) {
	var queue []int // events to look at, in order
	open := 0       // how many of them are on one side only
	mark := func(i int, side sides) {
		if i <= w.base {
			return
		}
		old := w.sides[i]
		w.sides[i] |= side
		switch {
		case old == 0:
			place, _ := slices.BinarySearch(queue, i)
			queue = slices.Insert(queue, place, i)
			if side != both {
				open++
			}
		case old != both && w.sides[i] == both:
			open--
		}
	}
	mark(at, here)
	for _, p := range parents {
		mark(p, there)
	}
	for open > 0 {
		i := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		side := w.sides[i]
		w.sides[i] = 0
		switch side {
		case here:
			mine, open = append(mine, i), open-1
		case there:
			theirs, open = append(theirs, i), open-1
		}
		for _, p := range w.history[i].parents {
			mark(p, side)
		}
	}
	for _, i := range queue {
		w.sides[i] = 0
	}
	return mine, theirs
}
