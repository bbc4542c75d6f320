package month

import (
	"context"
	"encoding/json"
	"time"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/report"
	"wangge/node/web"
	"wangge/schema"
)

// freezeTries is how often a month is counted anew while records come in, so that the
// heads that are kept with it are those that were counted.
const freezeTries = 3

// freeze is what is frozen of a month.
type freeze struct {
	closing
	reports map[string]report.Frozen
	heads   heads
	upward  upward
}

// closable says why a month cannot be closed, if it cannot.
func closable(month, today string) error {
	_, last, ok := report.MonthDays(month)
	if !ok {
		return web.Refusal{Text: schema.Text{Zh: "应为月份，例如 2026-11", En: "want a month, such as 2026-11"}}
	}
	if today <= last {
		return web.Refusal{Text: schema.Text{Zh: month + " 还没有过完，" + last + " 之后才能结账", En: month + " is not over: it can be closed after " + last}}
	}
	return nil
}

// Close has the county close a month, in the name of who says so, and returns how it was
// closed: by another, if that was first.
func (m Months) Close(ctx context.Context, month, by string) (web.Closing, error) {
	if err := closable(month, schema.Day(crdt.Int(time.Now().UnixMilli()))); err != nil {
		return web.Closing{}, err
	}
	if err := m.County.Current(ctx); err != nil {
		return web.Closing{}, err
	}
	if c, ok, err := m.closed(month); ok || err != nil {
		return c.Closing, err
	}
	w, err := m.ID.NewWriter()
	if err != nil {
		return web.Closing{}, err
	}
	f, err := m.freeze(month, by)
	if err != nil {
		return web.Closing{}, err
	}
	f.Writer = w.Name().String()
	parts := map[string]any{headsPart: f.heads, upwardPart: f.upward}
	for name, frozen := range f.reports {
		parts[name] = frozen
	}
	if err := m.writeFrozen(ctx, w, f.closing, parts); err != nil {
		return web.Closing{}, err
	}
	c, err := m.decideClosed(ctx, w, f.closing)
	return c.Closing, err
}

// freeze counts a month.
func (m Months) freeze(month, by string) (f freeze, err error) {
	for range freezeTries {
		counted, commit := m.County.Applied(), m.Store.Applied()
		f = freeze{heads: heads{}}
		for space, frontier := range m.Store.Frontiers(func(crdt.Space) bool { return true }) {
			own := map[string]uint64{}
			for w, seq := range frontier {
				own[w.String()] = seq
			}
			f.heads[space.String()] = own
		}
		var tables []report.Upward
		f.reports, tables = m.Figures.Freeze(month)
		if f.upward, err = m.upwardNow(month, tables); err != nil {
			return f, err
		}
		f.Closing = web.Closing{
			Month: month, By: by, At: time.Now(), Commit: commit, Replica: m.ID.Device.Name,
			Complete: m.Office.Currency("").Complete, Reports: len(f.reports),
		}
		if counted >= commit && m.Store.Applied() == commit {
			break
		}
	}
	return f, nil
}

// decideClosed closes a month whose figures were written.
func (m Months) decideClosed(ctx context.Context, w *policy.Writer, c closing) (closing, error) {
	said, err := json.Marshal(c)
	if err != nil {
		return closing{}, err
	}
	op := crdt.Record{}.Append(ClosedID(c.Month), ClosedKind, closingField, crdt.Text(string(said)))
	mine, err := m.County.First(ctx, w, op, func() (bool, error) {
		_, ok, err := m.closed(c.Month)
		return ok, err
	})
	if err != nil {
		return closing{}, err
	}
	if mine {
		m.Log.Info("a month was closed", "month", c.Month, "by", c.By, "commit", c.Commit, "reports", c.Reports)
	}
	c, _, err = m.closed(c.Month)
	return c, err
}
