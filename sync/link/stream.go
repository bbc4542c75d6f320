package link

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
)

// Stream is a two-way, ordered flow of bytes with a peer whose certificate was verified. It is a
// net.Conn. One goroutine may read while others write; a frame is written whole. A stream carries
// frames or plain bytes, never both.
type Stream struct {
	stream     *quic.Stream
	connection *connection
	disown     func()   // says that the stream keeps its connection awake no more
	writing    turn     // held during a write
	written    uint64   // guarded by writing; frames so far
	late       bool     // whether it goes after others
	owed       []letter // guarded by streams.mu; that were given up and are to be written again
	order      order
	limits     limits
}

// turn is a lock, made of a channel of capacity 1: who waits for it waits as long as QUIC does, and
// virtual time passes over that.
type turn chan struct{}

func (t turn) take() { t <- struct{}{} }
func (t turn) give() { <-t }
func (t turn) try() bool {
	select {
	case t <- struct{}{}:
		return true
	default:
		return false
	}
}

// limits are the deadlines of a stream, for what waits elsewhere than in QUIC.
type limits struct {
	mu          sync.Mutex
	read, write time.Time // guarded by mu
}

var _ net.Conn = (*Stream)(nil)

// newStream counts a stream until it is closed: a connection with an open one is kept alive.
func (l *Link) newStream(s *quic.Stream, c *connection) *Stream {
	l.count(c, 1)
	stream := &Stream{stream: s, connection: c, writing: make(turn, 1), order: newOrder()}
	stream.disown = sync.OnceFunc(func() {
		l.count(c, -1)
		c.post.streams.remove(stream.id())
	})
	c.post.streams.add(stream.id(), stream)
	c.post.redeliver()
	return stream
}

func (l *Link) count(c *connection, streams int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c.streams += streams
}

func (s *Stream) id() uint64 { return uint64(s.stream.StreamID()) }

// Peer returns the device at the other end.
func (s *Stream) Peer() uint32 { return s.connection.device }

// Read reads what the peer has written. The error is io.EOF once the peer has closed its end.
func (s *Stream) Read(b []byte) (int, error) {
	n, err := s.stream.Read(b)
	return n, s.explain(err)
}

// explain makes ErrRefused of an error that the acceptor's verdict has caused.
func (s *Stream) explain(err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	told := refusal(s.RemoteAddr().String(), errors.Join(err, context.Cause(s.connection.quic.Context())))
	if errors.Is(told, ErrRefused) {
		return told
	}
	return err
}

// Write writes all of b, waiting while the peer's window is full.
func (s *Stream) Write(b []byte) (int, error) {
	s.writing.take()
	defer s.writing.give()
	n, err := s.stream.Write(b)
	return n, s.explain(err)
}

// ReadFrame returns the next frame. A frame of more than max bytes is refused before memory is
// spent on it, and ends the stream in both directions. The error is io.EOF when the peer has closed
// its end after a whole frame.
func (s *Stream) ReadFrame(max int) ([]byte, error) {
	for {
		frame, ok, read, err := s.order.take()
		if ok && len(frame) > max {
			err = errFrameTooLarge
		}
		if err == errFrameTooLarge {
			cut(s.stream, codeFrame)
			return nil, fmt.Errorf("%w of %d bytes: stream with device %d ended", err, max, s.Peer())
		}
		if ok {
			s.connection.post.redeliver() // there is room again
		}
		if ok || err != nil {
			return frame, s.explain(err)
		}
		if read && !s.connection.post.start(func() { s.order.came(readNumbered(s.stream, max)) }) {
			return nil, errClosed
		}
		s.limits.mu.Lock()
		deadline := s.limits.read
		s.limits.mu.Unlock()
		if read {
			deadline = time.Time{} // QUIC keeps it
		}
		if err := s.order.await(s.connection.quic.Context(), deadline); err != nil {
			return nil, s.explain(err)
		}
	}
}

// WriteFrame writes b with its length before it, or hands it to the post where that is quicker.
func (s *Stream) WriteFrame(b []byte) error {
	s.writing.take()
	defer s.writing.give()
	post, l := s.connection.post, letter{stream: s.id(), number: s.written, frame: b, late: s.late}
	s.limits.mu.Lock()
	deadline := s.limits.write
	s.limits.mu.Unlock()
	switch post.route(len(b)) {
	case byParcel:
		l.frame = bytes.Clone(b)
		s.written++
		return post.put(l, s.stream.Context(), deadline)
	case byBoth:
		l.frame, l.both = bytes.Clone(b), true
		if err := post.put(l, s.stream.Context(), deadline); err != nil {
			return err
		}
	case byStream:
		if err := post.empty(s.id(), s.stream.Context(), deadline); err != nil {
			return err
		}
	}
	s.written++
	return s.writeNumbered(l)
}

func (s *Stream) writeNumbered(l letter) error {
	_, err := s.stream.Write(appendNumbered(make([]byte, 0, 2*frameHeaderMax+len(l.frame)), l.number, l.frame))
	return err
}

// repeat writes frames again that went by parcel and have not arrived.
func (s *Stream) repeat() {
	s.writing.take()
	defer s.writing.give()
	s.rewrite(s.connection.post.streams.owed(s))
}

// rewrite is repeat while the stream is held.
func (s *Stream) rewrite(letters []letter) {
	for _, l := range letters {
		if s.writeNumbered(l) != nil {
			return // whoever uses the stream hears of it
		}
	}
}

// Close ends both directions. What was written is still delivered; what the peer goes on to write
// is not read. A Write that is waiting returns an error, and the peer then sees the stream cut off.
func (s *Stream) Close() error {
	left := s.connection.post.outstanding(s.id()) // those first: they may be given up just now
	left = append(left, s.connection.post.streams.owed(s)...)
	s.disown()
	s.stream.CancelRead(codeNone)
	if !s.writing.try() {
		s.stream.CancelWrite(codeNone)
		return nil
	}
	if len(left) > 0 { // only the stream itself can vouch for them now
		started := s.connection.post.start(func() {
			defer s.writing.give()
			s.rewrite(left)
			_ = s.stream.Close()
		})
		if !started {
			s.writing.give()
		}
		return nil
	}
	defer s.writing.give()
	// It fails only if the peer has stopped reading, which is how most streams end.
	_ = s.stream.Close()
	return nil
}

// LocalAddr returns the link's own address.
func (s *Stream) LocalAddr() net.Addr { return s.connection.quic.LocalAddr() }

// RemoteAddr returns where the peer's packets come from.
func (s *Stream) RemoteAddr() net.Addr { return s.connection.quic.RemoteAddr() }

// SetDeadline limits reads and writes, including those that wait already.
func (s *Stream) SetDeadline(t time.Time) error {
	return errors.Join(s.SetReadDeadline(t), s.SetWriteDeadline(t))
}

// SetReadDeadline limits reads.
func (s *Stream) SetReadDeadline(t time.Time) error {
	s.limits.mu.Lock()
	s.limits.read = t
	s.limits.mu.Unlock()
	s.order.stir()
	return s.stream.SetReadDeadline(t)
}

// SetWriteDeadline limits writes.
func (s *Stream) SetWriteDeadline(t time.Time) error {
	s.limits.mu.Lock()
	s.limits.write = t
	s.limits.mu.Unlock()
	return s.stream.SetWriteDeadline(t)
}
