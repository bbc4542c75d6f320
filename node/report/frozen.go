package report

import (
	"slices"
	"strconv"
	"strings"

	"wangge/schema"
)

// Frozen is one report of a month that was closed: a table for each grouping.
type Frozen []Table

// Answer returns the frozen table of a question about the month; false if that was not
// frozen, such as two groupings at once.
func (f Frozen) Answer(q Query) (Table, bool) {
	switch {
	case len(q.Where) == 0 && q.Area == "":
		return f.by(q.By)
	case len(q.Where) == 1 && q.Area == "" && len(q.By) == 0:
		for field, value := range q.Where {
			return f.row(field, value)
		}
	case len(q.Where) == 0 && len(q.By) == 0:
		return f.row(areaBy(q.Area), q.Area)
	case len(q.Where) == 0 && len(q.By) == 1:
		return f.within(q.By[0], q.Area)
	}
	return Table{}, false
}

func areaBy(area string) string { return schema.ByArea + ":" + strconv.Itoa(len(area)) }

// by returns the table of a grouping.
func (f Frozen) by(by []string) (Table, bool) {
	for _, t := range f {
		if slices.EqualFunc(t.Columns, by, func(c Column, name string) bool { return c.Name == name }) {
			t.Rows = slices.Clone(t.Rows)
			return t, true
		}
	}
	return Table{}, false
}

// row returns one row of a grouping's table as a table of its own.
func (f Frozen) row(by, key string) (Table, bool) {
	t, ok := f.by([]string{by})
	if !ok {
		return t, false
	}
	i := slices.IndexFunc(t.Rows, func(r Row) bool { return r.Keys[0] == key })
	found := Row{Keys: []string{}, Labels: []schema.Text{}}
	switch {
	case i >= 0:
		found.Count, found.Said = t.Rows[i].Count, t.Rows[i].Said
		t.None = false
	case !t.adds():
		t.None = true // nothing to divide by
	}
	t.Columns, t.Rows, t.Total, t.Said = []Column{}, []Row{found}, found.Count, found.Said
	t.Undivided = nil
	if t.None || i < 0 {
		t.Rows = []Row{}
	}
	return t, true
}

// within returns the rows of an area, with the area's own figure as the total.
func (f Frozen) within(by, area string) (Table, bool) {
	t, ok := f.by([]string{by})
	whole, known := f.row(areaBy(area), area)
	if !ok || !known || !strings.HasPrefix(by, schema.ByArea+":") {
		return Table{}, false
	}
	elsewhere := func(r Row) bool { return !strings.HasPrefix(r.Keys[0], area) }
	t.Rows = slices.DeleteFunc(t.Rows, elsewhere)
	t.Undivided = slices.DeleteFunc(slices.Clone(t.Undivided), elsewhere)
	t.Total, t.None, t.Said = whole.Total, whole.None, whole.Said
	return t, true
}

// Restated is a figure that was frozen and is another now, "" where there was or is none.
type Restated struct {
	Keys       []string      `json:"keys"` // of the row; none of the total
	Labels     []schema.Text `json:"labels"`
	Frozen     string        `json:"frozen"`
	Now        string        `json:"now"`
	Difference string        `json:"difference"` // with its sign
}

// Restate holds a frozen table against the same one as the records say now, and returns
// what differs: the total first, then rows in the order of their keys.
func Restate(frozen, now Table) []Restated {
	before, after := frozen.Counted(), now.Counted()
	labels := map[string]Row{}
	for _, row := range slices.Concat(frozen.Rows, now.Rows) {
		labels[strings.Join(row.Keys, keysApart)] = row
	}
	all := []Restated{}
	for _, key := range unequal(before, after) {
		one := Restated{Keys: []string{}, Labels: []schema.Text{}, Frozen: before[key], Now: after[key]}
		if key != "" {
			one.Keys, one.Labels = labels[key].Keys, labels[key].Labels
		}
		one.Difference = difference(one.Frozen, one.Now, frozen.Decimals)
		all = append(all, one)
	}
	return all
}

// difference writes the second of two written figures less the first, with its sign.
func difference(from, to string, decimals int) string {
	a, fine := readFigure(from, decimals)
	b, too := readFigure(to, decimals)
	if !fine || !too {
		return ""
	}
	return Signed(b-a, decimals)
}

// readFigure reads a figure that Decimal wrote with so many places; none is 0.
func readFigure(text string, decimals int) (int64, bool) {
	if text == "" {
		return 0, true
	}
	_, places, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(strings.Replace(text, ".", "", 1), 10, 64)
	return n, err == nil && len(places) == decimals
}

// Signed writes a difference in units of its last decimal place, with its sign.
func Signed(n int64, decimals int) string {
	text := schema.Decimal(n, decimals)
	if n > 0 {
		return "+" + text
	}
	return text
}
