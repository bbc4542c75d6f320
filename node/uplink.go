package node

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"wangge/node/wake"
	"wangge/sync/link"
)

const (
	dialTimeout   = 20 * time.Second // what a handshake takes on the worst link
	redialMin     = 300 * time.Millisecond
	redialMax     = 10 * time.Second
	settledUplink = 30 * time.Second // a conversation that lasted so long was a good one
)

// uplink keeps one conversation with the hub going, with whichever replica can
// be reached.
func (n *node) uplink(ctx context.Context) error {
	members := n.config.members()
	if len(members) == 0 {
		n.log.Warn("no hub replica is configured: work stays at this box")
		<-ctx.Done()
		return context.Cause(ctx)
	}
	next := rand.IntN(len(members))
	pause, lasting := redialMin, Discord{}
	for ctx.Err() == nil {
		began := time.Now()
		err := n.callHub(ctx, members[next], &lasting)
		if errors.Is(err, errDiscord) {
			n.log.Info("greeting the hub replica anew", "replica", members[next], "reason", err)
			continue
		}
		if ctx.Err() != nil {
			break // asked to stop: that is no fault of the replica's
		}
		if time.Since(began) > settledUplink {
			pause = redialMin
		}
		n.noContact(members[next], err)
		n.log.Info("no contact with the hub replica, trying another", "replica", members[next], "reason", err)
		next = (next + 1) % len(members)
		wake.Rest(ctx, pause+rand.N(pause))
		pause = min(2*pause, redialMax)
	}
	return context.Cause(ctx)
}

// errEnded says that a peer ended a conversation that was to go on.
var errEnded = errors.New("the peer ended the conversation")

func (n *node) callHub(ctx context.Context, replica uint32, lasting *Discord) error {
	dial, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	s, err := n.link.Open(dial, replica, link.Sync)
	if err != nil {
		return err
	}
	if err := n.converse(ctx, s, true, lasting); err != nil {
		return err
	}
	return errEnded
}
