package gossip

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/hashicorp/memberlist"
)

// keepJoined calls absent boxes again and again. memberlist never does: it forgets the dead, and
// the two halves of a ring that was cut for longer than that would each go on alone.
func (g *Gossip) keepJoined(ctx context.Context, ring *memberlist.Memberlist) {
	told := g.options.Address()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		if now := g.options.Address(); now != told {
			told = now
			g.tellAddress(ring)
		}
		g.callAbsent(ring)
		// By chance: a township whose power comes back must not call all at once.
		timer.Reset(g.options.Profile.Rejoin/2 + rand.N(g.options.Profile.Rejoin))
	}
}

func (g *Gossip) callAbsent(ring *memberlist.Memberlist) {
	absent := g.roster.absent(g.options.Peers())
	rand.Shuffle(len(absent), func(i, j int) { absent[i], absent[j] = absent[j], absent[i] })
	calls := make([]string, 0, g.options.Profile.RejoinCalls)
	for _, device := range absent[:min(len(absent), g.options.Profile.RejoinCalls)] {
		calls = append(calls, identityAddr(device).String())
	}
	if len(calls) == 0 {
		return
	}
	if _, err := ring.Join(calls); err != nil {
		g.options.Log.Debug("absent boxes do not answer", "called", len(calls), "error", err)
	}
}

func (g *Gossip) tellAddress(ring *memberlist.Memberlist) {
	if err := ring.UpdateNode(g.options.Profile.Gossip); err != nil {
		// It is on its way all the same: memberlist only did not see it leave in this time.
		g.options.Log.Debug("new address not yet heard", "error", err)
	}
}
