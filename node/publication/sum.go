package publication

import (
	"slices"
	"strings"
)

// Part is a table of one county in a city's, or of one city in a province's.
type Part struct {
	Area  string
	Table Table
}

// Sum is what a city has of a report that may be added up: its parts' tables added up, and
// the areas whose table is withheld, which the total lacks.
type Sum struct {
	Table
	Lacks []string `json:"lacks"`
}

// Add adds up the tables of one report and grouping. It is not for distinct counts: who is
// in two counties would be two, so those stand beside each other as each county's own.
func Add(parts []Part) Sum {
	s := Sum{Table: Table{Rows: []Cell{}}, Lacks: []string{}}
	rows := map[string]Cell{}
	for _, p := range parts {
		if p.Table.Withheld {
			s.Lacks = append(s.Lacks, p.Area)
			continue
		}
		s.Total, s.Rest = s.Total.plus(p.Table.Total), s.Rest.plus(p.Table.Rest)
		for _, c := range p.Table.Rows {
			sum := rows[c.Key].plus(c)
			sum.Key = c.Key
			rows[c.Key] = sum
		}
	}
	for _, c := range rows {
		s.Rows = append(s.Rows, c)
	}
	slices.SortFunc(s.Rows, func(a, b Cell) int { return strings.Compare(a.Key, b.Key) })
	slices.Sort(s.Lacks)
	s.Withheld = len(parts) > 0 && len(s.Lacks) == len(parts)
	return s
}
