package node

import (
	"context"
	"fmt"
	"slices"
	"time"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/store"
	"wangge/node/wake"
	"wangge/sync/wire"
)

// sessionLog returns what a conversation reads and writes: at a box its store,
// at the hub the store for reading and the county's consensus for writing.
func (n *node) sessionLog(ctx context.Context, peer policy.Device) conversing {
	if n.isHub() {
		return hubLog{boxLog{n.store, wire.AtCounty, false}, ctx, &n.grown, n.propose}
	}
	return boxLog{n.store, wire.AtBox, peer.Role == policy.Hub}
}

// boxLog is a store whose word counts as much as its level.
type boxLog struct {
	*store.Store
	level  wire.Level
	county bool // the peer is a replica of the hub
}

// Keep acknowledges after the store's fsync. Where the county holds another
// branch of a stream, this box's gives way first.
func (l boxLog) Keep(c wire.Chunk) (wire.Ack, []wire.Refusal, error) {
	var arms []wire.Refusal
	if l.county {
		if err := l.Yield(c); err != nil {
			return wire.Ack{}, nil, err
		}
	} else {
		c, arms = stems(c)
	}
	ack, refusals, err := l.Store.Keep(c)
	return l.vouch(ack), append(arms, refusals...), err
}

// Prints leaves arms out where Frontiers does.
func (l boxLog) Prints(about func(crdt.Space) bool) map[crdt.Space]wire.Hash {
	return l.Store.Prints(about, l.county || l.level >= wire.AtCounty)
}

func (l boxLog) vouch(ack wire.Ack) wire.Ack {
	for i := range ack.Marks {
		ack.Marks[i].Level = l.level
	}
	return ack
}

// commitTimeout is how long a replica asks for a commit before it lets the box
// try another one: a replica cut off from the others must not hold a box up.
const commitTimeout = 15 * time.Second

// hubLog writes through consensus. ctx is the conversation's.
type hubLog struct {
	boxLog
	ctx     context.Context
	grown   *wake.Signal
	propose func(ctx context.Context, entry []byte) (answer []byte, err error)
}

// Keep verifies a chunk here, has what is good committed, and waits until this
// replica holds it too, so that the chunk after it finds its place.
func (l hubLog) Keep(c wire.Chunk) (wire.Ack, []wire.Refusal, error) {
	good, refusals := l.Check(c)
	if err := l.settle(refusals); err != nil {
		return wire.Ack{}, nil, err
	}
	if len(good.Runs) == 0 {
		return wire.Ack{}, refusals, nil
	}
	ctx, cancel := context.WithTimeout(l.ctx, commitTimeout)
	defer cancel()
	answer, err := l.propose(ctx, entryOf(good))
	if err != nil {
		return wire.Ack{}, nil, fmt.Errorf("the county could not commit: %w", err)
	}
	ack, late, err := readAnswer(answer)
	if err != nil {
		return wire.Ack{}, nil, err
	}
	if err := l.caughtUp(ctx, ack); err != nil {
		return wire.Ack{}, nil, err
	}
	late, err = l.lookAgain(ctx, good, late)
	return l.vouch(ack), append(refusals, late...), err
}

// lookAgain has the forks committed that came between the look and the commit, when
// another replica took the other branch: a commit says that there is one, and only
// who holds that branch can prove it.
func (l hubLog) lookAgain(ctx context.Context, c wire.Chunk, late []wire.Refusal) ([]wire.Refusal, error) {
	for i, r := range late {
		if r.Why != wire.WhyForked {
			continue
		}
		if err := l.waitFor(ctx, func() bool { return l.Held(r.Mark.Space, r.Mark.Writer) >= r.Mark.Seq }); err != nil {
			return nil, err
		}
		one := wire.Chunk{Credentials: c.Credentials, Runs: slices.DeleteFunc(slices.Clone(c.Runs), func(run wire.Run) bool {
			return run.Space != r.Mark.Space || run.Writer != r.Mark.Writer
		})}
		if _, again := l.Check(one); len(again) > 0 {
			late[i] = again[0]
		}
	}
	return late, l.settle(late)
}

func (l hubLog) caughtUp(ctx context.Context, ack wire.Ack) error {
	for _, m := range ack.Marks {
		if err := l.waitFor(ctx, func() bool { return l.Held(m.Space, m.Writer) >= m.Seq }); err != nil {
			return err
		}
	}
	return nil
}

// waitFor waits until this replica has applied what makes true come true.
func (l hubLog) waitFor(ctx context.Context, come func() bool) error {
	grown := l.grown.Subscribe()
	defer l.grown.Unsubscribe(grown)
	for !come() {
		select {
		case <-grown:
		case <-ctx.Done():
			return fmt.Errorf("this replica is behind the county: %w", context.Cause(ctx))
		}
	}
	return nil
}
