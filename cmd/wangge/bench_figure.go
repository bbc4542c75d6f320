package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// benchFigure is one figure of a row.
type benchFigure struct {
	Row   string  `json:"row"`
	What  string  `json:"what"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	Goal  float64 `json:"goal,omitempty"` // 0: there is none
	More  bool    `json:"more,omitempty"` // the goal is the least and not the most
	Met   *bool   `json:"met,omitempty"`
	// Ratio is Value in parts of the same by plain bbolt, in the same run.
	Ratio float64 `json:"ratio,omitempty"`
	Note  string  `json:"note,omitempty"`
}

// atMost gives the figure a goal, in its unit.
func (f benchFigure) atMost(goal float64) benchFigure {
	met := f.Value <= goal
	f.Goal, f.Met = goal, &met
	return f
}

// atLeast gives the figure a goal, in its unit.
func (f benchFigure) atLeast(goal float64) benchFigure {
	met := f.Value >= goal
	f.Goal, f.More, f.Met = goal, true, &met
	return f
}

// benchSheet prints figures as they come.
type benchSheet struct {
	out  io.Writer
	json bool
	row  string // of the figures that come now
}

func (s *benchSheet) print(f benchFigure) {
	f.Row = s.row
	if s.json {
		json.NewEncoder(s.out).Encode(f)
		return
	}
	fmt.Fprintf(s.out, "%s  %-46s %12s %-9s", f.Row, f.What, thousands(f.Value), f.Unit)
	if f.Met != nil {
		bound, verdict := "<=", "NOT MET"
		if f.More {
			bound = ">="
		}
		if *f.Met {
			verdict = "met"
		}
		fmt.Fprintf(s.out, " goal %s %s: %s", bound, thousands(f.Goal), verdict)
	}
	if f.Ratio != 0 {
		fmt.Fprintf(s.out, "  %.2f x plain bbolt", f.Ratio)
	}
	fmt.Fprintln(s.out)
	if f.Note != "" {
		fmt.Fprintf(s.out, "    %s\n", f.Note)
	}
}

// thousands writes a number to be read by a person.
func thousands(x float64) string {
	digits := 0
	switch {
	case x < 1:
		digits = 4
	case x < 100:
		digits = 2
	}
	text, fraction, _ := strings.Cut(strconv.FormatFloat(x, 'f', digits, 64), ".")
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	if fraction = strings.TrimRight(fraction, "0"); fraction != "" {
		text += "." + fraction
	}
	return text
}

func median(times []time.Duration) time.Duration {
	order := slices.Sorted(slices.Values(times))
	return order[len(order)/2]
}

// took returns how long a piece of work took.
func took(work func() error) (time.Duration, error) {
	began := time.Now()
	err := work()
	return time.Since(began), err
}
