package web

import (
	"context"
	"strings"
	"time"

	"wangge/crdt"
	"wangge/node/report"
	"wangge/schema"
)

// compare holds an answer against the periods before: closed months as they were frozen,
// all else as the records say now. What cannot be asked for of an earlier period is left out.
func (s *server) compare(ctx context.Context, now report.Table, a asked) (all []report.Compared) {
	if now.Count == schema.Difference || now.Count == schema.Growth {
		return nil // it compares by itself
	}
	today := schema.Day(crdt.Int(time.Now().UnixMilli()))
	for _, e := range a.query.Earlier(today, s.standing(a.query.Report)) {
		total, frozen, err := s.earlier(ctx, e.Total, a.month != "")
		if err == nil {
			var rows report.Table
			if rows, _, err = s.earlier(ctx, e.Rows, a.month != ""); err == nil {
				compared := e.Compare(now, total, rows)
				compared.Frozen = frozen
				all = append(all, compared)
			}
		}
		if err != nil {
			s.Log.Warn("a figure could not be compared with an earlier one", "report", a.query.Report, "period", e.Period, "error", err)
		}
	}
	return all
}

// earlier answers a question about an earlier period; of whole months, if those are asked
// for, as they were closed.
func (s *server) earlier(ctx context.Context, q report.Query, months bool) (t report.Table, frozen bool, err error) {
	if q.Report == "" {
		return t, false, nil
	}
	month, whole := report.MonthOf(q.From, q.To)
	if !months || !whole {
		answer, err := s.Office.Report(ctx, q, false)
		return answer.Table, false, err
	}
	answer, err := s.Months.Report(ctx, month, q, false)
	return answer.Table, answer.Month != nil && answer.Month.Frozen, err
}

// standing reports whether a report is of what stands at the end of a day.
func (s *server) standing(name string) bool {
	if s.Registry == nil {
		return false
	}
	kind, _, _ := strings.Cut(name, ".")
	k, ok := s.Registry.Kind(kind)
	if !ok {
		return false
	}
	of, r, ok := s.Registry.Report(k, name)
	return ok && s.stands(of, r)
}
