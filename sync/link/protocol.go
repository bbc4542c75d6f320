package link

import (
	"context"
	"fmt"
)

// Protocol says what a stream or a datagram is about; it is its first byte.
type Protocol byte

// The protocols that share a link. A number is never used again for another protocol.
const (
	Sync    Protocol = 1 // sessions that exchange batches
	Gossip  Protocol = 2 // who is near and alive
	Raft    Protocol = 3 // the hub's replicas among themselves
	Propose Protocol = 4 // proposals to the hub's leader
	Files   Protocol = 5 // photos and files in pieces; everything else goes first
)

// What waits in a protocol's inbox until somebody asks for it. Beyond that, streams are turned
// away and datagrams dropped, so that a peer cannot fill the memory of a busy node.
const (
	waitingStreamsMax   = 64
	waitingDatagramsMax = 256
)

type inbox struct {
	streams   chan *Stream
	datagrams chan Datagram
}

func newInboxes() map[Protocol]inbox {
	inboxes := make(map[Protocol]inbox)
	for _, p := range []Protocol{Sync, Gossip, Raft, Propose, Files} {
		inboxes[p] = inbox{
			streams:   make(chan *Stream, waitingStreamsMax),
			datagrams: make(chan Datagram, waitingDatagramsMax),
		}
	}
	return inboxes
}

// rank has a stream's bytes sent after those of others if its protocol can wait.
func (s *Stream) rank(p Protocol) {
	if s.late = p == Files; s.late {
		s.stream.SetPriority(urgencyLow, true)
	}
}

// mustBeKnown guards the local callers; a peer's unknown protocol is an input, not a mistake here.
func (l *Link) mustBeKnown(p Protocol) inbox {
	box, ok := l.inboxes[p]
	if !ok {
		panic(fmt.Sprintf("protocol %d is not one of the link's", p))
	}
	return box
}

// Accept returns the next stream that a peer has opened for the protocol.
func (l *Link) Accept(ctx context.Context, p Protocol) (*Stream, error) {
	select {
	case s := <-l.mustBeKnown(p).streams:
		return s, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-l.ctx.Done():
		return nil, errClosed
	}
}

// Receive returns the next datagram that a peer has sent for the protocol.
func (l *Link) Receive(ctx context.Context, p Protocol) (Datagram, error) {
	select {
	case d := <-l.mustBeKnown(p).datagrams:
		return d, nil
	case <-ctx.Done():
		return Datagram{}, context.Cause(ctx)
	case <-l.ctx.Done():
		return Datagram{}, errClosed
	}
}
