package node

import (
	"context"
	"fmt"
	"time"

	"wangge/node/store"
	"wangge/sync/session"
	"wangge/sync/wire"
)

// sessionLog returns what a conversation reads and writes: at a box its store,
// at the hub the store for reading and the county's consensus for writing.
func (n *node) sessionLog(ctx context.Context) session.Log {
	if n.isHub() {
		return hubLog{boxLog{n.store, wire.AtCounty}, ctx, n}
	}
	return boxLog{n.store, wire.AtBox}
}

var (
	_ session.Log = boxLog{}
	_ session.Log = hubLog{}
)

// boxLog is a store whose word counts as much as its level.
type boxLog struct {
	*store.Store
	level wire.Level
}

// Keep acknowledges after the store's fsync.
func (l boxLog) Keep(c wire.Chunk) (wire.Ack, []wire.Refusal, error) {
	ack, refusals, err := l.Store.Keep(c)
	return l.vouch(ack), refusals, err
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
	ctx  context.Context
	node *node
}

// Keep verifies a chunk here, has what is good committed, and waits until this
// replica holds it too, so that the chunk after it finds its place.
func (l hubLog) Keep(c wire.Chunk) (wire.Ack, []wire.Refusal, error) {
	good, refusals := l.Check(c)
	if len(good.Runs) == 0 {
		return wire.Ack{}, refusals, nil
	}
	ctx, cancel := context.WithTimeout(l.ctx, commitTimeout)
	defer cancel()
	answer, err := l.node.hub.Propose(ctx, wire.Encode(good))
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
	return l.vouch(ack), append(refusals, late...), nil
}

func (l hubLog) caughtUp(ctx context.Context, ack wire.Ack) error {
	grown := l.node.grown.subscribe()
	defer l.node.grown.unsubscribe(grown)
	for _, m := range ack.Marks {
		for l.Held(m.Space, m.Writer) < m.Seq {
			select {
			case <-grown:
			case <-ctx.Done():
				return fmt.Errorf("this replica is behind the county: %w", context.Cause(ctx))
			}
		}
	}
	return nil
}
