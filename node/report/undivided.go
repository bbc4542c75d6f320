package report

import "slices"

// Line is a row of a table as it goes out: At is its place among Rows, -1 if it has no
// figure, since there is nothing to divide by.
type Line struct {
	Row
	At int
}

// Lines are all rows of a table, with those that have no figure, in the order of their keys.
func (t Table) Lines() []Line {
	all := make([]Line, 0, len(t.Rows)+len(t.Undivided))
	for i, row := range t.Rows {
		all = append(all, Line{row, i})
	}
	for _, row := range t.Undivided {
		all = append(all, Line{row, -1})
	}
	if len(t.Undivided) > 0 { // rows alone stand so
		slices.SortStableFunc(all, func(a, b Line) int { return slices.Compare(a.Keys, b.Keys) })
	}
	return all
}

// Brief tells no more than the first n rows that have no figure, and how many others there are.
func (t Table) Brief(n int) Table {
	if more := len(t.Undivided) - n; more > 0 {
		t.Undivided, t.UndividedMore = t.Undivided[:n], t.UndividedMore+more
	}
	return t
}
