package node

import (
	"context"
	"errors"
	"fmt"
	"time"

	"wangge/crdt"
	"wangge/node/month"
	"wangge/node/policy"
	"wangge/sync/wire"
)

// decideTries is how often the office is taken to decide one thing. The leading replica takes
// it back when it has something to decide.
const decideTries = 10

// decidePause is by how much longer each replica waits than the one before it.
const decidePause = 20 * time.Millisecond

// errContended says that something could not be decided for others who decided meanwhile.
var errContended = errors.New("the county's office was taken again and again: try again")

// deciding is a replica that has the county decide what is no record's.
type deciding struct{ *node }

var _ month.County = deciding{}

// Current waits until this replica has applied all that is committed.
func (d deciding) Current(ctx context.Context) error { return d.hub.Current(ctx) }

// Applied returns up to which commit this replica counts.
func (d deciding) Applied() uint64 { return d.hub.Status().Applied }

// Write has ops committed in the space of the county alone, and waits until this
// replica holds them.
func (d deciding) Write(ctx context.Context, w *policy.Writer, ops []crdt.Op) error {
	chunk, err := d.store.Draw(w, map[crdt.Space][]crdt.Op{policy.CountyAlone(): ops})
	if err != nil {
		return err
	}
	if _, err := d.hub.Propose(ctx, entryOf(chunk)); err != nil {
		return err
	}
	return d.hub.Current(ctx)
}

// First has the county decide an op unless that was decided already, which it tells. The
// office is taken for it: so nothing is decided between the look at that, and this.
func (d deciding) First(ctx context.Context, w *policy.Writer, op crdt.Op, decided func() (bool, error)) (mine bool, err error) {
	for try := range decideTries {
		if err := d.yield(ctx, try); err != nil {
			return false, err
		}
		if err := d.commit(ctx, wire.Office{Writer: w.Name()}); err != nil {
			return false, err
		}
		if done, err := decided(); done || err != nil {
			return false, err
		}
		chunk, err := d.store.Draw(w, map[crdt.Space][]crdt.Op{policy.CountyAlone(): {op}})
		if err != nil {
			return false, err
		}
		err = d.commit(ctx, wire.Office{Writer: w.Name(), Chunk: chunk})
		if err == nil {
			return true, nil
		}
		if !errors.Is(err, errDeposed) {
			return false, err
		}
	}
	return false, errContended
}

// yield waits before the office is taken again from another, each replica for another while:
// two that take it from each other at the same pace would go on so.
func (d deciding) yield(ctx context.Context, try int) error {
	pause := time.Duration(try) * time.Duration(d.id.Device.Index) * decidePause
	select {
	case <-time.After(pause):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// commit has an entry of the office committed, and waits until this replica has applied it.
func (d deciding) commit(ctx context.Context, entry wire.Office) error {
	answer, err := d.hub.Propose(ctx, wire.Encode(entry))
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
	return d.hub.Current(ctx)
}
