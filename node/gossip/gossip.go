// Package gossip knows which boxes of one township are near and alive, and spreads rumours of new heads among them.
package gossip

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/hashicorp/memberlist"

	"wangge/sync/link"
)

// Options are what a ring needs of the node. Peers and Log may be left out.
type Options struct {
	// Device is this box's own index, and Name what people call it.
	Device uint32
	Name   string
	// Address returns where others reach this box, as host:port, or "" when they know that better. A
	// change is told to the ring.
	Address func() string
	// Ring names the township's ring, in at most 64 bytes. Rings do not hear each other.
	Ring string
	// Peers returns the devices that belong to the ring, say from the policy log. It is the memory
	// that a ring lacks: two halves that have declared each other dead would not meet again.
	Peers func() []uint32
	// Profile says how often the ring speaks.
	Profile Profile
	// Heard is called once for each rumour of another box, one at a time. The origin is what the
	// rumour claims: it is a hint where to ask, and proves nothing. Rumours that come in while 256
	// wait for it are lost. It reports whether the rumour was news: only then it is passed on.
	Heard func(origin uint32, rumour []byte) (news bool)
	// Met, which may be left out, is called for each box that has come or come back into the ring: what was said
	// meanwhile is to be asked for. It must not wait.
	Met func(device uint32)
	// Log receives the ring's doings at debug level; nil is silence.
	Log *slog.Logger
}

// Gossip is one box's place in its ring. Its methods may be called by many goroutines.
type Gossip struct {
	options Options
	link    *link.Link
	roster  *roster
	rumours *rumours
	hints   chan uint32
}

// hintsMax bounds the devices that wait to be called because somebody said that they are near.
const hintsMax = 16

// New prepares a place in the ring over a link, which must outlive it.
func New(l *link.Link, o Options) (*Gossip, error) {
	if o.Address == nil || o.Heard == nil {
		return nil, errors.New("gossip needs Address and Heard")
	}
	if o.Ring == "" || len(o.Ring) > ringNameMax {
		return nil, fmt.Errorf("ring name %q: want 1 to %d bytes", o.Ring, ringNameMax)
	}
	if o.Profile.Probe <= 0 {
		return nil, errors.New("gossip needs a profile: Township or one of your own")
	}
	if o.Peers == nil {
		o.Peers = func() []uint32 { return nil }
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Met == nil {
		o.Met = func(uint32) {}
	}
	ring := newRoster(o.Device, l, o.Met)
	return &Gossip{options: o, link: l, roster: ring, rumours: newRumours(o.Device, ring.near, o.Log), hints: make(chan uint32, hintsMax)}, nil
}

const (
	ringNameMax = 64
	// leaveTimeout is how long a box that stops waits for the ring to hear its farewell.
	leaveTimeout = time.Second
)

// Run takes part in the ring until the context ends, says farewell, and returns the context's
// cause. It is called once. Goroutines of memberlist that wait for an answer then may outlive it by
// one probe interval; they touch nothing but the link.
func (g *Gossip) Run(ctx context.Context) error {
	carrier := newCarrier(g.options.Device, g.link)
	ring, err := memberlist.Create(g.config(carrier))
	if err != nil {
		return errors.Join(fmt.Errorf("start gossip ring: %w", err), carrier.Shutdown())
	}
	var running sync.WaitGroup
	running.Go(func() { g.keepJoined(ctx, ring) })
	running.Go(func() { g.rumours.run(ctx, g.sender(ring)) })
	running.Go(func() { g.rumours.tell(ctx, g.options.Heard) })

	<-ctx.Done()
	if err := ring.Leave(leaveTimeout); err != nil {
		g.options.Log.Debug("left the ring unheard", "error", err)
	}
	_ = ring.Shutdown() // always nil; it ends the dials that keepJoined may wait for
	running.Wait()
	return context.Cause(ctx)
}

// sender returns how a message goes to a member: as a datagram, which may be lost.
func (g *Gossip) sender(ring *memberlist.Memberlist) func(uint32, []byte) {
	return func(device uint32, message []byte) {
		to := &memberlist.Node{Name: nodeName(device), Addr: identityIP(device), Port: identityPort}
		if err := ring.SendBestEffort(to, message); err != nil {
			g.options.Log.Debug("a rumour could not be sent", "device", device, "error", err)
		}
	}
}

func (g *Gossip) config(c *carrier) *memberlist.Config {
	config := g.options.Profile.config()
	config.Name = nodeName(g.options.Device)
	config.Label = g.options.Ring
	config.Transport = c
	config.Delegate = &delegate{g.rumours, g.meta}
	config.Events = g.roster
	config.Alive = g.roster
	config.Logger = debugLogger(g.options.Log)
	return config
}

// meta is what this box tells all others about itself.
func (g *Gossip) meta() meta { return meta{g.options.Address(), g.options.Name} }

// Spread passes a rumour on to every box of the ring, at once and from box to box. One of more than
// MaxRumour bytes is logged and dropped. A box that is away will not hear it.
func (g *Gossip) Spread(rumour []byte) { g.rumours.spread(rumour) }

// Meet has a device called that is said to be near, though its turn has not come. It does not wait.
func (g *Gossip) Meet(device uint32) {
	select {
	case g.hints <- device:
	default: // it is called when its turn comes
	}
}

// Members returns the other boxes that were met in the ring since Run began, in order.
func (g *Gossip) Members() []Member { return g.roster.list() }
