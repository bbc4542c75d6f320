package crdt

import "slices"

// owner tells which of two versions has an event.
type owner uint8

const (
	mine   owner = 1
	theirs owner = 2
	shared       = mine | theirs
)

// difference is the search for what two versions do not share. It goes back
// through the history from both and stops where all that is left is shared.
type difference struct {
	*walk
	queue []int // the events to look at, in order
	open  int   // how many of them are not shared, as far as is known
}

// differ returns the events that the version at hand has and that of the parents
// lacks, and the other way round, each the latest first.
func (w *walk) differ(parents []int) (undo, redo []int) {
	d := difference{walk: w}
	if w.at != nowhere {
		d.mark(w.at, mine)
	}
	for _, p := range parents {
		d.mark(p, theirs)
	}
	for d.open > 0 {
		i, whose := d.next()
		switch whose {
		case mine:
			undo = append(undo, i)
		case theirs:
			redo = append(redo, i)
		}
		for _, p := range w.history[i].parents {
			d.mark(p, whose)
		}
	}
	for _, i := range d.queue {
		w.owners[i] = 0
	}
	return undo, redo
}

// mark notes who has an event.
func (d *difference) mark(i int, whose owner) {
	old := d.owners[i]
	d.owners[i] |= whose
	if old == 0 {
		place, _ := slices.BinarySearch(d.queue, i)
		d.queue = slices.Insert(d.queue, place, i)
	}
	d.open += open(d.owners[i]) - open(old)
}

// next takes the latest event off the queue: what builds on it was looked at
// before, so it is certain who has it.
func (d *difference) next() (i int, whose owner) {
	last := len(d.queue) - 1
	i = d.queue[last]
	d.queue = d.queue[:last]
	whose, d.owners[i] = d.owners[i], 0
	d.open -= open(whose)
	return i, whose
}

func open(o owner) int {
	if o == mine || o == theirs {
		return 1
	}
	return 0
}
