package sim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Shrink leaves out of a run what its violation does not need, by living it again
// and again with parts of the plan removed, at most tries times. It returns the
// planned acts that are left.
//
// Source: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing
// Input", 2002 (ddmin).
func Shrink(cast *Cast, failed Report, s Setting, tries int) ([]int, error) {
	keep := s.Keep
	if keep == nil {
		for i := range failed.Acts {
			keep = append(keep, i)
		}
	}
	s.Out = nil
	for size := (len(keep) + 1) / 2; size > 0; size /= 2 {
		for from := 0; from < len(keep); {
			if tries--; tries < 0 {
				return keep, nil
			}
			s.Keep = append([]int{}, slices.Concat(keep[:from], keep[min(from+size, len(keep)):])...) // nil would keep all
			again, err := Run(cast, failed.Seed, s)
			if err != nil {
				return keep, err
			}
			if v := again.Violation; v != nil && v.Rule == failed.Violation.Rule {
				keep = s.Keep
			} else {
				from += size
			}
		}
	}
	return keep, nil
}

// Spell writes planned acts as a command takes them, such as 0,3-5,9.
func Spell(keep []int) string {
	var parts []string
	for i := 0; i < len(keep); {
		n := i
		for n+1 < len(keep) && keep[n+1] == keep[n]+1 {
			n++
		}
		part := strconv.Itoa(keep[i])
		if n > i {
			part += "-" + strconv.Itoa(keep[n])
		}
		parts, i = append(parts, part), n+1
	}
	return strings.Join(parts, ",")
}

// keepMax is more acts than any run plans.
const keepMax = 10_000

// ReadKeep reads what Spell wrote.
func ReadKeep(text string) ([]int, error) {
	keep := []int{}
	for part := range strings.SplitSeq(text, ",") {
		a, b, ranged := strings.Cut(part, "-")
		first, err := strconv.Atoi(a)
		last := first
		if ranged && err == nil {
			last, err = strconv.Atoi(b)
		}
		if err != nil || first < 0 || last < first || last > keepMax {
			return nil, fmt.Errorf("%q does not name planned acts: want numbers and ranges, such as 0,3-5,9", text)
		}
		for i := first; i <= last; i++ {
			keep = append(keep, i)
		}
	}
	return keep, nil
}
