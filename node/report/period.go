package report

import (
	"fmt"
	"math"
	"strings"
	"time"

	"wangge/schema"
)

// Days are counted from 1970. What has no day comes before all of them.
const (
	noDay    = math.MinInt32
	firstDay = -719_162 // 0001-01-01
	lastDay  = math.MaxInt32
)

// dayNumber returns the number of a day such as 2024-11-01, noDay of anything else.
func dayNumber(text string) int32 {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return noDay
	}
	return int32(t.Unix() / 86400)
}

func dateOf(day int32) time.Time { return time.Unix(int64(day)*86400, 0).UTC() }

func dayText(day int32) string {
	if day == noDay {
		return ""
	}
	return dateOf(day).Format(time.DateOnly)
}

// span is how long the times are that a rollup tells apart.
type span int

const (
	days span = iota
	months
	years
)

// of returns the number of the span in which a day lies.
func (s span) of(day int32) int32 {
	if s == days || day == noDay || day == lastDay {
		return day
	}
	year, month, _ := dateOf(day).Date()
	if s == months {
		return int32(year*12 + int(month) - 1)
	}
	return int32(year)
}

// first returns the first day of a span.
func (s span) first(n int32) int32 {
	switch {
	case s == days || n == noDay || n == lastDay:
		return n
	case s == months:
		return int32(time.Date(int(n)/12, time.Month(int(n)%12+1), 1, 0, 0, 0, 0, time.UTC).Unix() / 86400)
	}
	return int32(time.Date(int(n), 1, 1, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// stretch is some spans, one after the other.
type stretch struct {
	span     span
	from, to int32 // the first and the last
}

// first returns the first day of the stretch.
func (s stretch) first() int32 { return s.span.first(s.from) }

// last returns the last day of the stretch.
func (s stretch) last() int32 {
	if s.to == lastDay {
		return lastDay
	}
	return s.span.first(s.to+1) - 1
}

// stretches cuts days into the longest spans that lie in them whole, up to the
// coarsest that may be taken.
func stretches(from, to int32, coarsest span) []stretch {
	if from > to {
		return nil
	}
	if coarsest == days {
		return []stretch{{days, from, to}}
	}
	a, b := coarsest.of(from), coarsest.of(to)
	if from != noDay && coarsest.first(a) < from {
		a++
	}
	if to != lastDay && coarsest.first(b+1)-1 > to {
		b--
	}
	if a > b {
		return stretches(from, to, coarsest-1)
	}
	var all []stretch
	if first := coarsest.first(a); from < first {
		all = stretches(from, first-1, coarsest-1)
	}
	all = append(all, stretch{coarsest, a, b})
	if b != lastDay {
		if next := coarsest.first(b + 1); next <= to {
			all = append(all, stretches(next, to, coarsest-1)...)
		}
	}
	return all
}

// coarsest returns the longest span that a grouping by time does not cut.
func coarsest(period string) span {
	switch period {
	case schema.ByDay, schema.ByWeek:
		return days
	case schema.ByMonth, schema.ByQuarter:
		return months
	}
	return years
}

// periodOf names the period in which a day lies: 2024-11-01, 2024-W44, 2024-11, 2024-Q4, 2024.
func periodOf(period string, day int32) string {
	if day == noDay {
		return ""
	}
	t := dateOf(day)
	switch period {
	case schema.ByWeek:
		year, week := t.ISOWeek()
		return fmt.Sprintf("%04d-W%02d", year, week)
	case schema.ByMonth:
		return t.Format("2006-01")
	case schema.ByQuarter:
		return fmt.Sprintf("%04d-Q%d", t.Year(), (t.Month()+2)/3)
	case schema.ByYear:
		return t.Format("2006")
	}
	return t.Format(time.DateOnly)
}

// periodDays returns the first and the last day of the period of a kind in which a
// day lies.
func periodDays(period string, day int32) (first, last int32) {
	t := dateOf(day)
	at := func(year int, month time.Month, day int) int32 {
		return int32(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
	}
	switch period {
	case schema.ByWeek:
		first = day - int32(t.Weekday()+6)%7
		return first, first + 6
	case schema.ByMonth:
		return at(t.Year(), t.Month(), 1), at(t.Year(), t.Month()+1, 1) - 1
	case schema.ByQuarter:
		month := (t.Month()-1)/3*3 + 1
		return at(t.Year(), month, 1), at(t.Year(), month+3, 1) - 1
	case schema.ByYear:
		return at(t.Year(), 1, 1), at(t.Year()+1, 1, 1) - 1
	}
	return day, day
}

// parsePeriod returns the first and the last day of a period that periodOf named.
func parsePeriod(period, name string) (first, last int32, ok bool) {
	var year, n int
	switch period {
	case schema.ByDay:
		first = dayNumber(name)
	case schema.ByWeek:
		if _, err := fmt.Sscanf(name, "%d-W%d", &year, &n); err != nil {
			return 0, 0, false
		}
		first, _ = periodDays(schema.ByWeek, dayNumber(fmt.Sprintf("%04d-01-04", year))) // lies in the first week
		first += int32(n-1) * 7
	case schema.ByMonth:
		first = dayNumber(name + "-01")
	case schema.ByQuarter:
		if _, err := fmt.Sscanf(name, "%d-Q%d", &year, &n); err != nil {
			return 0, 0, false
		}
		first = dayNumber(fmt.Sprintf("%04d-%02d-01", year, n*3-2))
	case schema.ByYear:
		first = dayNumber(name + "-01-01")
	}
	if first == noDay || periodOf(period, first) != name {
		return 0, 0, false
	}
	first, last = periodDays(period, first)
	return first, last, true
}

// back returns the day that lies a period before another. A month's last day goes
// back to a month's last day, so that whole months are held against whole months.
func back(period string, day int32) int32 {
	shift := map[string]int{schema.ByMonth: 1, schema.ByQuarter: 3, schema.ByYear: 12}[period]
	switch {
	case day == noDay || day == lastDay:
		return day
	case period == schema.ByWeek:
		return day - 7
	case shift == 0:
		return day - 1
	}
	return monthsBack(day, shift)
}

// monthsBack returns the day so many months before another, likewise.
func monthsBack(day int32, n int) int32 {
	if day == noDay || day == lastDay {
		return day
	}
	month := months.of(day) - int32(n)
	last := months.first(month+1) - 1
	if months.of(day+1) != months.of(day) {
		return last
	}
	return min(months.first(month)+int32(dateOf(day).Day())-1, last)
}

// periodLabel says how a period reads.
func periodLabel(period, name string) schema.Text {
	year, n, _ := strings.Cut(name, "-")
	text := schema.Text{Zh: name, En: name}
	switch {
	case name == "" || period == schema.ByDay:
	case period == schema.ByYear:
		text.Zh = year + "年"
	case period == schema.ByMonth:
		text.Zh = year + "年" + strings.TrimPrefix(n, "0") + "月"
	case period == schema.ByQuarter:
		text.Zh = year + "年第" + n[1:] + "季度"
	case period == schema.ByWeek:
		text.Zh = year + "年第" + strings.TrimPrefix(n[1:], "0") + "周"
	}
	return text
}
