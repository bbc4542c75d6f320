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
	after := Cell{c.merged(op.Type), c.Entries, c.Kills}
	if len(op.Replaces) > 0 {
		after.Entries, after.Kills = c.replace(op.Replaces, d, held)
	}
	if i, killed := slices.BinarySearchFunc(after.Kills, d, Dot.Compare); killed {
		after.Kills = slices.Concat(after.Kills[:i], after.Kills[i+1:])
	} else if op.Value != "" {
		own := len(after.Entries) < len(c.Entries)
		after.Entries = with(after.Entries, Entry{d, s, op.Value}, own)
	}
	return after
}

// replace returns the lists without the dots that an op named d replaces, and
// with kills of those that have not come. A list that stays as it is is handed
// on; one that changes is copied once, since others may hold it.
func (c Cell) replace(replaces []Dot, d Dot, held Frontier) ([]Entry, []Dot) {
	entries, kills := c.Entries, c.Kills
	for _, r := range replaces {
		if i, ok := slices.BinarySearchFunc(entries, r, compareEntry); ok {
			if len(entries) == len(c.Entries) {
				entries = slices.Clone(entries)
			}
			entries = slices.Delete(entries, i, i+1)
			continue
		}
		if held.Has(r) || r.Writer == d.Writer && r.Seq == d.Seq && r.Index < d.Index {
			continue
		}
		if i, ok := slices.BinarySearchFunc(kills, r, Dot.Compare); !ok {
			kills = slices.Insert(slices.Clone(kills), i, r)
		}
	}
	return entries, kills
}

// with returns the entries with one more in its place, which most often is the
// end: in the list itself if it is the caller's own and has room, else in a copy
// no larger than it must be.
func with(entries []Entry, e Entry, own bool) []Entry {
	i := len(entries)
	if i > 0 && entries[i-1].Dot.Compare(e.Dot) >= 0 {
		i, _ = slices.BinarySearchFunc(entries, e.Dot, compareEntry)
	}
	if own {
		return slices.Insert(entries, i, e)
	}
	out := make([]Entry, len(entries)+1)
	copy(out, entries[:i])
	out[i] = e
	copy(out[i+1:], entries[i:])
	return out
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
	switch len(c.Entries) {
	case 0:
		return nil
	case 1: // nearly all cells
		return []Value{c.Entries[0].Value}
	}
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
	if len(c.Entries) == 1 {
		return c.Entries[0].Value
	}
	if values := c.Values(); len(values) > 0 {
		return values[0]
	}
	return ""
}

// Conflict reports whether a register shows different values that nobody has
// settled.
func (c Cell) Conflict() bool {
	return c.Type == Register && len(c.Entries) > 1 &&
		slices.ContainsFunc(c.Entries, func(e Entry) bool { return e.Value != c.Entries[0].Value })
}

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
