package city

import (
	"slices"
	"strings"

	"wangge/crdt"
	"wangge/node/publication"
	"wangge/node/report"
	"wangge/schema"
)

// How an area stands to a report.
const (
	Counted     = "counted"
	Unpublished = "unpublished" // nothing of the month came from it
	Absent      = "absent"      // its publication has no such report, or none that is grouped so
	Withheld    = "withheld"    // its figure stands for too few persons
	OtherUnit   = "other_unit"  // it counts in another unit than the others
	Apart       = "apart"       // it has its own areas' figures, of persons counted once, and no total
)

// measure is what a report asks of the publications: a figure that they have, or the
// quotient of two.
type measure struct {
	title schema.Text
	unit  schema.Text
	shown schema.Shown
	own   bool // nobody is added to anybody
	grows bool // it is no rate, of which only the difference is told
	parts []part
	// bound is how a quotient of sums stands to what it would be if nobody were counted in two
	// areas: AtMost where it is persons that are divided, AtLeast where they divide.
	bound string
}

// How a quotient stands to the one that nobody knows.
const (
	AtMost  = "at_most"
	AtLeast = "at_least"
)

// part is a published report that a measure needs, and how figures of it are read.
type part struct {
	name string
	scale
}

// scale is what two figures have to share to be added up.
type scale struct {
	unit     string
	decimals int
}

// amount is one area's, or several areas', of a measure.
type amount struct{ of, per, persons int64 }

func (a amount) plus(b amount) amount {
	return amount{a.of + b.of, a.per + b.per, a.persons + b.persons}
}

// figure returns an amount as it is shown; false where there is nothing to divide by.
func (x measure) figure(a amount) (n int64, some bool) {
	if len(x.parts) == 1 {
		return a.of, true
	}
	return report.Quotient(a.of, x.parts[0].decimals, a.per, x.parts[1].decimals, x.shown)
}

// measure finds out what a report asks. Of a report that the program has no form for it
// knows what the publications say.
func (m Month) measure(kinds *schema.Registry, name string) (x measure, err error) {
	kind, own, _ := strings.Cut(name, ".")
	if kind == "" || own == "" {
		return x, publication.Refuse(nil, "%q 不是报表：应为表单和它的报表，例如 grid_visit.visits", "%q is no report: want a kind and its report, such as grid_visit.visits", name)
	}
	k, r, known := kinds.Report(nil, name)
	if !known {
		r = m.unknown(name)
	}
	x = measure{title: r.Title, unit: r.Unit, shown: r.Shown, grows: r.Count != schema.Ratio}
	names := []string{name}
	switch {
	case r.Count == schema.Average:
		names = []string{name + schema.PartSum, name + schema.PartCount}
	case r.Compares():
		return x, publication.Refuse(nil, "%s 是两个时段的比较：请问 %s，它旁边就有增长", "%s compares periods: ask for %s, beside which its growth stands", name, r.Of)
	case r.Count == schema.Ratio:
		names = []string{full(k, r.Of), full(k, r.Per)}
	}
	for _, name := range names {
		x.parts = append(x.parts, part{name, m.scale(name)})
	}
	if len(names) > 1 {
		x.divide(m.own(names[0]), m.own(names[1]))
		return x, nil
	}
	x.own = m.own(name)
	x.read(m.first(name))
	return x, nil
}

// divide finds out what is known of a quotient of which persons that each area counted once
// are above the line, or below it. Their sum is the most that they can be together, as
// somebody may be in two areas; of two such sums the quotient says nothing.
func (x *measure) divide(above, below bool) {
	switch {
	case above && below:
		x.own = true
	case above:
		x.bound = AtMost
	case below:
		x.bound = AtLeast
	}
}

// unknown returns what can be told of a report that the program has no form for: it is an
// average where its parts were published.
func (m Month) unknown(name string) *schema.Report {
	sum := m.first(name + schema.PartSum)
	if sum == nil {
		return &schema.Report{Count: schema.Records}
	}
	title, _, _ := strings.Cut(sum.Title, "：")
	return &schema.Report{
		Count: schema.Average, Title: schema.Text{Zh: title, En: title},
		Shown: schema.Shown{Unit: schema.Text{Zh: sum.Unit, En: sum.Unit}, Decimals: max(1, sum.Decimals-2)},
	}
}

// full returns a report's name as publications have it.
func full(k *schema.Kind, name string) string {
	if strings.Contains(name, ".") {
		return name
	}
	return k.Name + "." + name
}

// read takes what a publication says of how a figure is read, over what the program knows.
func (x *measure) read(said *publication.Figure) {
	if said == nil {
		return
	}
	if x.shown.Decimals = x.parts[0].decimals; x.unit.Zh != x.parts[0].unit {
		x.unit = schema.Text{Zh: x.parts[0].unit, En: x.parts[0].unit}
	}
	if x.title.Empty() {
		x.title = schema.Text{Zh: said.Title, En: said.Title}
	}
}

// scale returns that of most areas, the first of equally many.
func (m Month) scale(name string) (most scale) {
	votes := map[scale]int{}
	for _, a := range m.Areas {
		if t := m.whole(a.Code, name); t != nil {
			s := scale{t.Unit, t.Decimals}
			if votes[s]++; votes[s] > votes[most] {
				most = s
			}
		}
	}
	return most
}

// own reports whether any area counts its persons once.
func (m Month) own(name string) bool {
	return slices.ContainsFunc(m.Areas, func(a Area) bool {
		t := m.whole(a.Code, name)
		return t != nil && t.Own
	})
}

// first returns the report of the first area that published it.
func (m Month) first(name string) *publication.Figure {
	for _, a := range m.Areas {
		if t := m.whole(a.Code, name); t != nil {
			return t
		}
	}
	return nil
}

// groups returns the keys of the rows that any area has.
func (m Month) groups(x measure, by string) map[string]bool {
	keys := map[string]bool{}
	for area := range m.Said {
		if t := m.table(area, x.parts[0].name, by); by != "" && t != nil {
			for _, c := range t.Table.Rows {
				keys[c.Key] = true
			}
		}
	}
	return keys
}

// label returns how a row's key reads.
func label(kinds *schema.Registry, name, by, key string) schema.Text {
	kind, _, _ := strings.Cut(name, ".")
	if k, ok := kinds.Kind(kind); ok {
		if f, ok := k.Field(by); ok {
			if text, ok := f.Label(crdt.Text(key)); ok {
				return text
			}
		}
	}
	return schema.Text{Zh: key, En: key}
}
