package report

import (
	"slices"
	"strings"

	"wangge/schema"
)

// The periods with which figures are held.
const (
	PeriodBefore = "period_before" // as many whole months before, or else as many days; of a row by time its own period before
	YearBefore   = "year_before"   // the same a year before
)

// Earlier is what a question's figures are held against.
type Earlier struct {
	Period string
	Total  Query // without groupings; of no report where the question has no days
	Rows   Query // with the question's groupings; of no report where it has none
	keys   func(columns []Column, keys []string) []string
}

// Earlier returns what figures are held against, the period before first. Of a period that
// is not over yet by today, the same part of an earlier one is taken, so that like is held
// against like; standing figures without days are those at the end of a day. There is none
// where a question has neither days nor a grouping by time.
func (q Query) Earlier(today string, standing bool) (all []Earlier) {
	end := min(dayNumber(q.To), dayNumber(today))
	if q.To == "" {
		end = dayNumber(today)
	}
	if standing && q.AsOf != "" {
		end = min(dayNumber(q.AsOf), dayNumber(today))
	}
	total := q
	total.By = nil
	for _, period := range []string{PeriodBefore, YearBefore} {
		e := Earlier{Period: period}
		if whole := q.shift(period, end, standing); whole != nil {
			e.Total = total.moved(whole, end)
		}
		if rows := q.rowShift(period, end, standing); len(q.By) > 0 && rows != nil {
			e.Rows = q.moved(rows, end)
			e.keys = earlierKeys(rows)
		}
		if e.Total.Report != "" || e.Rows.Report != "" {
			all = append(all, e)
		}
	}
	return all
}

// shift returns the way back from a question's days; nil if it has none.
func (q Query) shift(period string, end int32, standing bool) func(int32) int32 {
	from := dayNumber(q.From)
	switch {
	case q.From != "" && from > end, q.From == "" && !standing:
		return nil
	case period == YearBefore:
		return func(day int32) int32 { return monthsBack(day, 12) }
	case q.From == "":
		return func(day int32) int32 { return monthsBack(day, 1) }
	}
	last := dayNumber(q.To)
	if q.To == "" {
		last = end
	}
	if n := months.of(last+1) - months.of(from); months.first(months.of(from)) == from && months.first(months.of(last+1)) == last+1 {
		return func(day int32) int32 { return monthsBack(day, int(n)) }
	}
	return func(day int32) int32 { return day - (last + 1 - from) }
}

// rowShift returns the way back from a row's days.
func (q Query) rowShift(period string, end int32, standing bool) func(int32) int32 {
	shortest := ""
	for _, by := range schema.Periods() {
		if shortest == "" && slices.Contains(q.By, by) {
			shortest = by
		}
	}
	switch {
	case shortest == "":
		return q.shift(period, end, standing)
	case period == PeriodBefore:
		return func(day int32) int32 { return back(shortest, day) }
	case shortest == schema.ByWeek:
		return func(day int32) int32 { return day - 52*7 }
	}
	return func(day int32) int32 { return monthsBack(day, 12) }
}

// moved returns a question's days moved, the last of them at most to where end goes.
func (q Query) moved(shift func(int32) int32, end int32) Query {
	if q.From != "" {
		q.From = dayText(shift(dayNumber(q.From)))
	}
	if q.AsOf = ""; q.From != "" || q.To != "" || slices.ContainsFunc(q.By, schema.IsPeriod) {
		q.To = dayText(shift(end))
	} else {
		q.AsOf = dayText(shift(end))
	}
	return q
}

// earlierKeys returns how a row's keys were called a period back; nil of what has no day.
func earlierKeys(shift func(int32) int32) func([]Column, []string) []string {
	return func(columns []Column, keys []string) []string {
		earlier := slices.Clone(keys)
		for _, period := range schema.Periods() { // the shortest says where in the longer ones a row lies
			at := slices.IndexFunc(columns, func(c Column) bool { return c.Name == period })
			if at < 0 {
				continue
			}
			first, _, ok := parsePeriod(period, keys[at])
			if !ok {
				return nil
			}
			for i, c := range columns {
				if schema.IsPeriod(c.Name) {
					earlier[i] = periodOf(c.Name, shift(first))
				}
			}
			break
		}
		return earlier
	}
}

// Compared holds a table against those of an earlier period. From, To and AsOf are that
// one's; they are left out where it is another for each row.
type Compared struct {
	Period string `json:"period"` // PeriodBefore or YearBefore
	From   string `json:"from,omitempty"`
	To     string `json:"to,omitempty"`
	AsOf   string `json:"as_of,omitempty"`
	Held
	Frozen bool   `json:"frozen,omitempty"` // the total is that of a closed month
	Rows   []Held `json:"rows,omitempty"`   // one a row of the table; none where that has no groupings
}

// Held holds a figure against an earlier one.
type Held struct {
	Total      *int64 `json:"total,omitempty"`      // the earlier one, in units of the last decimal place; none, as with nothing to divide by
	Difference *int64 `json:"difference,omitempty"` // likewise; of a rate in points
	Growth     *int64 `json:"growth,omitempty"`     // in tenths of a per cent, of what is no rate
}

// Compare holds a table against the total and the rows of an earlier period.
func (e Earlier) Compare(now, total, rows Table) Compared {
	c := Compared{Period: e.Period, From: e.Total.From, To: e.Total.To, AsOf: e.Total.AsOf}
	if e.Total.Report != "" {
		c.Held = hold(now, now.Total, now.None, total, total.Total, total.None)
	}
	if e.Rows.Report == "" {
		return c
	}
	before := map[string]int64{}
	for _, row := range rows.Rows {
		before[strings.Join(row.Keys, keysApart)] = row.Count
	}
	for _, row := range now.Rows {
		keys := e.keys(now.Columns, row.Keys)
		then, known := before[strings.Join(keys, keysApart)]
		c.Rows = append(c.Rows, hold(now, row.Count, false, rows, then, keys == nil || !known && !now.adds()))
	}
	return c
}

// adds reports whether a group of which there are no records has 0, and not no figure.
func (t Table) adds() bool {
	return t.Count == schema.Records || t.Count == schema.Distinct || t.Count == schema.Sum
}

func hold(now Table, figure int64, none bool, earlier Table, then int64, noneThen bool) (h Held) {
	if noneThen || now.Decimals != earlier.Decimals {
		return h
	}
	if h.Total = &then; none {
		return h
	}
	difference := figure - then
	if h.Difference = &difference; then > 0 && now.Count != schema.Ratio {
		growth := quickly(difference*1000, then, true)
		h.Growth = &growth
	}
	return h
}
