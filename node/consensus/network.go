package consensus

import (
	"context"
	"net"
)

// Purpose says what a conversation between two replicas is for.
type Purpose uint8

// The purposes. Each is a protocol of its own on the wire.
const (
	Raft    Purpose = 1 // raft's own: votes, heartbeats, entries, snapshots
	Propose Purpose = 2 // one request to the leader and its answer
)

// String returns the purpose's name, as it appears in logs.
func (p Purpose) String() string {
	switch p {
	case Raft:
		return "raft"
	case Propose:
		return "propose"
	}
	return "unknown"
}

// Network carries the conversations of replicas. Each is a stream of bytes with
// deadlines, as cheap as a QUIC stream, and its far end is an authenticated
// device. The opener writes first: an acceptor may learn of a stream only then.
type Network interface {
	// Open starts a conversation with a device. It may be called from many
	// goroutines at once, and gives up when ctx ends.
	Open(ctx context.Context, device uint32, p Purpose) (net.Conn, error)

	// Accept returns the next conversation that another device has started. It
	// fails only when ctx ends or the network is closed. One goroutine calls
	// it for each purpose.
	Accept(ctx context.Context, p Purpose) (conn net.Conn, device uint32, err error)
}
