package report

import (
	"strings"

	"wangge/schema"
)

// out stands in place of what a question leaves out.
const out = -1

// axis is one of the three sides by which a question tells rows apart: areas, time,
// and fields. It names places and turns a column's numbers into them.
type axis struct {
	names [][]string
	at    map[string]int32
}

func newAxis() axis { return axis{at: map[string]int32{}} }

// place returns the place of a name that the question's groupings of this side give.
func (a *axis) place(names []string) int32 {
	key := joined(names)
	n, ok := a.at[key]
	if !ok {
		n = int32(len(a.names))
		a.at[key], a.names = n, append(a.names, names)
	}
	return n
}

// areaPlaces returns the places of a list of codes.
func (q *question) areaPlaces(codes []string) []int32 {
	places := make([]int32, len(codes))
	for i, code := range codes {
		places[i] = out
		if !strings.HasPrefix(code, q.area) || q.whole > 0 && len(code) != q.whole {
			continue
		}
		var names []string
		for _, g := range q.by {
			if g.base == schema.ByArea {
				names = append(names, code[:min(len(code), g.digits)])
			}
		}
		places[i] = q.areas.place(names)
	}
	return places
}

// fieldPlaces returns the places of the combinations of fields that occur.
func (q *question) fieldPlaces(c *combinations) []int32 {
	places := make([]int32, len(c.values))
	for i, values := range c.values {
		places[i] = out
		if !q.meets(c, values) {
			continue
		}
		var names []string
		for _, g := range q.by {
			if g.field != nil {
				names = append(names, values[g.place])
			}
		}
		places[i] = q.fields.place(names)
	}
	return places
}

func (q *question) meets(c *combinations, values []string) bool {
	for i, name := range c.fields {
		if want, asked := q.where[name]; asked && want != values[i] {
			return false
		}
	}
	return true
}

// timePlaces remembers the places of spans of time, by their numbers.
type timePlaces struct {
	question *question
	span     span
	first    int32   // of the spans that are remembered
	of       []int32 // each one's place and one, 0 where it was not looked up yet
}

// timePlaces remembers spans from one on: not the centuries before it, as an open question
// begins before all of them.
func (q *question) timePlaces(s span, from int32) *timePlaces {
	return &timePlaces{question: q, span: s, first: max(from, s.of(dayNumber("1900-01-01")))}
}

// at returns the place of a span.
func (t *timePlaces) at(n int32) int32 {
	if !t.question.timed {
		return 0
	}
	i := int(n) - int(t.first)
	if i < 0 { // it has no day
		return t.question.timePlace(n)
	}
	if i >= len(t.of) {
		t.of = append(t.of, make([]int32, i+1-len(t.of))...)
	}
	if t.of[i] == 0 {
		t.of[i] = t.question.timePlace(t.span.first(n)) + 1
	}
	return t.of[i] - 1
}

func (q *question) timePlace(day int32) int32 {
	var names []string
	for _, g := range q.by {
		if schema.IsPeriod(g.base) {
			names = append(names, periodOf(g.base, day))
		}
	}
	return q.times.place(names)
}
