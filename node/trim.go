package node

import (
	"cmp"
	"context"
	"time"

	"wangge/crdt"
)

// trimEvery is how often a box looks for batches that its log need not keep, which
// costs nothing where there are none. It is less than a box runs in a day.
const trimEvery = time.Hour

// trim takes batches out of the log once the county has had them for long.
func (n *node) trim(ctx context.Context) error {
	keep := time.Duration(cmp.Or(n.config.KeepDays, DefaultKeepDays)) * 24 * time.Hour
	if keep < 0 {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	tick := time.NewTicker(trimEvery)
	defer tick.Stop()
	for {
		// Counted from the county's last greeting: it may have come back from a backup
		// since, and this box would not know.
		before := crdt.NewStamp(n.store.Heard().Millis() - keep.Milliseconds())
		if trimmed, err := n.store.Trim(before); err != nil {
			n.log.Warn("the log could not be trimmed, which costs room and nothing else", "error", err)
		} else if trimmed > 0 {
			n.log.Info("batches that the county has had for long were taken out of the log", "batches", trimmed)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}
