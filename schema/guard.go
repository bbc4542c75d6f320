package schema

import (
	"strings"

	"wangge/crdt"
)

// What marks a person stands in full in the record alone. In lists, and in all that leaves
// the county's nodes, it is masked.

// Masks reports whether a field's value goes out of the county's nodes masked: if it marks a
// person, and in a confidential kind whatever is said in words, for what a case is about
// tells whose it is. An office and a number of the county's are nobody's.
func (k *Kind) Masks(f *Field) bool {
	told := f.Type == TypeText && !f.Office && f.Decide.Number == ""
	return f.Guarded || k.Class == crdt.Confidential && told
}

// Mask returns a guarded value as lists show it: enough to tell two people
// apart, not enough to find one. Of a text of several lines and of a number it says
// only that there is one.
func (f *Field) Mask(v crdt.Value) string {
	s, ok := v.Text()
	switch {
	case !ok || f.Multiline:
		return "***"
	case f.Type == TypeResidentID:
		return masked(s, 6, 4)
	case f.Type == TypeMobile:
		return masked(s, 3, 4)
	case f.Type == TypeDate:
		return masked(s, 4, 0)
	}
	return masked(s, 1, 0)
}

// starsMax is how many stars stand for what is hidden: how long an address is need not be told.
const starsMax = 11

// masked keeps so many characters at either end. What is too short to hide
// anything behind them is hidden whole.
func masked(s string, head, tail int) string {
	r := []rune(s)
	hidden := len(r) - head - tail
	if hidden <= 0 {
		return strings.Repeat("*", len(r))
	}
	return string(r[:head]) + strings.Repeat("*", min(hidden, starsMax)) + string(r[len(r)-tail:])
}
