package report

import (
	"strings"

	"wangge/schema"
)

// part is what goes up of a report: its figure, or of an average what is divided and by how
// many, since averages of areas make none of all.
type part struct {
	name  string // behind the report's own
	title string
	unit  string
	shown schema.Shown
	of    func(value) int64
	adds  func(*tally, int) bool // whether a row changes it
}

// sumPlaces are how many places more than an average its sum has, if it is no whole number:
// rounded there, it moves the average of some records by no place that is shown.
const (
	sumPlaces = 2
	placesMax = 6 // those of a published figure
)

func partsOf(k *schema.Kind, r *schema.Report) []part {
	rounded := func(shown schema.Shown) func(value) int64 {
		return func(v value) int64 {
			n, _ := v.rounded(shown)
			return n
		}
	}
	if r.Count != schema.Average {
		return []part{{title: r.Title.Zh, unit: r.Unit.Zh, shown: r.Shown, of: rounded(r.Shown), adds: (*tally).adds}}
	}
	shown := schema.Shown{}
	if unitOf(k, r) > 1 {
		shown.Decimals = min(r.Decimals+sumPlaces, placesMax)
	}
	sum := rounded(shown)
	return []part{
		{schema.PartSum, r.Title.Zh + "：合计", r.Unit.Zh, shown, func(v value) int64 { return sum(value{a: v.a, times: 1, b: 1, unit: v.unit}) }, (*tally).adds},
		{schema.PartCount, r.Title.Zh + "：填写数", "", schema.Shown{}, func(v value) int64 { return v.b }, (*tally).fills},
	}
}

// table begins the table of a part.
func (p part) table(q Query, r *schema.Report) Upward {
	kind, _, _ := strings.Cut(q.Report, ".")
	u := Upward{Report: q.Report + p.name, Title: p.title, Unit: p.unit, Decimals: p.shown.Decimals, Own: r.Count == schema.Distinct, Rows: []Behind{}}
	u.Measure = measureOf(kind, r, p.name)
	if len(q.By) > 0 {
		u.By = q.By[0]
	}
	return u
}

// whole returns for how many a figure stands that is told of a whole area, such as its
// inhabitants: it is itself how many. Whose records name persons counts those.
func (p part) whole(b Behind) int64 {
	unit := power(p.shown.Decimals)
	return max(b.Persons, (max(b.Value, -b.Value)+unit-1)/unit)
}

// fills reports whether a row is one of those by whose number an average is divided.
func (t *tally) fills(row int) bool { return t.addends != nil && t.addends.filled.has(row) }
