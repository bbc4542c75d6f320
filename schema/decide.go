package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"wangge/crdt"
)

// Decide says how the county gives a field its value: what has to be unlike all
// others, or be given to one alone, cannot be settled by people who do not hear of each
// other. The hub writes it once it has the record; until then the field is empty. The
// zero value is of fields that the county has no say in.
type Decide struct {
	// Number is a pattern such as {area:6}-{year}-{number:4}: the first digits of the
	// record's area, the year in China of its When, and last the next number of those
	// that begin alike, with so many digits at least.
	Number string `json:"number,omitempty" yaml:"number,omitempty"`
	// First names a log, set or link of which the first entry that reached the county
	// counts: who claimed a wish.
	First string `json:"first,omitempty" yaml:"first,omitempty"`
	// Hand is true of what an official writes at the hub.
	Hand bool `json:"hand,omitempty" yaml:"hand,omitempty"`
}

// Decided reports whether the county alone writes the field.
func (f *Field) Decided() bool { return f.Decide != Decide{} }

// NumberBegin returns what the number of a record begins with; false while the record
// does not say enough.
func (k *Kind) NumberBegin(f *Field, rec crdt.Record) (begin string, ok bool) {
	parts, _ := f.Decide.parts()
	for _, p := range parts {
		switch p.name {
		case "":
			begin += p.text
		case "area":
			of, _ := k.Field(k.Area.Field)
			area, _ := of.Winner(rec.Cells[of.ID]).Text()
			if len(area) < p.digits {
				return "", false
			}
			begin += area[:p.digits]
		case "year":
			of, known := k.Field(k.When)
			if !known {
				return "", false
			}
			day := Day(of.Winner(rec.Cells[of.ID]))
			if len(day) < 4 {
				return "", false
			}
			begin += day[:4]
		}
	}
	return begin, true
}

// Numbered returns the n-th number that begins so.
func (d Decide) Numbered(begin string, n uint64) string {
	parts, _ := d.parts()
	return fmt.Sprintf("%s%0*d", begin, parts[len(parts)-1].digits, n)
}

// ReadNumber returns what a number that was given begins with, and which it is.
func (d Decide) ReadNumber(given string) (begin string, n uint64, ok bool) {
	begin = strings.TrimRight(given, "0123456789")
	n, err := strconv.ParseUint(given[len(begin):], 10, 64)
	return begin, n, err == nil
}

// Candidates returns those of whom the county takes one, each once: by the clocks of those
// who wrote them, of equal moments by who they are. There are none of a field that is not
// the first of something.
func (k *Kind) Candidates(f *Field, rec crdt.Record) (all []crdt.Entry) {
	of, ok := k.Field(f.Decide.First)
	if !ok {
		return nil
	}
	entries := slices.SortedFunc(slices.Values(rec.Cells[of.ID].Entries), func(a, b crdt.Entry) int {
		return cmp.Or(cmp.Compare(a.Stamp, b.Stamp), a.Dot.Compare(b.Dot))
	})
	for _, e := range entries {
		if !slices.ContainsFunc(all, func(o crdt.Entry) bool { return o.Value == e.Value }) {
			all = append(all, e)
		}
	}
	return all
}

// FirstOf returns the first of them; "" if there is none. Whoever asks when the first of
// them has come gets that one.
func (k *Kind) FirstOf(f *Field, rec crdt.Record) crdt.Value {
	if all := k.Candidates(f, rec); len(all) > 0 {
		return all[0].Value
	}
	return ""
}

// Way says in a word how the county gives the field its value; "" if it does not.
func (d Decide) Way() string {
	switch {
	case d.Number != "":
		return "number"
	case d.First != "":
		return "first"
	case d.Hand:
		return "hand"
	}
	return ""
}

// part is a piece of a number's pattern: a text, or a name with its digits.
type part struct {
	text, name string
	digits     int
}

// parts reads a number's pattern.
func (d Decide) parts() ([]part, error) {
	var parts []part
	for rest := d.Number; rest != ""; {
		text, after, found := strings.Cut(rest, "{")
		if text != "" {
			parts = append(parts, part{text: text})
		}
		if !found {
			break
		}
		inner, behind, closed := strings.Cut(after, "}")
		name, digits, _ := strings.Cut(inner, ":")
		p := part{name: name}
		if digits != "" {
			n, err := strconv.Atoi(digits)
			if err != nil || n < 1 || n > 12 {
				return nil, fmt.Errorf("{%s}: digits are a number from 1 to 12", inner)
			}
			p.digits = n
		}
		if !closed || !slices.Contains([]string{"area", "year", "number"}, name) || (name == "year") != (digits == "") {
			return nil, fmt.Errorf("{%s}: write {area:6}, {year} or {number:4}", inner)
		}
		parts, rest = append(parts, p), behind
	}
	last := len(parts) - 1
	if last < 1 || parts[last].name != "number" || slices.ContainsFunc(parts[:last], func(p part) bool { return p.name == "number" }) {
		return nil, fmt.Errorf("end with {number:4}, with what all have in common before it")
	}
	before := parts[last-1].text
	if before == "" || strings.TrimRight(before, "0123456789{}") != before {
		return nil, fmt.Errorf("write a sign such as - before {number:%d}: it parts the number from what stands before", parts[last].digits)
	}
	return parts, nil
}
