package node

import (
	"context"

	"wangge/node/report"
	"wangge/node/web"
	"wangge/schema"
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
	about := &web.Month{Month: month, Restated: []report.Restated{}, Compared: []report.Compared{}}
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
	about.Compared = m.compared(answer.Table, month, q)
	answer.Month = about
	return answer, nil
}

// compared holds a month's total against the month before and the same month a year
// before, as they were frozen if they were. Reports that compare by themselves are left.
func (m months) compared(now report.Table, month string, q report.Query) []report.Compared {
	all := []report.Compared{}
	if now.Count == schema.Difference || now.Count == schema.Growth {
		return all
	}
	q.By = nil
	for _, back := range []int{1, 12} {
		earlier := report.MonthsBefore(month, back)
		then, frozen, err := m.total(earlier, q.InMonth(earlier))
		if err != nil {
			m.log.Warn("a month could not be compared with an earlier one", "month", month, "earlier", earlier, "error", err)
			continue
		}
		one := report.Compare(now, then, earlier)
		one.Frozen = frozen
		all = append(all, one)
	}
	return all
}

// total answers a query about a month that has no groupings: as it was frozen, or as the
// records say.
func (m months) total(month string, q report.Query) (t report.Table, frozen bool, err error) {
	c, ok, err := m.closed(month)
	if err != nil {
		return t, false, err
	}
	if ok {
		kept, err := m.frozen(c, q.Report)
		if err != nil {
			return t, false, err
		}
		if t, ok = kept.Answer(q); ok {
			return t, true, nil
		}
	}
	t, err = m.figures.Answer(q)
	return t, false, err
}
