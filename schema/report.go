package schema

import (
	"fmt"
	"slices"
	"strings"

	"wangge/crdt"
)

// Count says what a report counts.
type Count string

// The counts.
const (
	Records  Count = "records"  // every living record
	Distinct Count = "distinct" // the different values of the field Of: persons, not visits
	Sum      Count = "sum"      // what the field Of adds up to
	Average  Count = "average"  // that, divided by the records in which it is filled in
	Ratio    Count = "ratio"    // the report Of, divided by the report Per
)

// The groupings that every kind has beside its own fields.
const (
	ByArea = "area" // any prefix of the record's area code: the same report for township and county
	ByDay  = "day"  // the calendar day (+08:00) of the field When
)

// Report is one figure that a kind's records yield.
type Report struct {
	Name  string      `json:"name"`
	Title Text        `json:"title"`
	Count Count       `json:"count"`
	Of    string      `json:"of,omitempty"`    // a field; of a ratio a report, of another kind as kind.report
	Per   string      `json:"per,omitempty"`   // of a ratio, likewise
	Where []Condition `json:"where,omitempty"` // all must hold
	By    []string    `json:"by,omitempty"`    // ByArea, ByDay, or choice and bool fields
	Shown `yaml:",inline"`
}

// Shown says how a figure is read. It is kept beside the figure, so that a rounded
// one is never taken for a counted one.
type Shown struct {
	Unit     Text     `json:"unit,omitzero"`      // 人, 件, 户次
	Times    int64    `json:"times,omitempty"`    // of a ratio: 100 for per cent, 10000 for per ten thousand; 0 is 1
	Decimals int      `json:"decimals,omitempty"` // places behind the point
	Rounding Rounding `json:"rounding,omitempty"` // how the rest is cut; "" is HalfUp
}

// Rounding says what becomes of the places that are not shown.
type Rounding string

// The roundings.
const (
	HalfUp Rounding = "half_up" // 0.5 up: 81.99 is 82
	Floor  Rounding = "floor"   // down: "at least so much" stays true
)

// Condition keeps the records of which a field has one of the given values. The
// lists stand in the kind and not in the program, so that a county can decide
// for itself whether, say, a probationary party member counts as a member.
type Condition struct {
	Path string   `json:"path"` // a field, or a field of a linked kind: person.political_status
	In   []string `json:"in"`   // of a bool: true or false
}

// Split returns the link field that the path goes through, or "", and the field
// that is compared.
func (c Condition) Split() (link, field string) {
	if link, field, ok := strings.Cut(c.Path, "."); ok {
		return link, field
	}
	return "", c.Path
}

// Holds reports whether the values that lists show for the path's field meet the
// condition.
func (c Condition) Holds(values []crdt.Value) bool {
	return slices.ContainsFunc(values, func(v crdt.Value) bool {
		return slices.Contains(c.In, fmt.Sprint(Show(v)))
	})
}
