package gossip

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/memberlist"
)

// keepJoined calls absent boxes again and again. memberlist never does: it forgets the dead, and
// the two halves of a ring that was cut for longer than that would each go on alone.
func (g *Gossip) keepJoined(ctx context.Context, ring *memberlist.Memberlist) {
	told := g.options.Address()
	calls := newCallbook(g.options.Profile)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case device := <-g.hints:
			g.call(ring, []uint32{device})
			continue
		case <-timer.C:
		}
		if now := g.options.Address(); now != told {
			told = now
			g.tellAddress(ring)
		}
		absent, alone := g.roster.absent(g.options.Peers()), len(g.roster.near()) == 0
		g.call(ring, calls.due(absent, alone, time.Now()))
		timer.Reset(g.options.Profile.Rejoin)
	}
}

// call asks absent boxes to take this one into their ring.
func (g *Gossip) call(ring *memberlist.Memberlist, absent []uint32) {
	var calling sync.WaitGroup
	defer calling.Wait()
	for _, device := range absent {
		calling.Go(func() {
			if _, err := ring.Join([]string{identityAddr(device).String()}); err != nil {
				g.options.Log.Debug("an absent box does not answer", "device", device, "error", err)
			}
		})
	}
}

// callbook says when which absent box is called. A call that nobody answers is dear, and most of a county's boxes may
// be switched off for months: so calls come twice as far apart after each, until there is one in RejoinMax, to
// whoever has waited longest. By then the others have long called this one, if they are there.
type callbook struct {
	profile Profile
	wait    time.Duration
	next    time.Time
	called  map[uint32]time.Time // when an absent box was called last
}

func newCallbook(p Profile) *callbook {
	return &callbook{profile: p, wait: p.Rejoin, called: map[uint32]time.Time{}}
}

// due returns whom to call now: one box, or some while this one is alone. Who is absent no more is forgotten, and is
// the first to be called when it is gone again.
func (b *callbook) due(absent []uint32, alone bool, now time.Time) []uint32 {
	called := make(map[uint32]time.Time, len(absent))
	for _, device := range absent {
		called[device] = b.called[device]
	}
	b.called = called
	if len(absent) == 0 || now.Before(b.next) {
		return nil
	}
	rand.Shuffle(len(absent), func(i, j int) { absent[i], absent[j] = absent[j], absent[i] })
	slices.SortStableFunc(absent, func(x, y uint32) int { return called[x].Compare(called[y]) })
	due := absent[:1]
	if alone {
		due = absent[:min(len(absent), b.profile.RejoinCalls)]
	}
	for _, device := range due {
		called[device] = now
	}
	// By chance: a township whose power comes back must not call all at once.
	b.next = now.Add(b.wait/2 + rand.N(b.wait))
	b.wait = min(2*b.wait, b.profile.RejoinMax)
	return due
}

func (g *Gossip) tellAddress(ring *memberlist.Memberlist) {
	if err := ring.UpdateNode(g.options.Profile.Gossip); err != nil {
		// It is on its way all the same: memberlist only did not see it leave in this time.
		g.options.Log.Debug("new address not yet heard", "error", err)
	}
}
