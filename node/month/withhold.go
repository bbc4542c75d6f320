package month

import (
	"slices"

	"wangge/node/publication"
	"wangge/node/report"
	"wangge/schema"
)

// What a table withholds so that nobody works it out from others is found out when a month is
// counted, for only then it is known which records each cell has; and kept with it.

// keptBack is what other publications withhold that this one may be held against, by the
// table's report and grouping.
type keptBack map[[2]string]*report.Upward // of which Hidden and Withheld are said

// keptBack returns what the month's last publication withheld, since a row that is there in the
// restatement is taken from the rest of before; and of what stands for a time what the months
// beside it have too few of, since most of that is the same in both.
func (m Months) keptBack(month string) (keptBack, error) {
	kept := keptBack{}
	last, some, err := m.lastUpward(month)
	if err != nil {
		return nil, err
	}
	if some {
		return kept, kept.all(last)
	}
	for _, beside := range []int{1, -1} { // months may be closed in any order
		other, _, err := m.lastUpward(report.MonthsBefore(month, beside))
		if err != nil {
			return nil, err
		}
		for _, t := range other.Tables {
			for _, c := range t.Rows {
				if c.Persons < other.Least && m.stands(t.Report) {
					kept.add(t, c.Key)
				}
			}
		}
	}
	return kept, nil
}

// all keeps back what a publication of the same month withheld.
func (k keptBack) all(u upward) error {
	for _, t := range u.Tables {
		made, err := u.table(t)
		if err != nil {
			return err
		}
		k.of(t).Withheld = t.Withheld
		for _, c := range cells(t, u.Area) {
			if !made.Withheld && !slices.ContainsFunc(made.Rows, func(row publication.Cell) bool { return row.Key == c.Key }) {
				k.add(t, c.Key)
			}
		}
	}
	return nil
}

// of returns what is kept back of a table.
func (k keptBack) of(t report.Upward) *report.Upward {
	name := [2]string{t.Report, t.By}
	if k[name] == nil {
		k[name] = &report.Upward{}
	}
	return k[name]
}

func (k keptBack) add(t report.Upward, key string) {
	if of := k.of(t); key != "" {
		of.Hidden = append(of.Hidden, key)
	}
}

// lastUpward returns what is kept of a month's last statement; false if there is nothing.
func (m Months) lastUpward(month string) (u upward, some bool, err error) {
	all, err := m.statements(month)
	if err != nil || len(all) == 0 {
		return u, false, err
	}
	err = m.thawed(all[len(all)-1].closing, upwardPart, &u)
	return u, u.Tables != nil, err
}

// stands reports whether a table counts what stands at the end of a month.
func (m Months) stands(name string) bool {
	name, _ = schema.PartOf(name)
	_, r, ok := m.Kinds.Report(nil, name)
	return ok && r.Standing()
}

// table withholds of a table what stands for too few, and what is to be withheld beside it.
func (u upward) table(t report.Upward) (publication.Table, error) {
	if t.Withheld {
		return publication.Table{Withheld: true, Rows: []publication.Cell{}}, nil
	}
	return publication.Suppress(cells(t, u.Area), publication.Cell{Value: t.Total.Value, Persons: t.Total.Persons}, u.Least, t.Hidden...)
}

// withhold finds out what the tables have to withhold beside what stands for too few.
func (u upward) withhold(kept keptBack) error {
	measures := map[string][]*report.Upward{}
	for i := range u.Tables {
		t := &u.Tables[i]
		of := kept.of(*t)
		if t.Hidden, t.Withheld = of.Hidden, of.Withheld; t.Measure != "" {
			measures[t.Measure] = append(measures[t.Measure], t)
		}
	}
	for _, tables := range measures {
		l := publication.Linked{Persons: tables[0].Persons}
		for _, t := range tables {
			l.Tables = append(l.Tables, u.open(t))
		}
		hidden, err := l.Withhold(u.Least)
		if err != nil {
			return err
		}
		for i, t := range tables {
			t.Withheld, t.Hidden = hidden[i].All, hidden[i].Keys
		}
	}
	return nil
}

// open returns a table with the pieces of its cells.
func (u upward) open(t *report.Upward) publication.Open {
	open := publication.Open{
		By: t.By, Total: publication.Counted{Cell: publication.Cell{Value: t.Total.Value, Persons: t.Total.Persons}, Pieces: t.Total.Pieces}, Hidden: t.Hidden, All: t.Withheld,
	}
	pieces := map[string][]int32{}
	for _, r := range t.Rows {
		pieces[r.Key] = r.Pieces
	}
	none := publication.Counted{}
	keyed := cells(*t, u.Area)
	for _, c := range keyed {
		if c.Key != "" {
			open.Rows = append(open.Rows, publication.Counted{Cell: c, Pieces: pieces[c.Key]})
			delete(pieces, c.Key)
			continue
		}
		none.Cell = c
	}
	for _, other := range pieces { // of no area of this county, or of no name
		none.Pieces = append(none.Pieces, other...)
	}
	if t.By == "" {
		none.Pieces = t.Total.Pieces
	}
	slices.Sort(none.Pieces)
	none.Pieces = slices.Compact(none.Pieces)
	if none.Persons > 0 {
		open.Rows = append(open.Rows, none)
	}
	return open
}
