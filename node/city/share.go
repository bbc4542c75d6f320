package city

import (
	"slices"
	"strings"

	"wangge/node/publication"
)

// share is what one area has of a measure.
type share struct {
	amount
	some  bool     // it has a figure there
	state string   // how it stands to the report
	part  string   // the published report because of which it is not counted
	lacks []string // areas of its own that are not in it
}

// cell takes from a published figure what a row of the report asks of it.
type cell func(*publication.Figure) (publication.Cell, bool)

func total(f *publication.Figure) (publication.Cell, bool) { return f.Table.Total, !f.Apart }

// atMost returns what persons that areas counted once are together at the most, where they
// stand side by side, and else the total.
func atMost(f *publication.Figure) (publication.Cell, bool) {
	all := f.Table.Total
	if f.Apart {
		for _, c := range f.Table.Rows {
			all.Value, all.Persons = all.Value+c.Value, all.Persons+c.Persons
		}
	}
	return all, true
}

// total returns how a measure's total is taken from a published figure.
func (x measure) total() cell {
	if len(x.parts) > 1 && !x.own {
		return atMost
	}
	return total
}

func rest(f *publication.Figure) (publication.Cell, bool) {
	return f.Table.Rest, f.Table.Rest.Persons > 0
}

func keyed(key string) cell {
	return func(f *publication.Figure) (publication.Cell, bool) {
		for _, c := range f.Table.Rows {
			if c.Key == key {
				return c, true
			}
		}
		return publication.Cell{}, false
	}
}

// share returns what an area has of a row. Of a ratio it has something where it has both
// parts, of the same areas: else the sums would be of different ones.
func (m Month) share(x measure, area, by string, c cell) (s share) {
	p := m.Said[area]
	if p == nil {
		return share{state: Unpublished}
	}
	s.some, s.lacks = true, p.Lacks
	var cells [2]publication.Cell
	var parts [2]*publication.Figure
	for i, part := range x.parts {
		if parts[i] = m.table(area, part.name, by); by == "" {
			parts[i] = m.whole(area, part.name)
		}
		if s.state = part.stands(parts[i]); s.state != Counted && s.state != Apart {
			return share{state: s.state, part: part.name}
		}
		var is bool
		cells[i], is = c(parts[i])
		s.some = s.some && is
		s.lacks = union(s.lacks, parts[i].Lacks)
	}
	if len(x.parts) == 2 && s.some && !slices.Equal(parts[0].Lacks, parts[1].Lacks) {
		for i := range parts {
			less, ok := m.less(area, x.parts[i].name, cells[i], parts[1-i].Lacks)
			cells[i], s.some = less, s.some && ok && by == ""
		}
	}
	if len(x.parts) == 2 && s.some && !x.own {
		s.state = Counted
	}
	s.amount = amount{cells[0].Value, cells[1].Value, cells[0].Persons}
	return s
}

// stands returns how an area stands to a part of a report, of which it published f.
func (p part) stands(f *publication.Figure) string {
	switch {
	case f == nil:
		return Absent
	case f.Table.Withheld:
		return Withheld
	case p.scale != scale{f.Unit, f.Decimals}:
		return OtherUnit
	case f.Apart:
		return Apart
	}
	return Counted
}

// less takes from a city's total what some of its areas have in it, by its rows of areas;
// false if it has none. An area without a row has nothing in the total.
func (m Month) less(area, name string, total publication.Cell, areas []string) (publication.Cell, bool) {
	for _, f := range m.figures[area][name] {
		if !strings.HasPrefix(f.By, "area:") {
			continue
		}
		for _, lacking := range areas {
			c, _ := keyed(lacking)(f)
			total.Value, total.Persons = total.Value-c.Value, total.Persons-c.Persons
		}
		return total, true
	}
	return total, false
}

// union returns the areas of two lists, in order.
func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
