package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/report"
	"wangge/node/web"
	"wangge/schema"
	"wangge/sync/wire"
)

const (
	// freezeTries is how often a month is counted anew while records come in, so that the
	// heads that are kept with it are those that were counted.
	freezeTries = 3
	// closeTries is how often the office is taken for closing a month. The leading replica
	// takes it back when it has something to decide.
	closeTries = 10
)

// errContended says that a month could not be closed for others who decided meanwhile.
var errContended = errors.New("the county's office was taken again and again: try again")

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

// closeMonth has the county close a month, in the name of who says so, and returns how it
// was closed: by another, if that was first.
func (n *node) closeMonth(ctx context.Context, month, by string) (closing, error) {
	if err := closable(month, schema.Day(crdt.Int(time.Now().UnixMilli()))); err != nil {
		return closing{}, err
	}
	if err := n.hub.Current(ctx); err != nil {
		return closing{}, err
	}
	if c, ok, err := n.closed(month); ok || err != nil {
		return c, err
	}
	w, err := n.id.NewWriter()
	if err != nil {
		return closing{}, err
	}
	f := n.freeze(month, by)
	f.Writer = w.Name().String()
	parts := map[string]any{headsPart: f.heads, upwardPart: f.upward}
	for name, frozen := range f.reports {
		parts[name] = frozen
	}
	if err := n.writeFrozen(ctx, w, f.closing, parts); err != nil {
		return closing{}, err
	}
	return n.decideClosed(ctx, w, f.closing)
}

// freeze counts a month.
func (n *node) freeze(month, by string) (f freeze) {
	for range freezeTries {
		counted, commit := n.hub.Status().Applied, n.store.Applied()
		f = freeze{heads: heads{}}
		for space, frontier := range n.store.Frontiers(func(crdt.Space) bool { return true }) {
			own := map[string]uint64{}
			for w, seq := range frontier {
				own[w.String()] = seq
			}
			f.heads[space.String()] = own
		}
		var tables []report.Upward
		f.reports, tables = n.figures.Freeze(month)
		f.upward = n.upwardNow(tables)
		f.Closing = web.Closing{
			Month: month, By: by, At: time.Now(), Commit: commit, Replica: n.id.Device.Name,
			Complete: office{n}.currency("").Complete, Reports: len(f.reports),
		}
		if counted >= commit && n.store.Applied() == commit {
			break
		}
	}
	return f
}

// writeFrozen writes what is frozen. It counts for nothing until the month is closed, or
// restated, by the same writer.
func (n *node) writeFrozen(ctx context.Context, w *policy.Writer, f closing, parts map[string]any) error {
	var ops []crdt.Op
	size := 0
	for _, part := range slices.Sorted(maps.Keys(parts)) {
		pieces, err := pack(parts[part])
		if err != nil {
			return err
		}
		id := frozenID(f.Month, part, f.Writer)
		for i, piece := range pieces {
			if size += len(piece); size > pieceMax && len(ops) > 0 {
				if err := n.writeAlone(ctx, w, ops); err != nil {
					return err
				}
				ops, size = nil, len(piece)
			}
			ops = append(ops, crdt.Record{}.Assign(id, frozenKind, crdt.FieldID(1+i), crdt.Text(piece)))
		}
	}
	return n.writeAlone(ctx, w, ops)
}

// writeAlone has ops committed in the space of the county alone, and waits until this
// replica holds them.
func (n *node) writeAlone(ctx context.Context, w *policy.Writer, ops []crdt.Op) error {
	chunk, err := n.store.Draw(w, map[crdt.Space][]crdt.Op{policy.CountyAlone(): ops})
	if err != nil {
		return err
	}
	if _, err := n.hub.Propose(ctx, entryOf(chunk)); err != nil {
		return err
	}
	return n.hub.Current(ctx)
}

// decideClosed closes a month whose figures were written.
func (n *node) decideClosed(ctx context.Context, w *policy.Writer, c closing) (closing, error) {
	said, err := json.Marshal(c)
	if err != nil {
		return closing{}, err
	}
	op := crdt.Record{}.Append(closedID(c.Month), closedKind, closingField, crdt.Text(string(said)))
	mine, err := n.decideFirst(ctx, w, op, func() (bool, error) {
		_, ok, err := n.closed(c.Month)
		return ok, err
	})
	if err != nil {
		return closing{}, err
	}
	if mine {
		n.log.Info("a month was closed", "month", c.Month, "by", c.By, "commit", c.Commit, "reports", c.Reports)
	}
	c, _, err = n.closed(c.Month)
	return c, err
}

// decideFirst has the county decide an op unless that was decided already, which it tells. The
// office is taken for it: so nothing is decided between the look at that, and this.
func (n *node) decideFirst(ctx context.Context, w *policy.Writer, op crdt.Op, decided func() (bool, error)) (mine bool, err error) {
	for range closeTries {
		if err := n.commitHere(ctx, wire.Office{Writer: w.Name()}); err != nil {
			return false, err
		}
		if done, err := decided(); done || err != nil {
			return false, err
		}
		chunk, err := n.store.Draw(w, map[crdt.Space][]crdt.Op{policy.CountyAlone(): {op}})
		if err != nil {
			return false, err
		}
		err = n.commitHere(ctx, wire.Office{Writer: w.Name(), Chunk: chunk})
		if err == nil {
			return true, nil
		}
		if !errors.Is(err, errDeposed) {
			return false, err
		}
	}
	return false, errContended
}

// commitHere has an entry of the office committed, and waits until this replica has
// applied it.
func (n *node) commitHere(ctx context.Context, entry wire.Office) error {
	answer, err := n.hub.Propose(ctx, wire.Encode(entry))
	if err != nil {
		return err
	}
	_, refusals, err := readAnswer(answer)
	if err != nil {
		return err
	}
	if len(refusals) > 0 {
		return fmt.Errorf("%w: %s", errDeposed, refusals[0].Reason)
	}
	return n.hub.Current(ctx)
}
