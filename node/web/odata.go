package web

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"wangge/crdt"
	"wangge/node/export"
	"wangge/node/odata"
	"wangge/node/report"
	"wangge/schema"
)

// feeds are what Excel and Power BI may read here: the figures of every report, and the
// records of every kind that is not confidential, with persons masked.
func (s *server) feeds() http.Handler {
	var sets []odata.Set
	kinds := s.Registry.Kinds()
	for i := range kinds {
		k := &kinds[i]
		if s.Archive != nil && k.Class != crdt.Confidential {
			sets = append(sets, s.recordFeed(k))
		}
		for j := range k.Reports {
			sets = append(sets, s.reportFeeds(k, &k.Reports[j])...)
		}
	}
	slices.SortFunc(sets, func(a, b odata.Set) int { return cmp.Compare(a.Table.Name, b.Table.Name) })
	return odata.New(sets, s.Log)
}

// recordFeed gives a kind's records.
func (s *server) recordFeed(k *schema.Kind) odata.Set {
	records := export.Of(k, false, s.areaName)
	table := records.Table()
	return odata.Set{Table: table, Key: []string{"space", "record"},
		Rows: func(ctx context.Context, n odata.Narrow, yield func([]any) error) error {
			behind, err := placeOf(n.After)
			if err != nil {
				return err
			}
			area, _, _ := strings.Cut(n.Equal["space"], "/")
			area = cmp.Or(area, n.Prefix(k.Area.Field))
			return s.Archive.Each(ctx, k, area, behind, func(space crdt.Space, id crdt.RecordID, rec crdt.Record) error {
				if !records.Takes(rec, report.Query{}) {
					return ctx.Err()
				}
				return yield(records.Row(space, id, rec))
			})
		}}
}

// placeOf reads the key behind which a page begins.
func placeOf(key []string) (p Place, err error) {
	if key == nil {
		return p, nil
	}
	id, err := hex.DecodeString(key[1])
	if err == nil && len(id) == len(p.ID) {
		p.ID = crdt.RecordID(id)
		p.Space, err = crdt.ParseSpace(key[0])
	}
	if err != nil || len(id) != len(p.ID) {
		return p, schema.Problems{{Text: schema.Text{Zh: "$skiptoken 不是本服务给出的", En: "$skiptoken is none that this service gave: begin again without it"}}}
	}
	return p, nil
}

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
	report *schema.Report
	query  report.Query
	named  []string // the column of each grouping; of a set without any, that of the report
}

func (s *server) reportFeed(k *schema.Kind, r *schema.Report, name string, by []string) odata.Set {
	f := feed{s, r, report.Query{Report: k.Name + "." + r.Name, By: by}, nil}
	t := export.Table{Name: name, Title: r.Title}
	add := func(name string, title schema.Text, of export.Type, places int) string {
		for slices.ContainsFunc(t.Columns, func(c export.Column) bool { return c.Name == name }) {
			name += "_"
		}
		t.Columns = append(t.Columns, export.Column{Name: name, Title: title, Type: of, Places: places})
		return name
	}
	text := func(name, zh, en string) string { return add(name, schema.Text{Zh: zh, En: en}, export.Text, 0) }
	for _, grouping := range by {
		base, _, _ := strings.Cut(grouping, ":")
		if field, ok := k.Field(base); ok && base != schema.ByArea {
			f.named = append(f.named, add(base, field.Title, export.Text, 0))
			add(base+"_title", schema.Text{Zh: field.Title.Zh + "（名称）", En: field.Title.En + " (title)"}, export.Text, 0)
			continue
		}
		title := map[string]schema.Text{schema.ByArea: {Zh: "区域", En: "Area"}, schema.ByMonth: {Zh: "月份", En: "Month"}}[base]
		f.named = append(f.named, add(base, title, export.Text, 0))
		if base == schema.ByArea {
			text(base+"_name", "区域（名称）", "Area (name)")
		}
	}
	if len(by) == 0 {
		f.named = []string{text("report", "报表", "Report")}
	}
	add("figure", r.Title, export.Figure, r.Decimals)
	text("unit", "单位", "Unit")
	text("qualifier", "限定", "Qualifier")
	text("said", "发布写法", "As published")
	add("counted_at", schema.Text{Zh: "截止时间", En: "Cut-off"}, export.Moment, 0)
	add("boxes_complete", schema.Text{Zh: "已报齐的站", En: "Boxes whose work is all there"}, export.Whole, 0)
	add("boxes", schema.Text{Zh: "站数", En: "Boxes"}, export.Whole, 0)
	return odata.Set{Table: t, Key: f.named, Rows: f.rows}
}

// rows counts the report and yields a row a group, in order of the groups' keys.
func (f feed) rows(ctx context.Context, n odata.Narrow, yield func([]any) error) error {
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
	answer, err := f.Office.Report(ctx, q, false)
	if err != nil {
		return err
	}
	rows := answer.Rows
	if len(q.By) == 0 {
		rows = []report.Row{{Keys: []string{q.Report}, Count: answer.Total, Said: answer.Said}}
	}
	for _, row := range rows {
		if n.After != nil && slices.Compare(row.Keys, n.After) <= 0 {
			continue
		}
		if err := yield(f.row(answer, row)); err != nil {
			return err
		}
	}
	return nil
}

// areaOf returns what may be asked for of a text with which an area begins.
func areaOf(prefix string) string {
	if len(prefix) > schema.Community || strings.Trim(prefix, "0123456789") != "" {
		return ""
	}
	return prefix
}

func (f feed) row(answer Answer, r report.Row) []any {
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
	if len(f.query.By) == 0 && answer.None {
		figure = nil
	}
	at := any(nil)
	if !answer.Currency.At.IsZero() {
		at = answer.Currency.At.UTC()
	}
	c := answer.Currency.Complete
	return append(row, figure, or(f.report.Unit.Zh), or(string(f.report.Say)), or(r.Said.Zh), at, int64(c.Boxes), int64(c.Of))
}

// or returns nothing for a text that is empty.
func or(text string) any {
	if text == "" {
		return nil
	}
	return text
}
