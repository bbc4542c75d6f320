package crdt

import "slices"

// deed is what an event did to the weave: the runs it put, from the first up to
// before the last, and the characters it deleted.
type deed struct {
	from, to int
	taken    []stretch
}

// walk goes through a history, event after event, and keeps the weave at the
// version that the next event's author saw. Where nobody wrote apart, that is
// the version before. Where people did, events are undone and done again to
// change from one branch to another.
//
// Source: Gentle and Kleppmann, "Collaborative Text Editing with Eg-walker",
// 2025.
type walk struct {
	history
	*weave
	at     int     // the event whose version is at hand, or nowhere
	deeds  []deed  // of the events so far
	owners []owner // of each event, while two versions are compared
}

// nowhere is the place of a version before all events.
const nowhere = -1

// weave returns the characters of the history's text in order.
func (h history) weave() *weave {
	w := walk{history: h, weave: newWeave(h), at: nowhere, owners: make([]owner, len(h))}
	for i, event := range h {
		if len(event.parents) != 1 || event.parents[0] != w.at {
			w.turnTo(event.parents)
		}
		w.do(event)
		w.at = i
	}
	return w.weave
}

// do applies an event to the version that its author saw. What lies beyond that
// text's end is clamped to it.
func (w *walk) do(event happening) {
	done := deed{from: len(w.runs)}
	for _, e := range event.edits {
		length := w.extent().shown
		at := min(int32(e.At), length)
		done.taken = append(done.taken, w.take(at, min(int32(e.Cut), length-at))...)
		if e.Put != "" {
			w.put(event.dot, at, e.Put)
		}
	}
	done.to = len(w.runs)
	w.deeds = append(w.deeds, done)
}

// turnTo brings the weave to the version of events that saw just these.
func (w *walk) turnTo(parents []int) {
	undo, redo := w.differ(parents)
	for _, i := range undo {
		w.shiftAll(w.deeds[i], -1)
	}
	for _, i := range slices.Backward(redo) {
		w.shiftAll(w.deeds[i], 1)
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
