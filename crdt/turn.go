package crdt

import "slices"

// Turn gives a part of a writer's stream another name: what the writer Of called
// its batches behind After, the writer To's batches are called, from 1 on. It is
// how a stream that was written on in two places becomes two streams.
type Turn struct {
	Of    Writer
	After uint64
	To    Writer
}

func (t Turn) applies(w Writer, seq uint64) bool { return w == t.Of && seq > t.After }

// Dot returns a dot's name after the turn.
func (t Turn) Dot(d Dot) Dot {
	if t.applies(d.Writer, d.Seq) {
		return Dot{t.To, d.Seq - t.After, d.Index}
	}
	return d
}

// Op returns an op with every dot named as after the turn: those that it
// replaces and those in its value. A value that is not read as one with dots
// stays as it is. The op shares nothing with the result that either changes.
func (t Turn) Op(op Op) Op {
	op.Replaces = slices.Clone(op.Replaces)
	for i, d := range op.Replaces {
		op.Replaces[i] = t.Dot(d)
	}
	if f, ok := op.Value.seen(); ok {
		op.Value = seen(t.frontier(f))
	} else if _, _, ok := op.Value.Event(); ok {
		op.Value = op.Value.withParents(t.Dot)
	}
	return op
}

// withParents returns an event with its parents named anew. What it does to the
// text keeps its bytes, of which a packed one has many spellings.
func (v Value) withParents(name func(Dot) Dot) Value {
	p, _ := v.payload(tagEvent)
	r := eventReader{rest: p[1:]}
	parents := r.dots()
	for i, d := range parents {
		parents[i] = name(d)
	}
	slices.SortFunc(parents, Dot.Compare)
	return Value(append(appendParents([]byte{tagEvent, p[0]}, parents), r.rest...))
}

// frontier splits what is held of the stream; f is the caller's to change.
func (t Turn) frontier(f Frontier) Frontier {
	if seq := f[t.Of]; t.applies(t.Of, seq) {
		f.Raise(t.To, seq-t.After)
		f[t.Of] = t.After
		if t.After == 0 {
			delete(f, t.Of)
		}
	}
	return f
}

// Without returns the cell as if nothing of a writer's stream behind a batch had
// come, nor been replaced before it came.
func (c Cell) Without(w Writer, after uint64) Cell {
	theirs := func(d Dot) bool { return d.Writer == w && d.Seq > after }
	c.Entries = slices.DeleteFunc(slices.Clone(c.Entries), func(e Entry) bool { return theirs(e.Dot) })
	c.Kills = slices.DeleteFunc(slices.Clone(c.Kills), theirs)
	return c
}

// With returns the cell with an entry that it shows again.
func (c Cell) With(e Entry) Cell {
	if i, ok := slices.BinarySearchFunc(c.Entries, e.Dot, compareEntry); !ok {
		c.Entries = slices.Insert(slices.Clone(c.Entries), i, e)
	}
	return c
}

// Kill returns the cell with a dot noted that was replaced and is still to come.
func (c Cell) Kill(d Dot) Cell {
	if i, ok := slices.BinarySearchFunc(c.Kills, d, Dot.Compare); !ok {
		c.Kills = slices.Insert(slices.Clone(c.Kills), i, d)
	}
	return c
}
