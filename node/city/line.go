package city

import (
	"fmt"
	"slices"
	"strings"

	"wangge/node/report"
	"wangge/schema"
)

// lineMonths are as many months as a line goes over: a year, so that the same month of the
// year before is not on it.
const lineMonths = 12

// Point is one month's sum on a line.
type Point struct {
	Month   string
	Shown   string
	Counted int // areas in the sum
	Of      int // areas that were awaited
	// Other says that not the same areas are in it as in the month that is asked for: it is no
	// wonder then that it is higher or lower.
	Other bool
	X, Y  int64 // where it is drawn

	value int64
	at    int // its place among the months of the line
}

// Line is a report's sum over the months before and the one that is asked for.
type Line []Point

// The drawing's sizes, and how much is left free around the points.
const (
	lineWidth, lineHeight = 600, 160
	lineEdge              = 12
)

// Line returns the sums of a report over a year, to be drawn; none of fewer than two, of
// persons that are not added up, or where one is below zero.
func (f *Folder) Line(kinds *schema.Registry, r Report) (Line, error) {
	received, err := f.Months()
	if err != nil || r.Apart || r.Rows[0].Sum == nil {
		return nil, err
	}
	var line Line
	for at := range lineMonths {
		month := report.MonthsBefore(r.Month, lineMonths-1-at)
		if !slices.Contains(received, month) {
			continue
		}
		m, err := f.Month(month)
		if err != nil {
			return nil, err
		}
		p, some, err := m.point(kinds, r)
		if err != nil || p.value < 0 {
			return nil, err
		}
		if p.at = at; some {
			line = append(line, p)
		}
	}
	if len(line) < 2 {
		return nil, nil
	}
	line.place()
	return line, nil
}

// point returns a month's sum of a report; false where it has none that could stand beside
// those of the month that is asked for.
func (m Month) point(kinds *schema.Registry, r Report) (p Point, some bool, err error) {
	x, err := m.measure(kinds, r.Report)
	if err != nil || x.own || x.shown.Decimals != r.Decimals || x.unit != r.Unit {
		return p, false, err
	}
	t := asking{kinds, x, m, Month{}, ""}
	row := t.row(schema.Text{}, "", x.total())
	if row.Sum == nil {
		return p, false, nil
	}
	var in, inNow []string
	for i, a := range m.Areas {
		if row.Each[i] != nil {
			in = append(in, a.Code)
		}
	}
	for i, a := range r.Areas {
		if r.Rows[0].Each[i] != nil {
			inNow = append(inNow, a.Code)
		}
	}
	return Point{Month: m.Month, Shown: row.Sum.Shown, Counted: len(in), Of: len(m.Areas), Other: !slices.Equal(in, inNow), value: row.Sum.Value}, true, nil
}

// place says where the points are drawn: from nothing below to the most above.
func (l Line) place() {
	most := int64(1)
	for _, p := range l {
		most = max(most, p.value)
	}
	for i := range l {
		l[i].X = int64(lineEdge + (lineWidth-2*lineEdge)*l[i].at/(lineMonths-1))
		l[i].Y = lineHeight - lineEdge - int64(float64(l[i].value)/float64(most)*(lineHeight-2*lineEdge))
	}
}

// Strokes are the points of the line's parts: it is broken where a month has no figure.
func (l Line) Strokes() (all []string) {
	var stroke []string
	for i, p := range l {
		if i > 0 && p.at > l[i-1].at+1 {
			all, stroke = append(all, strings.Join(stroke, " ")), nil
		}
		stroke = append(stroke, fmt.Sprintf("%d,%d", p.X, p.Y))
	}
	return append(all, strings.Join(stroke, " "))
}

// Others reports whether any month has other areas in it.
func (l Line) Others() bool {
	return slices.ContainsFunc(l, func(p Point) bool { return p.Other })
}

// Ends says in short what is drawn, for who does not see it.
func (l Line) Ends() string {
	first, last := l[0], l[len(l)-1]
	return first.Month + ": " + first.Shown + " → " + last.Month + ": " + last.Shown
}
