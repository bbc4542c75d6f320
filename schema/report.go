package schema

import (
	"slices"
	"strconv"
	"strings"
)

// Count says what a report counts.
type Count string

// The counts.
const (
	Records  Count = "records"  // every living record
	Distinct Count = "distinct" // the different values of Of, a field or area:12: persons, not visits
	Sum      Count = "sum"      // what the field Of adds up to
	Average  Count = "average"  // that, divided by the records in which it is filled in
	Ratio    Count = "ratio"    // the report Of, divided by the report Per
	// Difference is the report Of less the same one a period Back: of a rate in points.
	Difference Count = "difference"
	// Growth is that, divided by the earlier figure.
	Growth Count = "growth"
)

// Counts returns every way to count.
func Counts() []Count { return []Count{Records, Distinct, Sum, Average, Ratio, Difference, Growth} }

// The groupings that every kind has beside its own fields.
const (
	ByArea    = "area" // any prefix of the record's area code: the same report for township and county
	ByDay     = "day"  // the calendar day (+08:00) of the field When
	ByWeek    = "week" // ISO 8601
	ByMonth   = "month"
	ByQuarter = "quarter"
	ByYear    = "year"
)

// Periods are the groupings by time, the shortest first. Whoever is told days can
// add them up, so a report that is grouped by one is grouped by the longer ones too.
func Periods() []string { return []string{ByDay, ByWeek, ByMonth, ByQuarter, ByYear} }

// IsPeriod reports whether a grouping is one by time.
func IsPeriod(by string) bool { return slices.Contains(Periods(), by) }

// Report is one figure that a kind's records yield.
type Report struct {
	Name  string    `json:"name"`
	Title Text      `json:"title"`
	Count Count     `json:"count"`
	Of    string    `json:"of,omitempty"`    // a field, or area:12; of a ratio, a difference or growth a report, of another kind as kind.report
	Per   string    `json:"per,omitempty"`   // of a ratio, likewise
	Back  string    `json:"back,omitempty"`  // of a difference or growth: by which period the earlier figure lies back
	Where []Formula `json:"where,omitempty"` // all must hold, each of the kind's own fields or of one link's: person.political_status = "01"
	By    []string  `json:"by,omitempty"`    // ByArea, a period, or choice and bool fields
	When  string    `json:"when,omitempty"`  // the field whose day counts, if it is not the kind's own When
	From  string    `json:"from,omitempty"`  // of what stands for a time: the field with its first day
	To    string    `json:"to,omitempty"`    // and with the day from which it stands no more
	// Publish are the groupings by which a closed month's figure goes up to city and
	// province: PublishTotal, PublishTownship, and fields of By with options.
	Publish []string `json:"publish,omitempty"`
	Shown   `yaml:",inline"`
}

// Standing reports whether the report counts what stands at the end of a day, such
// as members, and not what happened in some days, such as visits.
func (r *Report) Standing() bool { return r.From != "" || r.To != "" }

// Dated returns the field whose day counts, "" if there is none.
func (r *Report) Dated(k *Kind) string {
	if r.When != "" {
		return r.When
	}
	return k.When
}

// Compares reports whether the figure is another report's, now and earlier.
func (r *Report) Compares() bool { return r.Count == Difference || r.Count == Growth }

// Grouped reports whether the report may be asked by a grouping, as ByArea or ByMonth.
func (r *Report) Grouped(by string) bool {
	longer := slices.Index(Periods(), by)
	return slices.ContainsFunc(r.By, func(own string) bool {
		i := slices.Index(Periods(), own)
		return own == by || i >= 0 && i <= longer && (own != ByWeek || by == ByWeek) // months cut weeks apart
	})
}

// AreaDigits returns how many digits of the area an Of such as area:12 names, or 0.
func AreaDigits(of string) int {
	digits, ok := strings.CutPrefix(of, ByArea+":")
	if n, err := strconv.Atoi(digits); ok && err == nil && n >= 2 && n <= 17 {
		return n
	}
	return 0
}

// Shown says how a figure is read. It is kept beside the figure, so that a rounded
// one is never taken for a counted one.
type Shown struct {
	Unit     Text      `json:"unit,omitzero"`      // 人, 件, 户次
	Times    int64     `json:"times,omitempty"`    // of a ratio or growth: 100 for per cent, 10000 for per ten thousand; 0 is 1
	Decimals int       `json:"decimals,omitempty"` // places behind the point
	Rounding Rounding  `json:"rounding,omitempty"` // how the rest is cut; "" is HalfUp
	Say      Qualifier `json:"say,omitempty"`      // how the figure is published; "" is exactly
	Step     int64     `json:"step,omitempty"`     // to which multiple it is cut for that: 100 says over 8,700 of 8,763
}

// Rounding says what becomes of the places that are not shown.
type Rounding string

// The roundings.
const (
	HalfUp Rounding = "half_up" // 0.5 up: 81.99 is 82
	Floor  Rounding = "floor"   // down: "at least so much" stays true
)
