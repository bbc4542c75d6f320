package report

import (
	"fmt"
	"time"

	"wangge/schema"
)

// MonthDays returns the first and the last day of a month such as 2026-11; false of
// anything else.
func MonthDays(month string) (first, last string, ok bool) {
	from, to, ok := parsePeriod(schema.ByMonth, month)
	if !ok {
		return "", "", false
	}
	return dayText(from), dayText(to), true
}

// MonthOf returns the month that two days are the first and the last of; false of others.
func MonthOf(from, to string) (month string, ok bool) {
	day, err := time.Parse(time.DateOnly, from)
	if err != nil {
		return "", false
	}
	month = day.Format("2006-01")
	first, last, _ := MonthDays(month)
	return month, first == from && last == to
}

// MonthsBefore returns the month so many months before another, which MonthDays reads.
func MonthsBefore(month string, n int) string {
	day, _ := time.Parse("2006-01", month)
	return day.AddDate(0, -n, 0).Format("2006-01")
}

// InMonth returns the question about a month: its days, and of what stands for a time its
// last.
func (q Query) InMonth(month string) Query {
	q.From, q.To, _ = MonthDays(month)
	q.AsOf = ""
	return q
}

// Freeze answers what a closed month keeps of every report, by the report's name: all
// together, by county, township and community, and by each field; and what may go up of
// it. All of it is of one moment: no record changes between two of these tables.
func (f *Figures) Freeze(month string) (map[string]Frozen, []Upward) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.rollUp(true) { // all of it waits for that, as it is of one moment
	}
	f.settle()
	all := map[string]Frozen{}
	kinds := f.registry.Kinds()
	for i := range kinds {
		k := &kinds[i]
		for j := range k.Reports {
			r := &k.Reports[j]
			q := Query{Report: k.Name + "." + r.Name}.InMonth(month)
			for _, by := range FrozenBy(r) {
				q.By = by
				if t, err := f.answer(q); err == nil { // else it has too many rows
					all[q.Report] = append(all[q.Report], t)
				}
			}
		}
	}
	return all, f.upward(month)
}

// FrozenBy are the groupings by which a report is frozen, the first by nothing.
func FrozenBy(r *schema.Report) [][]string {
	all := [][]string{nil}
	if r.Grouped(schema.ByArea) {
		for _, digits := range []int{schema.County, schema.Township, schema.Community} {
			all = append(all, []string{fmt.Sprintf("%s:%d", schema.ByArea, digits)})
		}
	}
	for _, name := range fieldsOf(r) {
		all = append(all, []string{name})
	}
	return all
}
