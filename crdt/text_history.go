package crdt

import "slices"

// happening is one event of a text's history.
type happening struct {
	dot     Dot
	parents []int // their places in the history, each before its own
	edits   []Edit
}

// history is a text's events, each after all of its parents.
type history []happening

// newHistory takes the events out of a text's entries. An event one of whose
// parents has not arrived is left out, and so is all that builds on it. Parents
// in a circle, which only a faulty writer can name, never arrive.
func newHistory(entries []Entry) history {
	a := arrivals{children: map[Dot][]int{}}
	for _, e := range entries {
		if parents, edits, ok := e.Value.Event(); ok {
			a.add(e.Dot, parents, edits)
		}
	}
	return a.order()
}

// arrivals is what has come, before it is known what can be shown of it.
type arrivals struct {
	events   []happening   // without the places of their parents
	parents  [][]Dot       // of each event
	missing  []int         // how many of its parents have no place yet
	children map[Dot][]int // the events that name a dot as parent
}

func (a *arrivals) add(d Dot, parents []Dot, edits []Edit) {
	for _, p := range parents {
		a.children[p] = append(a.children[p], len(a.events))
	}
	a.events = append(a.events, happening{dot: d, edits: edits})
	a.parents = append(a.parents, parents)
	a.missing = append(a.missing, len(parents))
}

// order places each event after its parents. It follows one branch as far as it
// goes before it takes up another, so that a walk seldom changes branches.
func (a *arrivals) order() history {
	var free []int
	for i := range slices.Backward(a.events) {
		if a.missing[i] == 0 {
			free = append(free, i)
		}
	}
	var h history
	places := make(map[Dot]int, len(a.events))
	for len(free) > 0 {
		i := free[len(free)-1]
		free = free[:len(free)-1]
		event := a.events[i]
		for _, p := range a.parents[i] {
			event.parents = append(event.parents, places[p])
		}
		places[event.dot] = len(h)
		h = append(h, event)
		for _, child := range slices.Backward(a.children[event.dot]) {
			if a.missing[child]--; a.missing[child] == 0 {
				free = append(free, child)
			}
		}
	}
	return h
}

// heads returns the places of the events on which no event builds.
func (h history) heads() []int {
	built := make([]bool, len(h))
	for _, event := range h {
		for _, p := range event.parents {
			built[p] = true
		}
	}
	var heads []int
	for i := range h {
		if !built[i] {
			heads = append(heads, i)
		}
	}
	return heads
}

// upTo returns the part of the history that the events with these dots saw,
// themselves included. Dots that are not in the history are passed over.
func (h history) upTo(heads []Dot) history {
	kept := make([]bool, len(h))
	for i, event := range slices.Backward(h) {
		kept[i] = kept[i] || slices.Contains(heads, event.dot)
		for _, p := range event.parents {
			kept[p] = kept[p] || kept[i]
		}
	}
	places := make([]int, len(h))
	var part history
	for i, event := range h {
		if !kept[i] {
			continue
		}
		places[i] = len(part)
		parents := make([]int, len(event.parents))
		for j, p := range event.parents {
			parents[j] = places[p]
		}
		part = append(part, happening{event.dot, parents, event.edits})
	}
	return part
}
