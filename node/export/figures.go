package export

import (
	"slices"
	"strings"

	"wangge/node/report"
	"wangge/schema"
)

// Report is a report as it goes out: its table, and what stands beside its figures.
type Report struct {
	report.Table
	Compared []report.Compared // with earlier periods
	Now      *report.Table     // as the records say now, where the table is that of a closed month
}

// Figures returns a report as a table, and its rows one after the other: a column for
// each grouping, of areas one for the code and one for the name that the label says, and one for the figure. Behind it stand what was said of it,
// the earlier figures, and of a closed month what the records say now. There is no row of totals: a person in two
// groups is one person, so a total belongs to the question without groups.
func Figures(r Report, english bool) (Table, [][]any) {
	out := Table{Name: strings.ReplaceAll(r.Report, ".", "_"), Title: r.Title}
	for _, c := range r.Columns {
		name := strings.ReplaceAll(c.Name, ":", "_")
		out.Columns = append(out.Columns, Column{Name: name, Title: c.Title})
		if isArea(c) {
			out.Columns = append(out.Columns, Column{Name: name + "_name", Title: nameOf(c.Title)})
		}
	}
	out.Columns = append(out.Columns, Column{Name: "figure", Title: r.Title, Type: Figure, Places: r.Decimals})
	if r.Qualifier != "" {
		out.Columns = append(out.Columns, Column{Name: "said", Title: SaidTitle()})
	}
	for _, c := range r.Compared {
		out.Columns = append(out.Columns, HeldColumns(c.Period, r.Decimals)...)
	}
	if r.Now != nil {
		out.Columns = append(out.Columns, frozenColumns(r.Decimals)...)
	}
	out.About = r.about()
	return out, r.cells(english)
}

// frozenColumns stand behind the figures of a closed month.
func frozenColumns(places int) []Column {
	return []Column{
		{Name: "now", Title: schema.Text{Zh: "现在", En: "Now"}, Type: Figure, Places: places},
		{Name: "restated", Title: schema.Text{Zh: "重述", En: "Restated"}, Type: Figure, Places: places},
	}
}

// Row is a row with what stands beside its figure. Of a closed month it may have been
// frozen or not, and be there now or not.
type Row struct {
	report.Row
	was, is bool
	now     int64
	held    []report.Held
}

// Rows returns the rows in the order of their keys. What the records say now of a closed
// month may have groups that were not there.
func (r Report) Rows() []Row {
	var all []Row
	at := map[string]int{}
	for _, row := range whole(r.Table) {
		one := Row{Row: row.Row, was: row.At >= 0}
		for _, c := range r.Compared {
			one.held = append(one.held, heldBy(c, row.At, len(r.Columns) == 0))
		}
		at[strings.Join(row.Keys, "\x00")] = len(all)
		all = append(all, one)
	}
	if r.Now == nil {
		return all
	}
	for _, row := range whole(*r.Now) {
		i, was := at[strings.Join(row.Keys, "\x00")]
		if !was {
			i, all = len(all), append(all, Row{Row: row.Row, held: make([]report.Held, len(r.Compared))})
		}
		all[i].is, all[i].now = row.At >= 0, row.Count
	}
	slices.SortFunc(all, func(a, b Row) int { return slices.Compare(a.Keys, b.Keys) })
	return all
}

// heldBy returns what a row is held against in an earlier period; of the row without a
// figure nothing, but where it is the only one.
func heldBy(c report.Compared, at int, only bool) report.Held {
	switch {
	case only:
		return c.Held
	case at < 0:
		return report.Held{}
	}
	return c.Rows[at]
}

// whole returns a table's rows, with those that have no figure: of one without groupings
// the total, though it be 0.
func whole(t report.Table) []report.Line {
	switch {
	case len(t.Columns) > 0:
		return t.Lines()
	case t.None:
		return []report.Line{{Row: report.Row{Keys: []string{}}, At: -1}}
	}
	return []report.Line{{Row: report.Row{Keys: []string{}, Count: t.Total, Said: t.Said}}}
}

// Figure returns the row's figure (int64), nil if it has none.
func (r Row) Figure() any { return among(r.was, r.Count) }

// Now returns what the records say now of a closed month.
func (r Row) Now() any { return among(r.is, r.now) }

// Restated returns how much more than the frozen figure that is, if it is another; none
// counts as 0.
func (r Row) Restated() any {
	n := r.now
	if r.was {
		n -= r.Count
	}
	return among(n != 0 || r.was != r.is, n)
}

// Published returns how the figure is published, nil for none.
func (r Row) Published(english bool) any {
	return among(r.was && !r.Said.Empty(), reads(r.Said, "", english))
}

// among returns a value if it is there, else nothing.
func among[T any](there bool, v T) any {
	if !there {
		return nil
	}
	return v
}

func (r Report) cells(english bool) [][]any {
	all := r.Rows()
	rows := make([][]any, 0, len(all))
	for _, one := range all {
		row := append(r.keys(one.Row, english), one.Figure())
		if r.Qualifier != "" {
			row = append(row, one.Published(english))
		}
		for _, h := range one.held {
			row = append(row, HeldCells(h)...)
		}
		if r.Now != nil {
			row = append(row, one.Now(), one.Restated())
		}
		rows = append(rows, row)
	}
	return rows
}

func (r Report) keys(row report.Row, english bool) (cells []any) {
	for i, key := range row.Keys {
		if isArea(r.Columns[i]) {
			cells = append(cells, key, areaName(row.Labels[i], key))
			continue
		}
		cells = append(cells, reads(row.Labels[i], key, english))
	}
	return cells
}

func isArea(c report.Column) bool {
	base, _, _ := strings.Cut(c.Name, ":")
	return base == schema.ByArea
}

// nameOf returns the title of the column in which the names stand that belong to codes.
func nameOf(title schema.Text) schema.Text {
	return schema.Text{Zh: title.Zh + "（名称）", En: title.En + " (name)"}
}

// areaName returns a label that says more than the code, or nothing.
func areaName(label schema.Text, code string) any {
	if label.Zh == "" || label.Zh == code {
		return nil
	}
	return label.Zh
}

// reads returns how a group's key reads.
func reads(label schema.Text, key string, english bool) string {
	switch {
	case english && label.En != "":
		return label.En
	case label.Zh != "":
		return label.Zh
	}
	return key
}
