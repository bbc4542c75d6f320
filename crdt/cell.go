package crdt

import (
	"cmp"
	"slices"
)

// Entry is a value that is visible in a field: who wrote it (the dot), when by
// the writer's clock, and what.
type Entry struct {
	Dot   Dot
	Stamp Stamp
	Value Value
}

// Cell is the merged state of one field: the visible entries, and the kills,
// which are dots that were replaced before they arrived. No tombstone is kept:
// a dot that the frontier covers and that is not visible was replaced.
// Both lists are in dot order. A Cell is a value: Apply returns a new one and
// never writes into the lists of its inputs.
//
// Source: Almeida, Baquero, Gonçalves et al., dotted version vectors and
// node-wide intra-object causality (DottedDB, 2017).
type Cell struct {
	Type    Type
	Entries []Entry
	Kills   []Dot
}

// ReplacesMax is how many dots one op may replace. Only a faulty or hostile
// writer leaves more values side by side; an author then replaces as many as
// this in one go, and the rest when settling again, so that nobody can make
// honest work too large to travel.
const ReplacesMax = 256

func compareEntry(e Entry, d Dot) int { return e.Dot.Compare(d) }

// Apply returns the cell after op, whose own name is d. The frontier is what
// the replica held of the space before d's batch; ops of one batch are applied
// in order, so a dot of the same batch and a lower index counts as held. Each
// op is applied once: the frontier tells which batches came before.
func (c Cell) Apply(d Dot, s Stamp, op Op, held Frontier) Cell {
	entries := slices.Clone(c.Entries)
	kills := slices.Clone(c.Kills)
	for _, r := range op.Replaces {
		if i, ok := slices.BinarySearchFunc(entries, r, compareEntry); ok {
			entries = slices.Delete(entries, i, i+1)
			continue
		}
		if held.Has(r) || r.Writer == d.Writer && r.Seq == d.Seq && r.Index < d.Index {
			continue
		}
		if i, ok := slices.BinarySearchFunc(kills, r, Dot.Compare); !ok {
			kills = slices.Insert(kills, i, r)
		}
	}
	if i, killed := slices.BinarySearchFunc(kills, d, Dot.Compare); killed {
		kills = slices.Delete(kills, i, i+1)
	} else if op.Value != "" {
		i, _ := slices.BinarySearchFunc(entries, d, compareEntry)
		entries = slices.Insert(entries, i, Entry{d, s, op.Value})
	}
	return Cell{c.merged(op.Type), entries, kills}
}

// merged returns the cell's merge type after an op of type t. A kind never
// changes a field's type; should writers disagree all the same, the lowest
// number is taken, whatever the order of arrival. 0 is no type and claims
// nothing.
func (c Cell) merged(t Type) Type {
	if c.Type == 0 || t == 0 {
		return max(c.Type, t)
	}
	return min(c.Type, t)
}

// Dots returns the names of the visible entries: what an author who sees the
// cell now replaces. There are at most ReplacesMax.
func (c Cell) Dots() []Dot {
	return c.dots(func(Entry) bool { return true })
}

func (c Cell) dots(of func(Entry) bool) []Dot {
	var dots []Dot
	for _, e := range c.Entries {
		if of(e) && len(dots) < ReplacesMax {
			dots = append(dots, e.Dot)
		}
	}
	return dots
}

// Values returns the distinct visible values, the winner first: the latest
// stamp wins, and among equal stamps the highest dot.
func (c Cell) Values() []Value {
	order := slices.Clone(c.Entries)
	slices.SortFunc(order, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(b.Stamp, a.Stamp), b.Dot.Compare(a.Dot))
	})
	var values []Value
	for _, e := range order {
		if !slices.Contains(values, e.Value) {
			values = append(values, e.Value)
		}
	}
	return values
}

// Winner returns the value that lists and reports show, or "" when the field is
// empty.
func (c Cell) Winner() Value {
	if values := c.Values(); len(values) > 0 {
		return values[0]
	}
	return ""
}

// Conflict reports whether a register shows different values that nobody has
// settled.
func (c Cell) Conflict() bool { return c.Type == Register && len(c.Values()) > 1 }

// Sum returns a counter's total. Values that are no whole numbers count as 0.
func (c Cell) Sum() int64 {
	var sum int64
	for _, e := range c.Entries {
		n, _ := e.Value.Int()
		sum += n
	}
	return sum
}

// Empty reports whether the cell holds nothing at all, not even a kill.
func (c Cell) Empty() bool { return len(c.Entries) == 0 && len(c.Kills) == 0 }
