package node

import (
	"context"
	"time"
)

const (
	// rollEvery is how often a replica looks whether figures are to be rolled up.
	rollEvery = 5 * time.Second
	// rollQuiet is how many changes at most came between two looks where all are rolled up, and
	// not only those that somebody asked about: a county's busiest hour is a tenth of that.
	rollQuiet = 500
)

// rollUp rolls figures up as records come, so that nobody who asks waits for it. It takes half
// of one processor at most.
func (n *node) rollUp(ctx context.Context) error {
	last := n.figures.Changes()
	for wait := time.Duration(0); ; {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(wait):
		}
		now := n.figures.Changes()
		quiet := now-last <= rollQuiet
		last, wait = now, rollEvery
		for more := true; more; {
			began := time.Now()
			more = n.figures.RollUp(quiet)
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-time.After(time.Since(began)):
			}
		}
	}
}
