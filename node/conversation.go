package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/sync/errgroup"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/sync/link"
	"wangge/sync/session"
	"wangge/sync/wire"
)

const (
	// helloTimeout bounds how long a peer may keep a conversation without a word
	// after it was opened: two round trips of the worst link, with losses.
	helloTimeout = 20 * time.Second
	// conversationsMax bounds the conversations that others may hold with this
	// node at one time.
	conversationsMax = 512
)

// errQuiet ends a conversation in which a peer never spoke.
var errQuiet = errors.New("the peer opened a conversation and said nothing")

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
	peer := n.device(s.Peer())
	talk := session.New(n.side(peer, first), n.sessionLog(ctx))
	grown := n.grown.subscribe()
	defer n.grown.unsubscribe(grown)

	frames := make(chan []byte, 64) // more than the windows of both sides hold, so that both may write at once
	g.Go(func() error {
		defer close(frames)
		return n.hear(ctx, s, frames)
	})
	if err := say(s, talk.Start()); err != nil {
		return err
	}
	quiet := time.NewTimer(helloTimeout)
	defer quiet.Stop()
	for {
		var out []wire.Message
		var err error
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-quiet.C:
			return errQuiet
		case b, ok := <-frames:
			if !ok {
				return g.Wait()
			}
			quiet.Stop()
			out, err = step(talk, b)
			n.hearHub(peer)
		case <-grown:
			out, err = talk.Wake()
		}
		if err == nil {
			err = say(s, out)
		}
		if err != nil {
			return err
		}
		if brief && talk.Settled() {
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

// hear hands on the peer's frames until the stream ends.
func (n *node) hear(ctx context.Context, s *link.Stream, frames chan<- []byte) error {
	for {
		b, err := s.ReadFrame(wire.FrameMax)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
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
