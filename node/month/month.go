// Package month closes a county's months: it freezes their figures, restates them when work
// comes late, and makes of them what goes up to the city.
package month

import (
	"context"
	"log/slog"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/report"
	"wangge/node/store"
	"wangge/node/web"
	"wangge/schema"
)

// Months are those of a county, as a replica of its hub knows them.
type Months struct {
	Kinds   *schema.Registry
	Store   *store.Store
	Figures *report.Figures
	County  County
	Office  Office
	ID      *policy.Identity
	Log     *slog.Logger
	// Area is the county's code, "" where its records tell.
	Area string
	// LeastPersons is for how many persons a figure that goes up stands at the fewest.
	LeastPersons int64
}

var (
	_ web.Months    = Months{}
	_ web.Publisher = Months{}
)

// County decides.
type County interface {
	// Current waits until this replica has applied all that is committed.
	Current(ctx context.Context) error
	// Applied returns up to which commit the figures count.
	Applied() uint64
	// Write has ops committed in the space of the county alone, and waits until this
	// replica holds them.
	Write(ctx context.Context, w *policy.Writer, ops []crdt.Op) error
	// First has the county decide an op unless that was decided already, which it tells.
	// Nothing is decided between the look at that, and this.
	First(ctx context.Context, w *policy.Writer, op crdt.Op, decided func() (bool, error)) (mine bool, err error)
}

// Office answers from the records as they are now.
type Office interface {
	Report(ctx context.Context, q report.Query, current bool) (web.Answer, error)
	// Currency says what this replica knows of an area, "" for all.
	Currency(area string) web.Currency
	// Listed reads a record that was counted.
	Listed(kind *schema.Kind, f report.Found) (store.Listed, error)
	// Item shows a record in a list.
	Item(kind *schema.Kind, l store.Listed) web.Item
}

// Closed lists the months that are closed.
func (m Months) Closed() ([]web.Closing, error) {
	all, err := m.all()
	closings := make([]web.Closing, len(all))
	for i, c := range all {
		closings[i] = c.Closing
	}
	return closings, err
}

// Month sums a closed month up: each report's frozen total, and the one of now.
func (m Months) Month(month string) (web.MonthEnd, error) {
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
	for _, k := range m.Kinds.Kinds() {
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
func (m Months) figure(was report.Table, q report.Query) web.MonthFigure {
	one := web.MonthFigure{Report: was.Report, Title: was.Title, Unit: was.Unit, Said: was.Said, Frozen: was.Sum()}
	now, err := m.Figures.Answer(q)
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
func (m Months) Report(ctx context.Context, month string, q report.Query, current bool) (web.Answer, error) {
	q = q.InMonth(month)
	answer, err := m.Office.Report(ctx, q, current)
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
