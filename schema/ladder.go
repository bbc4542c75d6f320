package schema

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"wangge/crdt"
)

// A ladder is the way of a case, such as a hazard or a petition: a log of steps, and
// the rung at which the case stands, folded from it. Nobody can undo a step by writing
// over it, and whoever holds the same steps finds the case on the same rung.

// Step is one step of a case, as its author took it.
type Step struct {
	Rung string
	// Number is its place among the steps that the author saw, from 1. It keeps a
	// step behind those that it answers, whatever the clocks say; see Lamport, "Time,
	// Clocks, and the Ordering of Events in a Distributed System", 1978.
	Number int
	At     int64 // milliseconds since 1970, as the author claims; 0: when it was written
	Note   string
}

// numberMax bounds what a faulty writer can claim. Behind it steps go by their stamps.
const numberMax = 999_999

// Value returns the step as it is stored: a text of the rung, the number, the moment
// and the note, a line each; the note may have several.
func (s Step) Value() crdt.Value {
	at := ""
	if s.At != 0 {
		at = strconv.FormatInt(s.At, 10)
	}
	return crdt.Text(strings.Join([]string{s.Rung, strconv.Itoa(s.Number), at, s.Note}, "\n"))
}

// ParseStep reads what Value wrote. It returns false for what is no step.
func ParseStep(v crdt.Value) (s Step, ok bool) {
	text, ok := v.Text()
	parts := strings.SplitN(text, "\n", 4)
	if !ok || len(parts) != 4 || parts[0] == "" {
		return Step{}, false
	}
	number, err := strconv.Atoi(parts[1])
	if err != nil || number < 0 || number > numberMax {
		return Step{}, false
	}
	if parts[2] != "" {
		if s.At, err = strconv.ParseInt(parts[2], 10, 64); err != nil || s.At < instantMin || s.At >= instantMax {
			return Step{}, false
		}
	}
	return Step{parts[0], number, s.At, parts[3]}, true
}

// Standing says what became of a step.
type Standing string

// The standings.
const (
	Moved  Standing = "moved"  // the case went on to its rung
	Again  Standing = "again"  // the case stood there already: two closings at once are one
	Astray Standing = "astray" // it does not follow from where the case stood; it is kept, and moves nothing
)

// Taken is a step in its place.
type Taken struct {
	Step     // At is the moment of writing where the author claims none
	Entry    crdt.Entry
	Standing Standing
}

// Case is how a case came to where it stands.
type Case struct {
	Rung  string  // "" before the first step
	Steps []Taken // in order
}

// Case folds the steps of a cell: by number, then by stamp, then by dot. What is no
// step is left out.
func (f *Field) Case(c crdt.Cell) Case {
	steps := make([]Taken, 0, len(c.Entries))
	for _, e := range c.Entries {
		if s, ok := ParseStep(e.Value); ok {
			if s.At == 0 {
				s.At = e.Stamp.Millis()
			}
			steps = append(steps, Taken{Step: s, Entry: e})
		}
	}
	slices.SortFunc(steps, func(a, b Taken) int {
		return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.Entry.Stamp, b.Entry.Stamp), a.Entry.Dot.Compare(b.Entry.Dot))
	})
	stands := ""
	for i := range steps {
		s := &steps[i]
		if s.Standing = f.follows(stands, s.Rung); s.Standing == Moved {
			stands = s.Rung
		}
	}
	return Case{stands, steps}
}

// follows says what a step to a rung does to a case that stands on another, "" before
// the first. A rung of a newer form moves the case, and any may follow it: the form of
// its author let it.
func (f *Field) follows(from, to string) Standing {
	o, known := f.option(to)
	_, newer := f.option(from)
	switch {
	case from == to:
		return Again
	case !known, from != "" && !newer, from == "" && o.begins(), slices.Contains(o.After, from):
		return Moved
	}
	return Astray
}

func (f *Field) option(value string) (o Option, ok bool) {
	for _, o := range f.Options {
		if o.Value == value {
			return o, true
		}
	}
	return o, false
}

// Next returns the rungs to which a case may go on, in the ladder's order.
func (f *Field) Next(stands string) (next []Option) {
	for _, o := range f.Options {
		if f.follows(stands, o.Value) == Moved {
			next = append(next, o)
		}
	}
	return next
}

// Ends reports whether a case that stands on the rung is closed.
func (f *Field) Ends(rung string) bool {
	o, _ := f.option(rung)
	return o.Ends
}

// Number returns the place of the next step in a cell.
func (c Case) Number() int {
	number := 0
	for _, s := range c.Steps {
		number = max(number, s.Number)
	}
	return min(number+1, numberMax)
}

// shown returns the rung, and behind it the steps that moved the case there, for
// formulas to see when it came where.
func (c Case) shown() []crdt.Value {
	if c.Rung == "" { // nothing that came has moved it
		return nil
	}
	values := []crdt.Value{crdt.Text(c.Rung)}
	for _, s := range c.Steps {
		if s.Standing == Moved {
			values = append(values, s.Value())
		}
	}
	return values
}
