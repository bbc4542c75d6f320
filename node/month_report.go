package node

import (
	"context"

	"wangge/node/report"
	"wangge/node/web"
)

// months is what a hub replica offers of closed months.
type months struct{ *node }

var _ web.Months = months{}

// Closed lists the months that are closed.
func (m months) Closed() ([]web.Closing, error) {
	all, err := m.closedMonths()
	closings := make([]web.Closing, len(all))
	for i, c := range all {
		closings[i] = c.Closing
	}
	return closings, err
}

// Close has the county close a month.
func (m months) Close(ctx context.Context, month, by string) (web.Closing, error) {
	c, err := m.closeMonth(ctx, month, by)
	return c.Closing, err
}

// Month sums a closed month up: each report's frozen total, and the one of now.
func (m months) Month(month string) (web.MonthEnd, error) {
	c, ok, err := m.closed(month)
	if err != nil || !ok {
		return web.MonthEnd{}, orMissing(err)
	}
	end := web.MonthEnd{Closing: c.Closing, Figures: []web.MonthFigure{}}
	said, err := m.statements(month)
	if err != nil {
		return web.MonthEnd{}, err
	}
	for _, s := range said {
		end.Statements = append(end.Statements, s.shown())
	}
	for _, k := range m.kinds.Kinds() {
		for _, r := range k.Reports {
			q := report.Query{Report: k.Name + "." + r.Name}.InMonth(month)
			frozen, err := m.frozen(c, q.Report)
			if err != nil {
				return web.MonthEnd{}, err
			}
			if was, ok := frozen.Answer(q); ok {
				end.Figures = append(end.Figures, m.figure(was, q))
			}
		}
	}
	return end, nil
}

func orMissing(err error) error {
	if err == nil {
		return web.ErrMissing
	}
	return err
}

// figure holds a report's frozen total against the one of now.
func (m months) figure(was report.Table, q report.Query) web.MonthFigure {
	one := web.MonthFigure{Report: was.Report, Title: was.Title, Unit: was.Unit, Said: was.Said, Frozen: was.Sum()}
	now, err := m.figures.Answer(q)
	if err != nil { // the report asks otherwise than it did
		return one
	}
	one.Now = now.Sum()
	for _, restated := range report.Restate(was, now) {
		if len(restated.Keys) == 0 {
			one.Difference = restated.Difference
		}
	}
	return one
}

// Report answers a query about a month. Once that is closed its figures are the frozen
// ones, with what the records say now beside them.
func (m months) Report(ctx context.Context, month string, q report.Query, current bool) (web.Answer, error) {
	q = q.InMonth(month)
	answer, err := office(m).Report(ctx, q, current)
	if err != nil {
		return answer, err
	}
	about := &web.Month{Month: month, Restated: []report.Restated{}}
	c, ok, err := m.closed(month)
	if err != nil {
		return answer, err
	}
	if ok {
		about.Closed = &c.Closing
		frozen, err := m.frozen(c, q.Report)
		if err != nil {
			return answer, err
		}
		if was, ok := frozen.Answer(q); ok {
			now := answer.Table
			about.Frozen, about.Now, about.Restated = true, &now, report.Restate(was, now)
			answer.Table = was
		}
	}
	answer.Month = about
	return answer, nil
}
