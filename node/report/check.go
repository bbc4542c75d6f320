package report

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"wangge/schema"
)

// Checked is what came of holding figures against a recount.
type Checked struct {
	Questions   int       `json:"questions"`        // that were compared
	Figures     int       `json:"figures"`          // rows and totals of them
	Records     int       `json:"records"`          // that were recounted
	Seconds     float64   `json:"seconds"`          // that it took
	Moving      bool      `json:"moving,omitempty"` // records changed meanwhile, so a difference may be theirs
	Differences []Unequal `json:"differences,omitempty"`
	More        int       `json:"more,omitempty"` // differences beside those
}

// Unequal is a figure that is not what a recount says, "" where one of the two has none.
type Unequal struct {
	Query   Query    `json:"query"`
	Keys    []string `json:"keys,omitempty"` // of the row; none of the total
	Figure  string   `json:"figure"`
	Recount string   `json:"recount"`
}

// unequalMax is how many differences are told of.
const unequalMax = 100

// checkers is how many questions are compared at the same time: it is what a hub has of
// processors, and each holds the groups of one question in memory.
const checkers = 2

// Check holds every report at every level against a recount. today is the day up to
// which what has a cut-off is counted.
func (f *Figures) Check(c *Recount, today string) (checked Checked) {
	for _, notes := range c.notes {
		checked.Records += len(notes.ids)
	}
	questions := f.questions(today)
	all := make([]compared, len(questions))
	var next atomic.Int64
	var under sync.WaitGroup
	for range checkers {
		under.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(questions)); i = next.Add(1) - 1 {
				all[i] = f.compare(c, questions[i])
			}
		})
	}
	under.Wait()
	for _, one := range all {
		checked.Questions += one.questions
		checked.Figures += one.figures
		checked.Differences = append(checked.Differences, one.unequal...)
	}
	checked.More = max(len(checked.Differences)-unequalMax, 0)
	checked.Differences = checked.Differences[:len(checked.Differences)-checked.More]
	return checked
}

// compared is what came of one question.
type compared struct {
	questions, figures int
	unequal            []Unequal
}

func (f *Figures) compare(c *Recount, q Query) (came compared) {
	table, err := f.Answer(q)
	if err != nil {
		return came // too many rows to be asked for at once
	}
	figures, recount := table.Counted(), c.Count(q)
	came.questions, came.figures = 1, len(figures)
	for _, keys := range unequal(figures, recount) {
		one := Unequal{Query: q, Figure: figures[keys], Recount: recount[keys]}
		if keys != "" {
			one.Keys = strings.Split(keys, keysApart)
		}
		came.unequal = append(came.unequal, one)
	}
	return came
}

// unequal returns the keys, in order, under which two counts say different things.
func unequal(a, b map[string]string) (keys []string) {
	for key, figure := range a {
		if other, ok := b[key]; !ok || other != figure {
			keys = append(keys, key)
		}
	}
	for key := range b {
		if _, ok := a[key]; !ok {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// questions are those of a check: each report for each level of areas, by the longest
// periods where there are many areas, by day for all, and by all of its fields.
func (f *Figures) questions(today string) (all []Query) {
	kinds := f.registry.Kinds()
	for i := range kinds {
		k := &kinds[i]
		for j := range k.Reports {
			all = append(all, questionsOf(k, &k.Reports[j], today)...)
		}
	}
	return all
}

func questionsOf(k *schema.Kind, r *schema.Report, today string) (all []Query) {
	q := Query{Report: k.Name + "." + r.Name, AsOf: today}
	if r.Compares() {
		q.From, q.To = today[:4]+"-01-01", today
	}
	timed := func(by []string, period string) []string {
		if r.Grouped(period) && !r.Standing() && !r.Compares() && r.Count != schema.Ratio {
			return append(by, period)
		}
		return by
	}
	ask := func(by ...string) {
		if one := q; !slices.ContainsFunc(all, func(other Query) bool { return slices.Equal(other.By, by) }) {
			one.By = by
			all = append(all, one)
		}
	}
	if r.Grouped(schema.ByArea) {
		for _, digits := range levels {
			period := schema.ByMonth
			if digits > schema.Township {
				period = schema.ByYear
			}
			ask(timed([]string{fmt.Sprintf("%s:%d", schema.ByArea, digits)}, period)...)
		}
		ask(append([]string{schema.ByArea + ":9"}, fieldsOf(r)[:min(len(fieldsOf(r)), groupingsMax-1)]...)...)
	}
	ask(timed(nil, schema.ByDay)...)
	return all
}
