package export

import (
	"strings"

	"wangge/node/report"
	"wangge/schema"
)

// Figures returns a report's table, and its rows one after the other: a column for
// each grouping, of areas one for the code and one for the name that the label says, and one for the figure. There is no row of totals: a person in two
// groups is one person, so a total belongs to the question without groups.
func Figures(t report.Table, english bool) (Table, [][]any) {
	out := Table{Name: strings.ReplaceAll(t.Report, ".", "_"), Title: t.Title}
	for _, c := range t.Columns {
		name := strings.ReplaceAll(c.Name, ":", "_")
		out.Columns = append(out.Columns, Column{Name: name, Title: c.Title})
		if isArea(c) {
			out.Columns = append(out.Columns, Column{Name: name + "_name", Title: nameOf(c.Title)})
		}
	}
	out.Columns = append(out.Columns, Column{Name: "figure", Title: t.Title, Type: Figure, Places: t.Decimals})
	rows := make([][]any, 0, len(t.Rows))
	for _, r := range t.Rows {
		row := make([]any, 0, len(out.Columns))
		for i, key := range r.Keys {
			if isArea(t.Columns[i]) {
				row = append(row, key, areaName(r.Labels[i], key))
				continue
			}
			row = append(row, reads(r.Labels[i], key, english))
		}
		rows = append(rows, append(row, r.Count))
	}
	if !t.Unit.Empty() {
		out.About = append(out.About, Line{schema.Text{Zh: "单位", En: "Unit"}, t.Unit.Zh})
	}
	if total := t.Sum(); total != "" {
		out.About = append(out.About, Line{schema.Text{Zh: "合计", En: "Total"}, total})
	}
	return out, rows
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
