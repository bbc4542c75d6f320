package link

import (
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
)

// Stream is a two-way, ordered flow of bytes with a peer whose certificate was verified. It is a
// net.Conn. One goroutine may read while others write; a frame is written whole.
type Stream struct {
	stream     *quic.Stream
	connection *connection
	disown     func()     // says that the stream keeps its connection awake no more
	writing    sync.Mutex // held during a write
}

var _ net.Conn = (*Stream)(nil)

// newStream counts a stream until it is closed: a connection with an open one is kept alive.
func (l *Link) newStream(s *quic.Stream, c *connection) *Stream {
	l.count(c, 1)
	return &Stream{stream: s, connection: c, disown: sync.OnceFunc(func() { l.count(c, -1) })}
}

func (l *Link) count(c *connection, streams int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c.streams += streams
}

// Peer returns the device at the other end.
func (s *Stream) Peer() uint32 { return s.connection.device }

// Read reads what the peer has written. The error is io.EOF once the peer has closed its end.
func (s *Stream) Read(b []byte) (int, error) { return s.stream.Read(b) }

// Write writes all of b, waiting while the peer's window is full.
func (s *Stream) Write(b []byte) (int, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.stream.Write(b)
}

// ReadFrame returns the next frame. A frame of more than max bytes is refused before memory is
// spent on it, and ends the stream in both directions. The error is io.EOF when the peer has closed
// its end after a whole frame.
func (s *Stream) ReadFrame(max int) ([]byte, error) {
	frame, err := readFrame(s.stream, max)
	if err == errFrameTooLarge {
		cut(s.stream, codeFrame)
		return nil, fmt.Errorf("%w of %d bytes: stream with device %d ended", err, max, s.Peer())
	}
	return frame, err
}

// WriteFrame writes b with its length before it.
func (s *Stream) WriteFrame(b []byte) error {
	_, err := s.Write(appendFrame(make([]byte, 0, frameHeaderMax+len(b)), b))
	return err
}

// Close ends both directions. What was written is still delivered; what the peer goes on to write
// is not read. A Write that is waiting returns an error, and the peer then sees the stream cut off.
func (s *Stream) Close() error {
	s.disown()
	s.stream.CancelRead(codeNone)
	if !s.writing.TryLock() {
		s.stream.CancelWrite(codeNone)
		return nil
	}
	defer s.writing.Unlock()
	// It fails only if the peer has stopped reading, which is how most streams end.
	_ = s.stream.Close()
	return nil
}

// LocalAddr returns the link's own address.
func (s *Stream) LocalAddr() net.Addr { return s.connection.quic.LocalAddr() }

// RemoteAddr returns where the peer's packets come from.
func (s *Stream) RemoteAddr() net.Addr { return s.connection.quic.RemoteAddr() }

// SetDeadline limits reads and writes, including those that wait already.
func (s *Stream) SetDeadline(t time.Time) error { return s.stream.SetDeadline(t) }

// SetReadDeadline limits reads.
func (s *Stream) SetReadDeadline(t time.Time) error { return s.stream.SetReadDeadline(t) }

// SetWriteDeadline limits writes.
func (s *Stream) SetWriteDeadline(t time.Time) error { return s.stream.SetWriteDeadline(t) }
