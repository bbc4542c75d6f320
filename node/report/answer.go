package report

import (
	"slices"

	"wangge/crdt"
	"wangge/schema"
)

// figure is one row's figure.
type figure struct {
	keys []string
	value
}

// Answer computes a query's table. Its errors are schema.Problems: what is wrong
// with the query.
func (f *Figures) Answer(q Query) (Table, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.settle()
	return f.answer(q)
}

// answer is Answer of figures that are settled.
func (f *Figures) answer(q Query) (Table, error) {
	asked, err := f.question(q)
	if err != nil {
		return Table{}, err
	}
	rows, total, err := f.work(asked, q)
	if err != nil {
		return Table{}, err
	}
	r := asked.report
	t := Table{
		Report: q.Report, Title: r.Title, Columns: []Column{}, Rows: make([]Row, 0, len(rows)),
		Count: r.Count, Unit: r.Unit, Decimals: r.Decimals, Rounding: r.Rounding, Qualifier: r.Say, From: q.From, To: q.To, AsOf: q.AsOf,
	}
	if r.Standing() && (q.AsOf == "" || asked.timed) {
		t.AsOf = q.To
	}
	for _, g := range asked.by {
		t.Columns = append(t.Columns, g.column)
	}
	if n, some := total.rounded(r.Shown); some {
		t.Total, t.Said = n, r.Said(n)
	} else {
		t.None = true
	}
	slices.SortFunc(rows, func(a, b figure) int { return slices.Compare(a.keys, b.keys) })
	for _, row := range rows {
		if n, some := row.rounded(r.Shown); some {
			t.Rows = append(t.Rows, Row{row.keys, labels(asked.by, row.keys), n, r.Said(n)})
		} else if r.Count == schema.Ratio {
			t.Undivided = append(t.Undivided, Row{Keys: row.keys, Labels: labels(asked.by, row.keys)})
		}
	}
	return t, nil
}

// work computes a question's rows and their total.
func (f *Figures) work(asked *question, q Query) ([]figure, value, error) {
	switch asked.report.Count {
	case schema.Ratio:
		return f.ratio(asked, q)
	case schema.Difference, schema.Growth:
		return f.compared(asked, q)
	}
	t := f.tally(asked)
	apart := f.twins.apart[t.members]
	var total group
	groups, err := t.gather(asked, apart)
	if err != nil {
		return nil, value{}, err
	}
	rows := make([]figure, 0, len(groups))
	for _, g := range groups {
		rows = append(rows, figure{asked.keys(g), t.valueOf(g)})
		total.records += g.records
		total.filled += g.filled
		total.sum += g.sum
		total.distinct = g.distinct // of one group; of several see together
	}
	if len(asked.by) > 0 && (asked.whole > 0 || t.members != nil || t.report.Standing() && asked.timed) {
		total = f.together(t, asked, q)
	}
	return rows, t.valueOf(&total), nil
}

// together counts a tally over all groups: somebody in two of them is one, what
// stands at the end of several periods is counted at the end of the last, and what is said of
// a whole county is not the sum of its townships.
func (f *Figures) together(t *tally, asked *question, q Query) group {
	if q.By = nil; t.report.Standing() && asked.timed {
		q.AsOf = q.To
	}
	whole, _ := f.question(q) // it is one that was read already, less its columns
	groups, _ := t.gather(whole, f.twins.apart[t.members])
	if len(groups) == 0 {
		return group{}
	}
	return *groups[0]
}

// tally returns the tally of a question's report.
func (f *Figures) tally(q *question) *tally {
	for _, t := range f.facts[q.kind.Name].tallies {
		if t.report.Name == q.report.Name {
			return t
		}
	}
	panic("report: the registry has a report of which there is no tally: " + q.report.Name)
}

func labels(by []grouping, keys []string) []schema.Text {
	texts := make([]schema.Text, len(keys))
	for i, k := range keys {
		texts[i] = schema.Text{Zh: k, En: k}
		if schema.IsPeriod(by[i].base) {
			texts[i] = periodLabel(by[i].base, k)
		}
		if by[i].field == nil {
			continue
		}
		if label, ok := by[i].field.Label(crdt.Text(k)); ok {
			texts[i] = label
		}
	}
	return texts
}
