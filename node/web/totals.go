package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"wangge/node/report"
	"wangge/schema"
)

// totalsMax is how many figures one request may ask for: more than there are kinds, twice.
const totalsMax = 250

// totals is what a page asks at once: figures without groups, of one area.
type totals struct {
	Area      string         `json:"area"`
	Current   bool           `json:"current"`
	Compared  bool           `json:"compared"` // with the periods before
	Questions []report.Query `json:"questions"`
}

// Total answers one of them: a table without rows, or why there is none.
type Total struct {
	report.Table
	Compared []report.Compared `json:"compared,omitempty"`
	Problems schema.Problems   `json:"problems,omitempty"`
}

func (t totals) check() (problems schema.Problems) {
	wrong := func(field, zh, en string) {
		problems = append(problems, schema.Problem{Field: field, Text: schema.Text{Zh: zh, En: en}})
	}
	if len(t.Questions) == 0 || len(t.Questions) > totalsMax {
		wrong("questions", fmt.Sprintf("应有 1 至 %d 问", totalsMax), fmt.Sprintf("ask from 1 to %d questions", totalsMax))
	}
	for i, q := range t.Questions {
		if len(q.By) > 0 || q.Area != "" {
			wrong(fmt.Sprintf("questions[%d]", i), "这里只问总数，区划对各问一并给出", "ask for totals here, and give the area once for all")
		}
	}
	return problems
}

// totals answers many questions at once. What the first knows of is the least that any
// other does.
func (s *server) totals(w http.ResponseWriter, r *http.Request) {
	var wanted totals
	if !input(w, r, &wanted) {
		return
	}
	if problems := wanted.check(); len(problems) > 0 {
		s.fail(w, r, problems)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), currentMax)
	defer cancel()
	all := make([]Total, len(wanted.Questions))
	var least *Currency
	for i, q := range wanted.Questions {
		q.Area = wanted.Area
		answer, err := s.Office.Report(ctx, q, wanted.Current && least == nil)
		var problems schema.Problems
		switch {
		case errors.As(err, &problems):
			all[i] = Total{Table: report.Table{Report: q.Report}, Problems: problems}
			continue
		case err != nil:
			s.failFigures(w, r, err)
			return
		}
		if least == nil {
			least = &answer.Currency
		}
		if wanted.Compared {
			all[i].Compared = s.compare(ctx, answer.Table, asked{query: q})
		}
		answer.Columns, answer.Rows = []report.Column{}, []report.Row{}
		all[i].Table = answer.Table
	}
	send(w, http.StatusOK, map[string]any{"totals": all, "currency": least.whole()})
}

// whole has lists in it where there is nothing, not null. Of no answer there is none.
func (c *Currency) whole() *Currency {
	if c != nil {
		c.Boxes = append([]Heard{}, c.Boxes...)
		c.Complete.Late = append([]string{}, c.Complete.Late...)
	}
	return c
}

// failFigures says why there is no figure.
func (s *server) failFigures(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.DeadlineExceeded) {
		refuse(w, http.StatusServiceUnavailable,
			"县里多数副本此刻没有应答；可以先看不要求最新的数字",
			"a majority of the county's replicas does not answer now: ask without current for the figures as known here")
		return
	}
	s.fail(w, r, err)
}
