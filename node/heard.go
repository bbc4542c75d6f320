package node

import (
	"context"
	"time"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/store"
	"wangge/sync/link"
	"wangge/sync/wire"
)

const (
	// hearEvery is how often a replica looks whether it knows what the others do not.
	hearEvery = 20 * time.Second
	// heardStep is how much later it must have heard one to say so: a box that has nothing
	// left is said to be complete about as often, and that says it too.
	heardStep = time.Minute
	// skewStep is how much a box's clock must have moved to be told anew.
	skewStep = time.Minute
)

// hear has the county note which boxes this replica hears, what time it is there, what the
// county lacks of them, and what needs attention at this replica: a box talks to one replica at a
// time, a person looks at one, and what is asked of the others must not depend on it.
func (n *node) hear(ctx context.Context) error {
	tick := time.NewTicker(hearEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		for _, entry := range n.unsaid() {
			limited, cancel := context.WithTimeout(ctx, noteTimeout)
			_, err := n.hub.Propose(limited, wire.Encode(entry))
			if cancel(); err != nil {
				n.log.Debug("what only this replica knows could not be noted", "error", err)
				break // it is made up for at the next look
			}
		}
	}
}

// unsaid returns what this replica knows, of boxes and of itself, and the county does not.
func (n *node) unsaid() (all []wire.Message) {
	for _, h := range n.unheard() {
		all = append(all, h)
	}
	if m, news := n.untold(); news {
		all = append(all, m)
	}
	return all
}

// unheard returns which boxes this replica has heard and the county does not know of.
func (n *node) unheard() (all []wire.Heard) {
	noted, here := contacts(n.store), n.holds()
	for _, c := range n.link.Contacts() {
		d := n.device(c.Device)
		if d.Role == policy.Box && !c.Heard.IsZero() {
			if h := n.heardOf(c, d, here); worthSaying(noted[d.Index], h) {
				all = append(all, h)
			}
		}
	}
	return all
}

func (n *node) heardOf(c link.Contact, d policy.Device, here map[crdt.Space]crdt.Frontier) wire.Heard {
	x := n.exchanges.of(d.Index)
	h := wire.Heard{Device: d.Index, Name: d.Name, At: c.Heard.UnixMilli(), Told: x.told, Skew: x.skew.Milliseconds()}
	_, h.Wants, h.Greeted = n.lacks(d, here)
	return h
}

// worthSaying reports whether one account of a box says more than another.
func worthSaying(noted, h wire.Heard) bool {
	moved := h.Told && (!noted.Told || max(h.Skew-noted.Skew, noted.Skew-h.Skew) >= skewStep.Milliseconds())
	lacks := h.Greeted && (!noted.Greeted || (h.Wants == 0) != (noted.Wants == 0))
	return h.At-noted.At >= heardStep.Milliseconds() || (moved || lacks) && h.At > noted.At
}

// contacts returns when the county last heard each device.
func contacts(s *store.Store) map[uint32]wire.Heard {
	all := map[uint32]wire.Heard{}
	for _, h := range s.Contacts() {
		all[h.Device] = h
	}
	return all
}

// clockOf returns a peer's clock less this node's, as far as it was told here or, at the
// hub, to another replica.
func (n *node) clockOf(device uint32, noted map[uint32]wire.Heard) (skew time.Duration, told bool) {
	if x := n.exchanges.of(device); x.told {
		return x.skew, true
	}
	h := noted[device]
	return time.Duration(h.Skew) * time.Millisecond, h.Told
}
