package crdt

import (
	"maps"
	"slices"
)

// Frontier tells what a replica holds of a space: for each writer the highest
// number up to which it has every batch of that writer's stream. It is a
// version vector. The zero value holds nothing and may be read.
type Frontier map[Writer]uint64

// Has reports whether the batch that made d is held.
func (f Frontier) Has(d Dot) bool { return d.Seq != 0 && d.Seq <= f[d.Writer] }

// Covers reports whether f holds everything that o holds.
func (f Frontier) Covers(o Frontier) bool {
	for w, seq := range o {
		if f[w] < seq {
			return false
		}
	}
	return true
}

// Raise records that the stream of w is held up to seq; it never goes back.
func (f Frontier) Raise(w Writer, seq uint64) {
	if f[w] < seq {
		f[w] = seq
	}
}

// Clone returns a copy that shares nothing with f and may be raised, even if f
// is the zero value.
func (f Frontier) Clone() Frontier {
	c := make(Frontier, len(f))
	maps.Copy(c, f)
	return c
}

// Writers returns the writers in order, so that walks over a frontier are the
// same on every replica.
func (f Frontier) Writers() []Writer { return slices.Sorted(maps.Keys(f)) }
