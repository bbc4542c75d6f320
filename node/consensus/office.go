package consensus

import (
	"context"
	"errors"
	"fmt"
)

// errDeposed ends what a replica does while it leads.
var errDeposed = errors.New("this replica does not lead any more")

// Lead calls f each time this replica has come to lead the group, until ctx ends, and
// waits for it. f's context ends when the replica leads no more. Another may have come to
// lead before f knows: what must not be done twice has to be settled by entries of the
// log. It may be called once, beside Run.
func (c *Consensus) Lead(ctx context.Context, f func(ctx context.Context)) {
	select {
	case <-c.ready:
	case <-c.ended:
		return
	case <-ctx.Done():
		return
	}
	for changes := c.replica.raft.LeaderCh(); ; {
		select {
		case leads := <-changes:
			for leads {
				leads = c.term(ctx, changes, f)
			}
		case <-c.ended:
			return
		case <-ctx.Done():
			return
		}
	}
}

// term calls f until the office changes, and reports whether it came back to this replica.
func (c *Consensus) term(ctx context.Context, changes <-chan bool, f func(ctx context.Context)) (leads bool) {
	ctx, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() { defer close(done); f(ctx) }()
	defer func() { <-done }()
	defer cancel(errDeposed)
	select {
	case leads = <-changes:
	case <-c.ended:
	case <-ctx.Done():
	}
	return leads
}

// ProposeHere commits an entry if this replica leads, and returns what applying it
// answered: by then all that was committed before has been applied here.
func (c *Consensus) ProposeHere(ctx context.Context, entry []byte) (answer []byte, err error) {
	select {
	case <-c.ready:
	default:
		return nil, errNoLeader
	}
	if answer, err = c.lead(ctx, askPropose, entry); err != nil {
		return nil, fmt.Errorf("this replica could not have the entry committed: %w", err)
	}
	return answer, nil
}
