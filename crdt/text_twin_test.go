package crdt_test

import (
	"cmp"
	"slices"

	. "wangge/crdt"
)

// letter is one character in the twin's tree.
type letter struct {
	char     rune
	by       Dot
	deleters []Dot
	right    *letter      // what its author knew behind it, or nil for the end
	hung     [2][]*letter // what hangs to its left and to its right
}

// twin is the slow and plain Fugue: a tree with a node a character, each event's
// view of it computed anew from the set of events that its author saw.
type twin struct {
	slip textSlip
	root letter
	saw  map[Dot]map[Dot]bool // of each event that can be shown: its ancestors and itself
}

// newTwin reads the events in whatever order lets each come after its parents.
func newTwin(entries []Entry) *twin { return newTwinThat("", entries) }

func newTwinThat(slip textSlip, entries []Entry) *twin {
	t := &twin{slip: slip, saw: map[Dot]map[Dot]bool{}}
	for placed := true; placed; {
		placed = false
		for _, e := range entries {
			parents, edits, ok := e.Value.Event()
			if !ok || t.saw[e.Dot] != nil || t.slip != waitsForNone && slices.ContainsFunc(parents, func(p Dot) bool { return t.saw[p] == nil }) {
				continue
			}
			t.saw[e.Dot] = t.union(parents)
			t.saw[e.Dot][e.Dot] = true
			for _, edit := range edits {
				t.do(e.Dot, edit)
			}
			placed = true
		}
	}
	return t
}

func (t *twin) union(events []Dot) map[Dot]bool {
	all := map[Dot]bool{}
	for _, e := range events {
		for d := range t.saw[e] {
			all[d] = true
		}
	}
	return all
}

func (t *twin) do(d Dot, e Edit) {
	seen := t.shown(t.saw[d])
	if t.slip == versionsIgnored {
		seen = t.shown(nil)
	}
	if t.slip == beyondIsDropped && e.At > len(seen) {
		return
	}
	at := min(e.At, len(seen))
	for _, l := range seen[at:min(at+e.Cut, len(seen))] {
		l.deleters = append(l.deleters, d)
	}
	left := &t.root
	if at > 0 {
		left = seen[at-1]
	}
	for _, char := range e.Put {
		left = t.put(d, left, char)
	}
}

// put hangs a character where Fugue says, and among others as FugueMax says.
func (t *twin) put(d Dot, left *letter, char rune) *letter {
	all := t.order()
	l := &letter{char: char, by: d}
	for _, next := range all[slices.Index(all, left)+1:] {
		if t.knows(d, next) {
			l.right = next
			break
		}
	}
	over, side := left, 1
	if t.slip != hangsRightOnly && slices.ContainsFunc(left.hung[1], func(o *letter) bool { return t.saw[d][o.by] }) {
		over, side = l.right, 0
		if over == nil { // only a slip knows nothing behind what it knows something behind
			over, side = left, 1
		}
	}
	place := func(l *letter) int {
		if l.right == nil {
			return len(all)
		}
		return slices.Index(all, l.right)
	}
	i := slices.IndexFunc(over.hung[side], func(other *letter) bool {
		if far := t.slip.farther(cmp.Compare(place(other), place(l))); side == 1 && far != 0 {
			return far < 0
		}
		return t.slip.tie(other.by.Compare(d)) > 0
	})
	if i < 0 {
		i = len(over.hung[side])
	}
	over.hung[side] = slices.Insert(over.hung[side], i, l)
	return l
}

// knows reports whether the author of an event counts a letter as its neighbour.
func (t *twin) knows(d Dot, l *letter) bool {
	deleted := func(by Dot) bool { return t.saw[d][by] }
	return t.slip == neighbourUnknown || t.saw[d][l.by] && !(t.slip == neighbourShown && slices.ContainsFunc(l.deleters, deleted))
}

// order returns all characters in order, the root among them.
func (t *twin) order() []*letter { return t.root.walk(nil) }

func (l *letter) walk(all []*letter) []*letter {
	for _, o := range l.hung[0] {
		all = o.walk(all)
	}
	all = append(all, l)
	for _, o := range l.hung[1] {
		all = o.walk(all)
	}
	return all
}

// shown returns the characters that a set of events leaves.
func (t *twin) shown(saw map[Dot]bool) []*letter {
	all := saw == nil
	return slices.DeleteFunc(t.order(), func(l *letter) bool {
		return l == &t.root || !all && !saw[l.by] ||
			slices.ContainsFunc(l.deleters, func(d Dot) bool { return all || t.slip == deletedForAll || saw[d] })
	})
}

func (t *twin) textAt(heads []Dot) string {
	var text []rune
	for _, l := range t.shown(t.union(heads)) {
		text = append(text, l.char)
	}
	return string(text)
}

func (t *twin) text() string {
	var all []Dot
	for d := range t.saw {
		all = append(all, d)
	}
	return t.textAt(all)
}
