package web

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"wangge/node/export"
	"wangge/node/odata"
	"wangge/node/report"
	"wangge/schema"
)

// reportFeeds gives a report's figures: by county, township and community where it is
// grouped by area. Groups of what adds up are told apart by all that the report groups by;
// of other figures, which nobody may add, each grouping has a set of its own.
func (s *server) reportFeeds(k *schema.Kind, r *schema.Report) (sets []odata.Set) {
	if r.Compares() {
		return nil // it is asked from a day to a day
	}
	levels := [][]string{nil}
	if r.Grouped(schema.ByArea) {
		levels = nil
		for _, digits := range []int{schema.County, schema.Township, schema.Community} {
			levels = append(levels, []string{fmt.Sprintf("%s:%d", schema.ByArea, digits)})
		}
	}
	var others []string
	for _, by := range r.By {
		if by != schema.ByArea && !schema.IsPeriod(by) {
			others = append(others, by)
		}
	}
	if r.Grouped(schema.ByMonth) && !s.stands(k, r) {
		others = append([]string{schema.ByMonth}, others...)
	}
	for _, level := range levels {
		name := strings.ReplaceAll(strings.Join(append([]string{k.Name, r.Name}, level...), "_"), ":", "_")
		if r.Count == schema.Records || r.Count == schema.Sum {
			by := slices.Concat(level, others)
			sets = append(sets, s.reportFeed(k, r, name, by[:min(len(by), groupingsMax)]))
			continue
		}
		sets = append(sets, s.reportFeed(k, r, name, level))
		for _, other := range others {
			sets = append(sets, s.reportFeed(k, r, name+"_by_"+other, append(slices.Clone(level), other)))
		}
	}
	return sets
}

// stands reports whether a figure, or one of those of which it is made, is of what stands
// at the end of a day: then months are asked for one by one.
func (s *server) stands(k *schema.Kind, r *schema.Report) bool {
	if r.Count != schema.Ratio {
		return r.Standing()
	}
	for _, part := range []string{r.Of, r.Per} {
		if of, p, ok := s.Registry.Report(k, part); ok && s.stands(of, p) {
			return true
		}
	}
	return false
}

// feed is one set of a report's figures.
type feed struct {
	*server
	report   *schema.Report
	query    report.Query
	named    []string // the column of each grouping; of a set without any, that of the report
	compares bool     // with earlier periods, which a set has that is of months, or of what stands now
}

func (s *server) reportFeed(k *schema.Kind, r *schema.Report, name string, by []string) odata.Set {
	f := feed{server: s, report: r, query: report.Query{Report: k.Name + "." + r.Name, By: by}}
	f.compares = s.stands(k, r) || slices.Contains(by, schema.ByMonth)
	t := export.Table{Name: name, Title: r.Title}
	add := func(c export.Column) string {
		for slices.ContainsFunc(t.Columns, func(other export.Column) bool { return other.Name == c.Name }) {
			c.Name += "_"
		}
		t.Columns = append(t.Columns, c)
		return c.Name
	}
	text := func(name, zh, en string) string {
		return add(export.Column{Name: name, Title: schema.Text{Zh: zh, En: en}})
	}
	for _, grouping := range by {
		base, _, _ := strings.Cut(grouping, ":")
		if field, ok := k.Field(base); ok && base != schema.ByArea {
			f.named = append(f.named, add(export.Column{Name: base, Title: field.Title}))
			text(base+"_title", field.Title.Zh+"（名称）", field.Title.En+" (title)")
			continue
		}
		title := map[string]schema.Text{schema.ByArea: {Zh: "区域", En: "Area"}, schema.ByMonth: {Zh: "月份", En: "Month"}}[base]
		f.named = append(f.named, add(export.Column{Name: base, Title: title}))
		if base == schema.ByArea {
			text(base+"_name", "区域（名称）", "Area (name)")
		}
	}
	if len(by) == 0 {
		f.named = []string{text("report", "报表", "Report")}
	}
	for _, c := range f.figureColumns() {
		add(c)
	}
	return odata.Set{Table: t, Key: f.named, Rows: f.rows}
}

// figureColumns are the columns behind the groupings: the figure, and what belongs to it.
func (f feed) figureColumns() []export.Column {
	text := func(name, zh, en string) export.Column {
		return export.Column{Name: name, Title: schema.Text{Zh: zh, En: en}}
	}
	all := []export.Column{
		{Name: "figure", Title: f.report.Title, Type: export.Figure, Places: f.report.Decimals},
		text("unit", "单位", "Unit"), text("qualifier", "限定", "Qualifier"), {Name: "said", Title: export.SaidTitle()}, text("rounding", "取整", "Rounding"),
	}
	if f.compares {
		all = slices.Concat(all, export.HeldColumns(report.PeriodBefore, f.report.Decimals), export.HeldColumns(report.YearBefore, f.report.Decimals))
	}
	return append(all, knownColumns("counted_at")...)
}

// knownColumns say what a figure knows of: when it was counted, and how complete that was.
func knownColumns(at string) []export.Column {
	return []export.Column{
		{Name: at, Title: schema.Text{Zh: "截止时间", En: "Cut-off"}, Type: export.Moment},
		{Name: "complete_to", Title: schema.Text{Zh: "齐至", En: "Complete to"}, Type: export.Moment},
		{Name: "boxes_complete", Title: schema.Text{Zh: "已到齐的站", En: "Boxes whose work is all here"}, Type: export.Whole},
		{Name: "boxes", Title: schema.Text{Zh: "站数", En: "Boxes"}, Type: export.Whole},
		{Name: "late", Title: schema.Text{Zh: "未到的站", En: "Boxes whose work is not here"}}, // one text: Excel shows no lists
	}
}

// known fills those columns.
func known(at time.Time, c Complete) []any {
	return []any{moment(at), moment(c.At), int64(c.Boxes), int64(c.Of), or(strings.Join(c.Late, "; "))}
}

// moment returns nothing for a moment that never was.
func moment(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.UTC()
}

// rows counts the report and yields a row a group, in order of the groups' keys.
func (f feed) rows(ctx context.Context, n odata.Narrow, yield func([]any) error) error {
	q := f.narrowed(n)
	answer, err := f.Office.Report(ctx, q, false)
	if err != nil {
		return err
	}
	if f.compares {
		answer.Compared = f.compare(ctx, answer.Table, asked{query: q})
	}
	lines := answer.Lines()
	if len(q.By) == 0 {
		lines = []report.Line{{Row: report.Row{Keys: []string{q.Report}, Count: answer.Total, Said: answer.Said}}}
		if answer.None {
			lines[0].At = -1
		}
	}
	for _, row := range lines {
		if n.After != nil && slices.Compare(row.Keys, n.After) <= 0 {
			continue
		}
		if err := yield(f.row(answer, row)); err != nil {
			return err
		}
	}
	return nil
}

// narrowed returns the set's question for what a filter leaves.
func (f feed) narrowed(n odata.Narrow) report.Query {
	q := f.query
	for i, by := range q.By {
		base, _, _ := strings.Cut(by, ":")
		text, exact := n.Equal[f.named[i]]
		switch {
		case base == schema.ByArea:
			q.Area = areaOf(n.Prefix(f.named[i]))
		case exact && text != "" && !schema.IsPeriod(base):
			if q.Where == nil {
				q.Where = map[string]string{}
			}
			q.Where[base] = text
		}
	}
	return q
}

// areaOf returns what may be asked for of a text with which an area begins.
func areaOf(prefix string) string {
	if len(prefix) > schema.Community || strings.Trim(prefix, "0123456789") != "" {
		return ""
	}
	return prefix
}

func (f feed) row(answer Answer, r report.Line) []any {
	var row []any
	for i, key := range r.Keys {
		row = append(row, key)
		if i < len(f.query.By) && strings.HasPrefix(f.query.By[i], schema.ByArea) {
			row = append(row, or(f.areaName(key)))
			continue
		}
		if i < len(f.query.By) && !schema.IsPeriod(f.query.By[i]) {
			row = append(row, or(r.Labels[i].Zh))
		}
	}
	var figure any = r.Count
	if r.At < 0 {
		figure = nil
	}
	row = append(row, figure, or(f.report.Unit.Zh), or(string(f.report.Say)), or(r.Said.Zh), or(string(f.report.Rounding)))
	for _, period := range []string{report.PeriodBefore, report.YearBefore} {
		if f.compares {
			row = append(row, export.HeldCells(heldAt(answer.Compared, period, r.At))...)
		}
	}
	return append(row, known(answer.Currency.At, answer.Currency.Complete)...)
}

// heldAt returns what a row is held against in an earlier period; nothing where there is
// none, or the row has no figure.
func heldAt(compared []report.Compared, period string, row int) report.Held {
	for _, c := range compared {
		switch {
		case c.Period != period:
		case len(c.Rows) == 0:
			return c.Held // of the one row of a set without groupings
		case row >= 0:
			return c.Rows[row]
		}
	}
	return report.Held{}
}

// or returns nothing for a text that is empty.
func or(text string) any {
	if text == "" {
		return nil
	}
	return text
}
