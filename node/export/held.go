package export

import (
	"cmp"
	"fmt"
	"strings"

	"wangge/node/report"
	"wangge/schema"
)

// SaidTitle heads the column in which figures stand as they are published.
func SaidTitle() schema.Text { return schema.Text{Zh: "公布为", En: "Published as"} }

// heldTitles are what an earlier period, a difference from it and a growth over it are called.
func heldTitles(period string) (earlier, difference, growth schema.Text) {
	if period == report.YearBefore {
		return schema.Text{Zh: "上年同期", En: "Year before"}, schema.Text{Zh: "比上年同期", En: "Against the year before"},
			schema.Text{Zh: "同比增长 %", En: "Growth over a year, %"}
	}
	return schema.Text{Zh: "上期", En: "Period before"}, schema.Text{Zh: "比上期", En: "Against the period before"},
		schema.Text{Zh: "环比增长 %", En: "Growth over the period before, %"}
}

// HeldColumns are the columns in which figures of so many places are held against those
// of an earlier period.
func HeldColumns(period string, places int) []Column {
	earlier, difference, growth := heldTitles(period)
	return []Column{
		{Name: period, Title: earlier, Type: Figure, Places: places},
		{Name: period + "_difference", Title: difference, Type: Figure, Places: places},
		{Name: period + "_growth", Title: growth, Type: Figure, Places: 1},
	}
}

// HeldCells are what stands in those columns.
func HeldCells(h report.Held) []any {
	cells := []any{nil, nil, nil}
	for i, n := range []*int64{h.Total, h.Difference, h.Growth} {
		if n != nil {
			cells[i] = *n
		}
	}
	return cells
}

// about says of the whole table what belongs to each of its figures.
func (r Report) about() (lines []Line) {
	line := func(zh, en, value string) {
		if value != "" {
			lines = append(lines, Line{schema.Text{Zh: zh, En: en}, value})
		}
	}
	line("单位", "Unit", inBoth(r.Unit))
	line("取整", "Rounding", r.rounded())
	line("存量截至", "Stood at the end of", r.AsOf)
	line("合计", "Total", r.Sum())
	if n := len(r.Undivided); n > 0 {
		line("没有可除的数", "Nothing to divide by", fmt.Sprintf("%d 行 rows", n))
	}
	line("限定", "Qualifier", Qualified(r.Qualifier))
	line(SaidTitle().Zh, SaidTitle().En, inBoth(r.Said))
	if r.Now != nil {
		line("现在", "Now", r.Now.Sum())
		if restated := report.Restate(r.Table, *r.Now); len(restated) > 0 && len(restated[0].Keys) == 0 {
			line("重述", "Restated", restated[0].Difference)
		}
	}
	for _, c := range r.Compared {
		if earlier, _, _ := heldTitles(c.Period); c.Total != nil {
			line(earlier.Zh, earlier.En, r.against(c))
		}
	}
	return lines
}

// rounded says how figures are cut to their last decimal place, "" where they are whole.
func (r Report) rounded() string {
	way := "四舍五入 halves up"
	switch {
	case r.Decimals == 0 && r.Count != schema.Average && r.Count != schema.Ratio:
		return ""
	case r.Rounding == schema.Floor:
		way = "只舍不入 rounded down"
	}
	return fmt.Sprintf("%d 位小数 decimals, %s", r.Decimals, way)
}

// against says of an earlier period which it is, what the total was, and how it has changed.
func (r Report) against(c report.Compared) string {
	days := cmp.Or(c.AsOf, c.From+" – "+c.To)
	parts := []string{r.Figure(*c.Total)}
	if c.Frozen {
		parts[0] += " (结账数 frozen)"
	}
	if c.Difference != nil {
		parts = append(parts, report.Signed(*c.Difference, r.Decimals))
	}
	if c.Growth != nil {
		parts = append(parts, report.Signed(*c.Growth, 1)+" %")
	}
	return days + ": " + strings.Join(parts, ", ")
}

// Qualified says which word a figure is published with, "" for none.
func Qualified(q schema.Qualifier) string {
	return map[schema.Qualifier]string{schema.Over: "超 over", schema.AndMore: "余 and more", schema.Near: "近 nearly", schema.AtLeast: "达到 at least"}[q]
}

func inBoth(t schema.Text) string { return strings.ReplaceAll(both(t, ""), "\n", " ") }
