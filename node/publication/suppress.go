// Package publication holds what a county publishes of a closed month, and a city of its
// counties': figures of at least so many persons, and never a person.
//
// It is pure: no clock, no I/O. Whoever calls it reads, signs and stores.
package publication

import (
	"fmt"
	"slices"
	"strings"
)

// Least is the fewest persons for whom a published figure may stand. A county may set a
// higher bound, never a lower one.
const Least = 4

// Cell is one row of a frozen table: its key (an area code or an option, "" where a record
// says none), its figure in the last place that is kept of it, and for how many persons or
// records that stands.
type Cell struct {
	Key     string `json:"key"`
	Value   int64  `json:"value"`
	Persons int64  `json:"persons"`
}

// Table is a frozen table as it goes up. Total is the sum of Rows and Rest; its persons are
// fewer where somebody stands behind two of them, and so is a figure that counts persons.
//
// A key without a row is one that has nothing or one that is withheld: a reader cannot
// tell which. Were cells marked as withheld, three that together stand for three persons
// would be known to be one each.
type Table struct {
	Withheld bool   `json:"withheld,omitempty"` // all of it: the total stands for too few
	Total    Cell   `json:"total"`
	Rows     []Cell `json:"rows"`
	Rest     Cell   `json:"rest"` // of no row: nothing, what has no key, or at least so many persons in two keys or more
}

// Suppress returns the table of the cells, whose keys differ, and of what they come to
// together. What stands for fewer than least persons is in the rest, and with it at least
// one other cell if there is any, the first by key and not the smallest: who knows that the
// smallest was taken, and sees what was not, can work out the withheld. Hidden are keys that
// get no row although they stand for enough, for the sake of other tables.
func Suppress(cells []Cell, together Cell, least int64, hidden ...string) (Table, error) {
	if least < Least {
		return Table{}, fmt.Errorf("a figure may stand for %d persons at the fewest, not for %d: set a bound of %d or more", Least, least, Least)
	}
	some := []Cell{}
	var most, sum int64
	for _, c := range cells {
		if c.Persons < 0 || c.Persons == 0 && c.Value != 0 {
			return Table{}, fmt.Errorf("the row %q has a figure of %d for %d persons: count the month again", c.Key, c.Value, c.Persons)
		}
		if c.Persons > 0 {
			some = append(some, c)
			most, sum = max(most, c.Persons), sum+c.Persons
		}
	}
	if together.Persons < most || together.Persons > sum {
		return Table{}, fmt.Errorf("rows of up to %d persons, and %d in all, are %d persons together: count the month again", most, sum, together.Persons)
	}
	if together.Persons > 0 && together.Persons < least {
		return Table{Withheld: true, Rows: []Cell{}}, nil
	}
	slices.SortFunc(some, func(a, b Cell) int { return strings.Compare(a.Key, b.Key) })
	t := Table{Rows: []Cell{}, Total: Cell{Value: together.Value, Persons: together.Persons}}
	t.part(some, func(c Cell) bool { return c.Persons < least || slices.Contains(hidden, c.Key) }, least)
	return t, nil
}

// part puts each cell, in the order of their keys, into the rows or the rest. The rest is
// of least+2 persons where it can be: of least+1, one cell must be of least and one of 1. With
// what is withheld at least one is in it that stands for enough, and no cell is alone.
func (t *Table) part(cells []Cell, withheld func(Cell) bool, least int64) {
	few, others := 0, 0 // what has no key is one of the others, and the first
	for _, c := range cells {
		if !withheld(c) {
			continue
		}
		few++
		t.Rest = t.Rest.plus(c)
		if c.Persons >= least {
			others++
		}
	}
	in := few
	for _, c := range cells {
		switch {
		case withheld(c):
		case c.Key == "", few > 0 && (others == 0 || in < 2 || t.Rest.Persons < least+2):
			others++
			in++
			t.Rest = t.Rest.plus(c)
		default:
			t.Rows = append(t.Rows, c)
		}
	}
}

func (c Cell) plus(d Cell) Cell {
	return Cell{c.Key, c.Value + d.Value, c.Persons + d.Persons}
}
