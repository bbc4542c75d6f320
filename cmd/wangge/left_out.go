package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// place is where in an export something stands.
type place struct {
	file string // "" of its main part
	line int
}

// leftOut is what an import does not carry over: of which columns, in which lines, and why.
type leftOut struct {
	lines map[[3]string][]int // by file, column and why
	known map[string]bool     // columns that say how a submission came about
}

func newLeftOut() *leftOut { return &leftOut{map[[3]string][]int{}, map[string]bool{}} }

func (l *leftOut) add(at place, column, why string, args ...any) {
	key := [3]string{at.file, column, fmt.Sprintf(why, args...)}
	if all := l.lines[key]; len(all) == 0 || all[len(all)-1] != at.line {
		l.lines[key] = append(all, at.line)
	}
}

// tell lists it, and returns how much that is.
func (l *leftOut) tell(out io.Writer) int {
	keys := slices.SortedFunc(maps.Keys(l.lines), func(a, b [3]string) int {
		return cmp.Or(strings.Compare(a[0], b[0]), strings.Compare(a[1], b[1]), strings.Compare(a[2], b[2]))
	})
	for _, key := range keys {
		file := ""
		if key[0] != "" {
			file = key[0] + ", "
		}
		fmt.Fprintf(out, "%scolumn %s, %s: left out: %s\n", file, key[1], ranges(l.lines[key]), key[2])
	}
	if len(l.known) > 0 {
		fmt.Fprintf(out, "not taken, since each record says itself who wrote it, where and when: %s\n", strings.Join(slices.Sorted(maps.Keys(l.known)), ", "))
	}
	return len(keys)
}

// rangesMax is how many stretches of lines are named.
const rangesMax = 10

// ranges names lines, such as 2-17, 19.
func ranges(lines []int) string {
	lines = slices.Compact(slices.Sorted(slices.Values(lines)))
	var all []string
	for from := 0; from < len(lines); {
		to := from
		for to+1 < len(lines) && lines[to+1] == lines[to]+1 {
			to++
		}
		if len(all) == rangesMax {
			return fmt.Sprintf("lines %s and %d more", strings.Join(all, ", "), len(lines)-from)
		}
		if from == to {
			all = append(all, fmt.Sprint(lines[from]))
		} else {
			all = append(all, fmt.Sprintf("%d-%d", lines[from], lines[to]))
		}
		from = to + 1
	}
	if len(lines) == 1 {
		return "line " + all[0]
	}
	return "lines " + strings.Join(all, ", ")
}
