package report

import (
	"math/big"
	"slices"

	"wangge/schema"
)

// part works out a report of which another is made, by the name that the other's kind
// has for it.
func (f *Figures) part(asked *question, name string, q Query) (rows map[string]figure, total value, err error) {
	kind, report, _ := f.registry.Report(asked.kind, name)
	q.Report = kind.Name + "." + report.Name
	of, err := f.question(q)
	if err != nil {
		return nil, value{}, err
	}
	all, total, err := f.work(of, q)
	rows = make(map[string]figure, len(all))
	for _, row := range all {
		rows[joined(row.keys)] = row
	}
	return rows, total, err
}

// ratio divides its two reports, group by group. Its groups are those of both.
func (f *Figures) ratio(asked *question, q Query) ([]figure, value, error) {
	of, above, err := f.part(asked, asked.report.Of, q)
	if err != nil {
		return nil, value{}, err
	}
	per, below, err := f.part(asked, asked.report.Per, q)
	if err != nil {
		return nil, value{}, err
	}
	times := asked.report.Times
	rows := make([]figure, 0, len(per))
	for key, row := range per {
		rows = append(rows, figure{row.keys, of[key].over(row.value, times)})
	}
	for key, row := range of {
		if _, known := per[key]; !known {
			rows = append(rows, figure{row.keys, row.over(value{}, times)})
		}
	}
	return rows, above.over(below, times), nil // where nothing is below the line there is no figure
}

// compared holds a report against itself a period back, group by group.
func (f *Figures) compared(asked *question, q Query) ([]figure, value, error) {
	period := asked.period()
	if err := asked.comparable(q, period); err != nil {
		return nil, value{}, err
	}
	now, total, err := f.part(asked, asked.report.Of, q)
	if err != nil {
		return nil, value{}, err
	}
	before, earlier, err := f.part(asked, asked.report.Of, asked.earlier(q))
	if err != nil {
		return nil, value{}, err
	}
	_, of, _ := f.registry.Report(asked.kind, asked.report.Of)
	nothing := value{times: 1, unit: 1} // of a rate there is none, of what is counted 0
	if counts(of) && of.Count != schema.Average {
		nothing.b = 1
	}
	rows := make([]figure, 0, len(now))
	for _, row := range now {
		then, known := before[joined(asked.earlierKeys(row.keys))]
		if !known {
			then.value = nothing
		}
		rows = append(rows, figure{row.keys, held(asked.report, row.value, then.value)})
	}
	for key, then := range before {
		if _, known := now[key]; !known && period == "" {
			rows = append(rows, figure{then.keys, held(asked.report, nothing, then.value)})
		}
	}
	return rows, held(asked.report, total, earlier), nil
}

// comparable says what is wrong with a query that compares, if anything.
func (q *question) comparable(asked Query, period string) error {
	back := q.report.Back
	if period == "" {
		if asked.To == "" && asked.AsOf == "" {
			return wrong("to", "请给出起止日期或截止日期，以便与前一时段（%s）比较", "say from and to, or as_of: it is compared with the %s before", back)
		}
		return nil
	}
	months := map[string]int{schema.ByMonth: 1, schema.ByQuarter: 3, schema.ByYear: 12}
	if period == schema.ByDay || period == back || months[period] > 0 && months[back] > months[period] {
		return nil
	}
	return wrong("by", "此报表与前一时段（%s）比较，不能按更长或错开的时段分组", "this report compares with the %s before: group by nothing longer, and nothing that it cuts", back)
}

// earlierKeys returns the keys of the row with which a row is compared.
func (q *question) earlierKeys(keys []string) []string {
	earlier, period := slices.Clone(keys), q.period()
	at := slices.IndexFunc(q.by, func(g grouping) bool { return g.base == period })
	if at < 0 {
		return earlier
	}
	first, _, ok := parsePeriod(period, keys[at])
	for i, g := range q.by {
		if ok && schema.IsPeriod(g.base) {
			earlier[i] = periodOf(g.base, back(q.report.Back, first))
		}
	}
	return earlier
}

// earlier returns the query of the period before.
func (q *question) earlier(asked Query) Query {
	shift := func(day string) string {
		if day == "" {
			return ""
		}
		return dayText(back(q.report.Back, dayNumber(day)))
	}
	asked.From, asked.To, asked.AsOf = shift(asked.From), shift(asked.To), shift(asked.AsOf)
	return asked
}

// held compares a figure with the earlier one.
func held(r *schema.Report, now, then value) value {
	if now.none() || then.none() {
		return value{}
	}
	difference := new(big.Rat).Sub(now.rat(), then.rat())
	if r.Count == schema.Difference {
		return value{exact: difference}
	}
	if then.rat().Sign() == 0 {
		return value{}
	}
	growth := difference.Quo(difference, then.rat())
	return value{exact: growth.Mul(growth, big.NewRat(max(r.Times, 1), 1))}
}
