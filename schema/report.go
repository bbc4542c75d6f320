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
	Of    string      `json:"of,omitempty"`
	Where []Condition `json:"where,omitempty"` // all must hold
	By    []string    `json:"by,omitempty"`    // ByArea, ByDay, or choice and bool fields
}

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
