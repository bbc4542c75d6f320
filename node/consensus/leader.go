package consensus

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/hashicorp/raft"
)

// refusal is an error that asking again does not mend.
type refusal string

func (r refusal) Error() string { return string(r) }

const errStopped = refusal("this replica has stopped")

// errUnsettled is a new leader's, until the first entry of its term is
// committed: before that it does not know how much of the log is.
var errUnsettled = errors.New("the leader is new and does not yet know what is committed")

// lead does what a request asks, as the leader. All errors but refusals say
// that this replica is not the leader, or did not remain it; the entry may be
// committed all the same.
func (c *Consensus) lead(ctx context.Context, ask byte, body []byte) ([]byte, error) {
	switch ask {
	case askPropose:
		if len(body) > EntryMax {
			return nil, refusal(fmt.Sprintf("an entry of %d bytes is larger than %d: split it", len(body), EntryMax))
		}
		return c.await(ctx, func() ([]byte, error) { return c.commit(body) })
	case askCurrent:
		return c.await(ctx, c.replica.committed)
	}
	return nil, refusal(fmt.Sprintf("request %d is unknown to this replica: bring all replicas to one version", ask))
}

// await runs f, which raft ends in its own time, but waits no longer than ctx.
func (c *Consensus) await(ctx context.Context, f func() ([]byte, error)) ([]byte, error) {
	type result struct {
		answer []byte
		err    error
	}
	done := make(chan result, 1)
	entered := c.calls.enter(func() {
		answer, err := f()
		done <- result{answer, err}
	})
	if !entered {
		return nil, errStopped
	}
	select {
	case r := <-done:
		return r.answer, r.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// commit appends an entry to the log and waits until the machine has applied
// it. The limit is on getting into the log; from there raft always answers, at
// the latest when this replica loses its office.
func (c *Consensus) commit(entry []byte) ([]byte, error) {
	f := c.replica.raft.ApplyLog(raft.Log{Data: entry, Extensions: sumOf(entry)}, c.attemptMax())
	if err := f.Error(); err != nil {
		return nil, err
	}
	answer, _ := f.Response().([]byte)
	if len(answer) > EntryMax {
		return nil, refusal(fmt.Sprintf("the entry was committed, but its answer of %d bytes is larger than %d", len(answer), EntryMax))
	}
	return answer, nil
}

// committed returns the index of the last entry for the machine that was
// committed when it was called.
func (r *replica) committed() ([]byte, error) {
	term, index := r.raft.CurrentTerm(), r.raft.CommitIndex()
	var last raft.Log
	err := r.stores.log.GetLog(index, &last)
	if err != nil || last.Term != term {
		if r.raft.State() != raft.Leader {
			return nil, raft.ErrNotLeader
		}
		return nil, errUnsettled
	}
	// A quorum says that there was no newer leader, who could have committed
	// more, when the index was read.
	if err := r.raft.VerifyLeader().Error(); err != nil {
		return nil, err
	}
	if r.raft.CurrentTerm() != term {
		return nil, raft.ErrLeadershipLost
	}
	index, err = r.lastCommand(last)
	return binary.BigEndian.AppendUint64(nil, index), err
}

// lastCommand returns the index of the last entry for the machine at or before
// l. Raft's own entries never reach the machine, so nobody can wait for them.
func (r *replica) lastCommand(l raft.Log) (uint64, error) {
	for l.Type != raft.LogCommand {
		err := r.stores.log.GetLog(l.Index-1, &l)
		if errors.Is(err, raft.ErrLogNotFound) {
			// The rest of the log has gone into a snapshot, and into the
			// machine before that.
			return r.fsm.applied.load(), nil
		}
		if err != nil {
			return 0, err
		}
	}
	return l.Index, nil
}
