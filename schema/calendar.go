package schema

import (
	"fmt"
	"strings"
	"time"
)

// Calendar says which days are worked: Monday to Friday, but for what the State Council
// publishes for each year. Of a year that is not in it nobody knows.
type Calendar struct {
	years map[int]bool
	off   map[int64]bool // by day: whether it is off, where it is not as its weekday says
}

// Holidays is what is published for one year: the days off, each "01-01" or a span
// "02-15/02-23", and the days of weekends that are worked instead.
type Holidays struct {
	Year int      `json:"year" yaml:"year"`
	Off  []string `json:"off" yaml:"off"`
	Work []string `json:"work" yaml:"work"`
}

// NewCalendar puts the years together.
func NewCalendar(years []Holidays) (Calendar, error) {
	c := Calendar{map[int]bool{}, map[int64]bool{}}
	for _, y := range years {
		if y.Year < 1950 || y.Year >= 2200 || c.years[y.Year] {
			return c, fmt.Errorf("holidays of %d: give each year from 1950 to 2199 once", y.Year)
		}
		c.years[y.Year] = true
		for _, list := range []struct {
			spans []string
			off   bool
		}{{y.Off, true}, {y.Work, false}} {
			for _, span := range list.spans {
				if err := c.put(y.Year, span, list.off); err != nil {
					return c, err
				}
			}
		}
	}
	return c, nil
}

func (c Calendar) put(year int, span string, off bool) error {
	from, to, ok := strings.Cut(span, "/")
	if !ok {
		to = from
	}
	first, err := time.Parse(time.DateOnly, fmt.Sprintf("%d-%s", year, from))
	last, err2 := time.Parse(time.DateOnly, fmt.Sprintf("%d-%s", year, to))
	if err != nil || err2 != nil || last.Before(first) {
		return fmt.Errorf("holidays of %d: %q is no day such as 01-01, nor a span such as 02-15/02-23", year, span)
	}
	for day := first.Unix() / secondsDay; day <= last.Unix()/secondsDay; day++ {
		if _, twice := c.off[day]; twice {
			return fmt.Errorf("holidays of %d: %q holds a day that stands there already", year, span)
		}
		c.off[day] = off
	}
	return nil
}

const (
	secondsDay = 24 * 60 * 60
	dayMillis  = secondsDay * 1000
	hourMillis = 60 * 60 * 1000
	zoneMillis = 8 * hourMillis
)

// dayNumber counts the calendar days in China since 1970; dayStart is when one begins.
func dayNumber(ms int64) int64 { return floored(ms+zoneMillis, dayMillis) }

func dayStart(day int64) int64 { return day*dayMillis - zoneMillis }

func floored(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func yearOfDay(day int64) int { return time.Unix(day*secondsDay, 0).UTC().Year() }

// Works reports whether a day, the number of it since 1970-01-01 in China, is worked,
// and whether that is known.
func (c Calendar) Works(day int64) (works, known bool) {
	off, said := c.off[day]
	weekday := floored(day+4, 7) // 1970-01-01 was a Thursday
	weekday = day + 4 - weekday*7
	if said {
		return !off, true
	}
	return weekday != 0 && weekday != 6, c.years[yearOfDay(day)]
}

// Knows reports whether the holidays of a year are in it.
func (c Calendar) Knows(year int) bool { return c.years[year] }

// after returns the n-th working day after a day, or the first year on the way that
// is not known.
func (c Calendar) after(day int64, n int) (end int64, unknown int) {
	for n > 0 {
		day++
		works, known := c.Works(day)
		if !known {
			return 0, yearOfDay(day)
		}
		if works {
			n--
		}
	}
	return day, 0
}
