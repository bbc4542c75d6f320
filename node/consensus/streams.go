package consensus

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/hashicorp/raft"
)

var _ raft.StreamLayer = (*streams)(nil)

// longAgo is a deadline that ends what is under way on a connection.
var longAgo = time.Unix(1, 0)

var errClosing = errors.New("this replica is closing")

// streams carries raft's conversations over the network, and knows which are
// open: raft itself forgets the accepted ones.
type streams struct {
	Options
	ctx    context.Context
	cancel context.CancelCauseFunc

	mu     sync.Mutex
	closed bool
	open   map[*stream]bool
	users  sync.WaitGroup // one for each open stream
}

func newStreams(o Options) *streams {
	ctx, cancel := context.WithCancelCause(context.Background())
	return &streams{Options: o, ctx: ctx, cancel: cancel, open: map[*stream]bool{}}
}

// Dial opens a conversation with the replica whose device is the address.
func (s *streams) Dial(address raft.ServerAddress, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(s.ctx, timeout)
	defer cancel()
	conn, err := s.Network.Open(ctx, device(string(address)), Raft)
	if err != nil {
		return nil, err
	}
	return s.track(conn)
}

// Accept returns the next conversation of a device that may speak raft.
func (s *streams) Accept() (net.Conn, error) {
	for {
		conn, from, err := s.Network.Accept(s.ctx, Raft)
		if err != nil {
			return nil, err
		}
		if s.May(from, Raft) {
			return s.track(conn)
		}
		s.Log.Warn("refused a device that may not take part in the county's order", "device", from, "purpose", Raft.String())
		conn.Close()
	}
}

// Close ends the dialling, the accepting, and all that is under way on the open
// conversations, which their users then close.
func (s *streams) Close() error {
	s.cancel(errClosing)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for st := range s.open {
		st.Conn.SetDeadline(longAgo)
	}
	return nil
}

// wait returns when all conversations are closed.
func (s *streams) wait() { s.users.Wait() }

// Addr returns this replica's address, which is its device.
func (s *streams) Addr() net.Addr { return address(serverID(s.Device)) }

func (s *streams) track(conn net.Conn) (net.Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		conn.Close()
		return nil, errClosing
	}
	st := &stream{conn, s}
	s.open[st] = true
	s.users.Add(1)
	return st, nil
}

// stream is one conversation.
type stream struct {
	net.Conn
	home *streams
}

// SetDeadline does not take back the deadline by which Close ended the stream.
// Raft sets no other deadline when it does not pipeline.
func (st *stream) SetDeadline(t time.Time) error {
	st.home.mu.Lock()
	defer st.home.mu.Unlock()
	if st.home.closed {
		return errClosing
	}
	return st.Conn.SetDeadline(t)
}

func (st *stream) Close() error {
	err := st.Conn.Close()
	st.home.mu.Lock()
	defer st.home.mu.Unlock()
	if st.home.open[st] {
		delete(st.home.open, st)
		st.home.users.Done()
	}
	return err
}

type address string

func (a address) Network() string { return "device" }
func (a address) String() string  { return string(a) }
