package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/sync/link"
	"wangge/sync/session"
	"wangge/sync/wire"
)

const (
	// nudgeAfter is how long an answer may be overdue before the peer is nudged:
	// it may have been killed and started again without our connection noticing.
	nudgeAfter = 4 * time.Second
	// silenceMax ends a conversation in which an answer is overdue for so long:
	// more than a commit takes, or the worst link.
	silenceMax = 45 * time.Second
	// conversationsMax bounds the conversations that others may hold with this
	// node at one time.
	conversationsMax = 512
)

// errSilent ends a conversation with a peer that owes an answer.
var errSilent = errors.New("the peer owes an answer and is silent")

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
			if err := n.converse(ctx, s, false, false); err != nil && ctx.Err() == nil {
				n.log.Info("a conversation ended", "peer", s.Peer(), "reason", err)
			}
			return nil
		})
	}
}

// converse holds one conversation: until both sides are settled if brief, else
// until the peer or ctx ends it. It returns nil when it ended in order.
func (n *node) converse(ctx context.Context, s *link.Stream, first, brief bool) error {
	var g errgroup.Group
	defer g.Wait()
	defer s.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { s.Close() })() // it may be waiting to be let speak
	peer := n.device(s.Peer())
	talk := session.New(n.side(peer, first), n.sessionLog(ctx))
	grown := n.grown.subscribe()
	defer n.grown.unsubscribe(grown)

	w := watch{}
	w.heard.Store(time.Now().UnixNano())
	w.owed.Store(true)
	frames := make(chan []byte, 64) // more than the windows of both sides hold, so that both may write at once
	g.Go(func() error {
		defer close(frames)
		return n.hear(ctx, s, frames, &w)
	})
	g.Go(func() error { return n.watch(ctx, s, &w) })
	if err := say(s, talk.Start()); err != nil {
		return err
	}
	for {
		var out []wire.Message
		var err error
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case b, ok := <-frames:
			if !ok {
				cancel()
				return g.Wait()
			}
			out, err = step(talk, b)
			n.hearHub(peer)
		case <-grown:
			out, err = talk.Wake()
		}
		if err == nil {
			w.owed.Store(talk.Awaits())
			err = say(s, out)
		}
		if err != nil {
			return err
		}
		if brief && talk.Quiet() {
			return nil
		}
	}
}

// side describes this conversation's ends by their certificates.
func (n *node) side(peer policy.Device, first bool) session.Side {
	me := n.id.Device
	side := session.Side{
		County: n.id.County, Device: me.Index, Epoch: n.store.Epoch(), Peer: peer.Index, First: first,
		Mine:   me.MayHold,
		Theirs: func(s crdt.Space) bool { return me.MayHold(s) && peer.MayHold(s) },
		Proves: wire.AtBox,
	}
	if peer.Role == policy.Hub {
		side.Theirs, side.Proves = peer.MayHold, wire.AtCounty
	}
	return side
}

// watch is what a conversation's watchman knows.
type watch struct {
	heard atomic.Int64 // when the peer last spoke, in nanoseconds since 1970
	owed  atomic.Bool  // the peer owes a word
}

// watch keeps an eye on a peer that owes an answer, for the conversation itself
// may be waiting to be let speak. It ends the stream of one that stays silent.
func (n *node) watch(ctx context.Context, s *link.Stream, w *watch) error {
	tick := time.NewTicker(nudgeAfter)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			silent := now.Sub(time.Unix(0, w.heard.Load()))
			if !w.owed.Load() || silent < nudgeAfter {
				continue
			}
			if silent > silenceMax {
				s.Close()
				return errSilent
			}
			n.link.Nudge(s.Peer())
		}
	}
}

// hear hands on the peer's frames until the stream ends.
func (n *node) hear(ctx context.Context, s *link.Stream, frames chan<- []byte, w *watch) error {
	for {
		b, err := s.ReadFrame(wire.FrameMax)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		w.heard.Store(time.Now().UnixNano())
		select {
		case frames <- b:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func step(talk *session.Session, frame []byte) ([]wire.Message, error) {
	m, err := wire.Decode(frame)
	if err != nil {
		return nil, err
	}
	return talk.Step(m)
}

func say(s *link.Stream, out []wire.Message) error {
	for _, m := range out {
		if err := s.WriteFrame(wire.Encode(m)); err != nil {
			return fmt.Errorf("speaking to device %d: %w", s.Peer(), err)
		}
	}
	return nil
}

func (n *node) hearHub(peer policy.Device) {
	if peer.Role != policy.Hub {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.heardHub = time.Now()
}
