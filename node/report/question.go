package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"wangge/schema"
)

// groupingsMax is how many columns a table has at most beside its figure.
const groupingsMax = 6

// question is a query of one report, read and found to make sense.
type question struct {
	kind     *schema.Kind
	report   *schema.Report
	by       []grouping
	area     string
	from, to int32
	asOf     int32
	where    map[string]string
	whole    int // of a kind whose records tell of whole areas: how many digits those have that count

	timed                bool // a grouping is one by time
	areas, times, fields axis
}

// grouping is one column of an answer.
type grouping struct {
	column Column
	base   string        // area, a period or a field
	digits int           // of an area
	field  *schema.Field // of a field
	place  int           // of a field, among the report's own
}

// wrong says what a query asked for that is not there.
func wrong(field, zh, en, detail string) schema.Problems {
	return schema.Problems{{Field: field, Text: schema.Text{Zh: fmt.Sprintf(zh, detail), En: fmt.Sprintf(en, detail)}}}
}

// question reads a query. Its errors are schema.Problems.
func (f *Figures) question(q Query) (*question, error) {
	kind, report, err := f.report(q.Report)
	if err != nil {
		return nil, err
	}
	asked := &question{kind: kind, report: report, area: q.Area, where: q.Where, areas: newAxis(), times: newAxis(), fields: newAxis()}
	if err := asked.groupings(q.By); err != nil {
		return nil, err
	}
	fields := fieldsOf(report)
	for name := range q.Where {
		if !slices.Contains(fields, name) {
			return nil, wrong("where."+name, "这张报表只能按这些筛选：%s", "this report is filtered by: %s", strings.Join(fields, ", "))
		}
	}
	if kind.Wholes() {
		asked.whole = max(schema.County, asked.digits())
	}
	return asked, asked.days(q)
}

func (f *Figures) report(name string) (*schema.Kind, *schema.Report, error) {
	kind, own, _ := strings.Cut(name, ".")
	k, ok := f.registry.Kind(kind)
	if !ok {
		return nil, nil, wrong("report", "没有这种表单：%s", "there is no such kind: %s", kind)
	}
	var known []string
	for j := range k.Reports {
		if k.Reports[j].Name == own {
			return k, &k.Reports[j], nil
		}
		known = append(known, k.Name+"."+k.Reports[j].Name)
	}
	return nil, nil, wrong("report", "没有这张报表，可选：%s", "there is no such report; there are: %s", strings.Join(known, ", "))
}

func (q *question) groupings(names []string) error {
	if len(names) > groupingsMax {
		return wrong("by", "最多按 %s 项分组", "group by at most %s things", strconv.Itoa(groupingsMax))
	}
	for _, name := range names {
		base, digits, cut := strings.Cut(name, ":")
		g := grouping{column: Column{Name: name}, base: base}
		switch {
		case !q.report.Grouped(base) || cut && base != schema.ByArea:
			return wrong("by", "这张报表只能按这些分组：%s", "this report groups by: %s", strings.Join(q.report.By, ", "))
		case base == schema.ByArea:
			n, err := strconv.Atoi(cmp.Or(digits, strconv.Itoa(areaMax)))
			if err != nil || n < 2 || n > areaMax {
				return wrong("by", "区域取前 2 至 17 位，例如 %s", "an area is cut to 2 to 17 digits, such as %s", "area:9")
			}
			g.digits, g.column.Title = n, schema.Text{Zh: "区域", En: "Area"}
		case schema.IsPeriod(base):
			q.timed, g.column.Title = true, periodTitle(base)
		default:
			g.field, _ = q.kind.Field(base)
			g.place, g.column.Title = slices.Index(fieldsOf(q.report), base), g.field.Title
		}
		q.by = append(q.by, g)
	}
	return nil
}

func periodTitle(period string) schema.Text {
	switch period {
	case schema.ByWeek:
		return schema.Text{Zh: "周", En: "Week"}
	case schema.ByMonth:
		return schema.Text{Zh: "月份", En: "Month"}
	case schema.ByQuarter:
		return schema.Text{Zh: "季度", En: "Quarter"}
	case schema.ByYear:
		return schema.Text{Zh: "年份", En: "Year"}
	}
	return schema.Text{Zh: "日期", En: "Day"}
}

// days reads the days that a query asks for.
func (q *question) days(asked Query) error {
	q.from, q.to, q.asOf = noDay, lastDay, lastDay
	for _, d := range []struct {
		name, text string
		day        *int32
	}{{"from", asked.From, &q.from}, {"to", asked.To, &q.to}, {"as_of", asked.AsOf, &q.asOf}} {
		if d.text == "" {
			continue
		}
		if *d.day = dayNumber(d.text); *d.day == noDay {
			return wrong(d.name, "应为日期，例如 %s", "want a day, such as %s", "2024-11-01")
		}
	}
	if asked.AsOf == "" {
		q.asOf = q.to
	}
	if q.from > q.to {
		return wrong("from", "开始日期在结束日期 %s 之后", "the first day lies behind the last, %s", asked.To)
	}
	period, open := q.period(), q.from == noDay || q.to == lastDay
	switch {
	case !counts(q.report):
	case q.report.Standing() && period != "":
		if open {
			return wrong("from", "按时间分组的存量要给出起止日期（%s）", "what stands at the end of each %s is asked from a day to a day", period)
		}
		if first, last := periodDays(period, q.from); int(q.to-q.from)/int(last-first+1) > periodsMax {
			return wrong("from", "一次最多 %s 个时段", "ask for at most %s periods at once", strconv.Itoa(periodsMax))
		}
	case !q.report.Standing() && q.report.Dated(q.kind) == "":
		q.from, q.to = noDay, lastDay // such as inhabitants, who are there all the year
	case q.from == noDay && q.to != lastDay:
		q.from = firstDay // what has no day lies before no other
	}
	return nil
}

// period returns the shortest grouping by time, "" if there is none.
func (q *question) period() string {
	for _, p := range schema.Periods() {
		if slices.ContainsFunc(q.by, func(g grouping) bool { return g.base == p }) {
			return p
		}
	}
	return ""
}

// digits returns how many digits of areas have to be told apart.
func (q *question) digits() int {
	digits := len(q.area)
	for _, g := range q.by {
		digits = max(digits, g.digits)
	}
	return digits
}

// byFields reports whether combinations of fields have to be told apart.
func (q *question) byFields() bool {
	return len(q.where) > 0 || slices.ContainsFunc(q.by, func(g grouping) bool { return g.field != nil })
}
