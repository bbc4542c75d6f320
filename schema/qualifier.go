package schema

import (
	"strconv"
	"strings"
)

// Qualifier is the word with which a figure is published.
type Qualifier string

// The qualifiers. The exact figure is kept beside the words, and an exact multiple of
// the step is said without a word that would make it untrue.
const (
	Over    Qualifier = "over"     // 超8700
	AndMore Qualifier = "and_more" // 8700余
	Near    Qualifier = "near"     // 近8800
	AtLeast Qualifier = "at_least" // 达到8700
)

func qualifiers() []Qualifier { return []Qualifier{"", Over, AndMore, Near, AtLeast} }

// Said returns how a figure is published, which is given in units of its last
// decimal place. It is empty where the report is published as it is. A figure below one
// step, and one that more than half a step keeps from being near, is said as it is.
func (s Shown) Said(n int64) Text {
	step := max(s.Step, 1)
	for range s.Decimals {
		step *= 10
	}
	cut := n - ((n%step)+step)%step // down, below zero too
	exact := cut == n
	switch {
	case exact:
	case s.Say == Near && cut+step-n <= step/2:
		cut += step
	case s.Say == Near || n < step && -n < step:
		cut, exact = n, true
	}
	plain := strings.TrimSuffix(Decimal(cut, s.Decimals), "."+strings.Repeat("0", s.Decimals))
	zh, en := plain, grouped(plain)
	switch {
	case s.Say == "":
		return Text{}
	case s.Say == AtLeast && n >= step:
		return Text{"达到" + zh, "at least " + en}
	case exact:
		return Text{zh, en}
	case s.Say == Over:
		return Text{"超" + zh, "over " + en}
	case s.Say == AndMore:
		return Text{zh + "余", en + " and more"}
	}
	return Text{"近" + zh, "nearly " + en}
}

// Decimal writes a whole number of the last of so many decimal places: 8199 with two
// is 81.99.
func Decimal(n int64, places int) string {
	sign, digits := "", strings.TrimPrefix(strconv.FormatInt(n, 10), "-")
	if n < 0 {
		sign = "-"
	}
	if places == 0 {
		return sign + digits
	}
	if lack := places + 1 - len(digits); lack > 0 {
		digits = strings.Repeat("0", lack) + digits
	}
	point := len(digits) - places
	return sign + digits[:point] + "." + digits[point:]
}

// grouped puts a comma between thousands, as English has it.
func grouped(number string) string {
	whole, fraction, _ := strings.Cut(number, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction != "" {
		fraction = "." + fraction
	}
	return sign + whole + fraction
}
