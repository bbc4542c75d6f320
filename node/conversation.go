package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/store"
	"wangge/sync/link"
	"wangge/sync/session"
	"wangge/sync/wire"
)

const (
	// nudgeAfter is how long an answer may be overdue before the peer is nudged:
	// it may have been killed and started again without our connection noticing.
	nudgeAfter = 4 * time.Second
	// remindAfter is how often a side with nothing to say repeats that it has
	// nothing to say: the hub dates a box's completeness by it.
	remindAfter = 30 * time.Second
	// conversationsMax bounds the conversations that others may hold with this
	// node at one time.
	conversationsMax = 512
	// framesMax is more than the windows of both sides hold, so that both may
	// write at once without either having to wait for the other.
	framesMax = 64
)

// errSilent ends a conversation with a peer that owes an answer.
var errSilent = errors.New("the peer owes an answer and is silent")

// errNewDay ends a conversation whose budget was the day's before.
var errNewDay = errors.New("a new day begins, and with it another budget of the metered link")

// conversation is one under way. Its loop is the only one to touch talk; hear
// reads for it, and watch keeps an eye on a peer that owes an answer, because
// the loop itself may be waiting to be let speak.
type conversation struct {
	node    *node
	stream  *link.Stream
	peer    policy.Device
	talk    *session.Session
	witness *witness
	began   store.Grounds // what was remembered of the peer
	pace    pace
	opened  time.Time
	said    time.Time // when it was last told what is left
	brief   bool      // ends when both sides are quiet
	lasting *Discord  // of one that this side opened for good
	first   bool      // this side opened it
	frames  chan []byte
	owes    func(bool) // tells what can wait
	mu      sync.Mutex
	silence Silence // of the peer; guarded by mu
}

// answer takes part in the conversations that others open.
func (n *node) answer(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(conversationsMax)
	for {
		s, err := n.link.Accept(ctx, link.Sync)
		if err != nil {
			g.Wait()
			return err
		}
		g.Go(func() error {
			if err := n.converse(ctx, s, false, nil); err != nil && ctx.Err() == nil {
				n.log.Info("a conversation ended", "peer", s.Peer(), "reason", err)
			}
			return nil
		})
	}
}

// converse holds one conversation: if this side opened it and not for good, until both
// sides are quiet, else until the peer or ctx ends it, or discord has it begun anew. It
// returns nil when it ended in order.
func (n *node) converse(ctx context.Context, s *link.Stream, first bool, lasting *Discord) error {
	var g errgroup.Group
	defer g.Wait()
	defer s.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { s.Close() })()
	peer := n.device(s.Peer())
	began := n.store.Grounds(peer.Index)
	talk, witness := n.begin(ctx, peer, first)
	owes, leave := n.talks.enter(peer.Index)
	defer n.freight.Met(peer)()
	defer leave()
	c := &conversation{
		node: n, stream: s, peer: peer, first: first, brief: first && lasting == nil, lasting: lasting,
		talk: talk, witness: witness, began: began, frames: make(chan []byte, framesMax),
	}
	defer witness.end()
	defer c.remember()
	defer n.exchanges.with(peer.Index, func(x *exchange) { x.left = nil })
	c.opened = time.Now()
	defer func() {
		sent, took := c.talk.Spent()
		n.meter.add(sent, took, time.Now())
	}()
	c.owes = owes
	g.Go(func() error {
		defer close(c.frames)
		return c.hear(ctx)
	})
	g.Go(func() error { return c.watch(ctx) })
	if ended, err := c.run(ctx); !ended {
		return err
	}
	cancel()
	return g.Wait()
}

// run speaks and listens. It reports that the peer has ended the stream, or why
// this side ends it.
func (c *conversation) run(ctx context.Context) (ended bool, err error) {
	grown := c.node.grown.Subscribe()
	defer c.node.grown.Unsubscribe(grown)
	remind := time.NewTicker(remindAfter)
	defer remind.Stop()
	out := c.talk.Start()
	for {
		awaits := c.talk.Awaits()
		c.quiet(func(s *Silence, now time.Time) { s.Owes(awaits || c.brief, now) }) // who is visited says at last that it has no more to say
		c.owes(awaits)
		c.tell(time.Now())
		if err := c.say(out); err != nil {
			return false, err
		}
		if c.brief && c.talk.Finished() {
			return false, nil
		}
		select {
		case <-ctx.Done():
			return false, context.Cause(ctx)
		case b, ok := <-c.frames:
			if !ok {
				return true, nil
			}
			out, err = c.step(ctx, b)
		case <-grown:
			out, err = c.talk.Wake()
		case <-remind.C:
			if out = nil; c.first {
				out = c.talk.Remind()
			}
			c.remember()
			if c.node.config.DailyKB > 0 && c.opened.YearDay() != time.Now().YearDay() {
				return false, errNewDay
			}
			if c.lasting != nil && c.lasting.Over(c.talk, time.Now()) {
				return false, errDiscord
			}
		}
		if err != nil {
			return false, err
		}
	}
}

// remember keeps what was learned of the peer, so that the next greeting is short.
func (c *conversation) remember() {
	if known := c.talk.Grounds(); len(known) > 0 {
		c.node.store.KeepGrounds(c.peer.Index, c.began, known)
	}
}

func (c *conversation) step(ctx context.Context, frame []byte) ([]wire.Message, error) {
	m, err := c.talk.Decode(frame)
	if err != nil {
		return nil, err
	}
	if clock, ok := m.(wire.Clock); ok {
		c.witness.hears(clock)
		return nil, nil
	}
	if _, answers := m.(wire.Kept); answers {
		trip := c.node.trip(c.peer.Index)
		c.pace.hears(m, trip, time.Now())
		c.talk.Carries(c.pace.carries(trip))
		lag, least := c.stream.Lag()
		c.pace.passes(lag+least, least, time.Now())
		c.talk.Near(c.pace.near() && c.node.config.DailyKB == 0)
	}
	out, err := c.talk.Step(m)
	if err == nil && c.talk.Quiet() {
		c.witness.settle(ctx)
		if c.talk.Left().Receive.Batches == 0 {
			c.node.complete(ctx, c.peer)
		}
	}
	return out, err
}

// clocked tells behind every greeting what time it is here: a peer that did not know what the first
// one rests on has not listened to what came with it.
func clocked(out []wire.Message) []wire.Message {
	if !slices.ContainsFunc(out, func(m wire.Message) bool { _, greets := m.(wire.Hello); return greets }) {
		return out
	}
	return append(slices.Clip(out), wire.Clock{At: time.Now().UnixMilli()})
}

func (c *conversation) say(out []wire.Message) error {
	for _, m := range clocked(out) {
		b := c.talk.Encode(m)
		c.pace.sends(m, len(b), time.Now())
		if err := c.stream.WriteFrame(b); err != nil {
			return fmt.Errorf("speaking to device %d: %w", c.peer.Index, err)
		}
	}
	return nil
}

// hear hands on the peer's frames until the stream ends.
func (c *conversation) hear(ctx context.Context) error {
	for {
		b, err := c.stream.ReadFrame(wire.FrameMax)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		c.quiet((*Silence).Heard)
		select {
		case c.frames <- b:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// watch nudges a peer that owes an answer and ends the stream of one that stays
// silent.
func (c *conversation) watch(ctx context.Context) error {
	tick := time.NewTicker(nudgeAfter)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			var silent time.Duration
			c.quiet(func(s *Silence, now time.Time) { silent = s.For(now) })
			if silent > SilenceMax {
				c.stream.Close()
				return errSilent
			}
			if silent >= nudgeAfter {
				c.node.link.Nudge(c.peer.Index)
			}
		}
	}
}

// quiet looks at the peer's silence, or notes what ends it.
func (c *conversation) quiet(do func(s *Silence, now time.Time)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	do(&c.silence, time.Now())
}

// begin returns this node's side of a conversation, and who looks on.
func (n *node) begin(ctx context.Context, peer policy.Device, first bool) (*session.Session, *witness) {
	side, log := n.side(peer, first), n.witness(n.sessionLog(ctx, peer), peer)
	side.Forks, side.Grounds = log, n.store.Grounds(peer.Index).Known
	return session.New(side, log), log
}

// side describes this conversation's ends by their certificates.
func (n *node) side(peer policy.Device, first bool) session.Side {
	me := n.id.Device
	side := session.Side{
		County: n.id.County, Device: me.Index, Epoch: n.store.Epoch(), Peer: peer.Index, First: first,
		Mine:   me.MayHold,
		Theirs: func(s crdt.Space) bool { return me.MayHold(s) && peer.MayHold(s) },
		Proves: wire.AtBox, Checkpoints: n.store,
	}
	side.Budget = n.meter.budget(n.config.DailyKB<<10, time.Now())
	if peer.Role == policy.Hub {
		side.Theirs, side.Proves = peer.MayHold, wire.AtCounty
	}
	side.Returns = (me.Role == policy.Hub) != (peer.Role == policy.Hub)
	return side
}
