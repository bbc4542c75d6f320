package link

import (
	"context"
	"io"
	"time"

	"github.com/quic-go/quic-go"
)

// helloVersion is the one byte that an acceptor sends on a stream of its own, once it has verified
// the dialler. Before that it opens nothing.
const helloVersion = 1

// Why a connection was ended; the peer reads it.
const (
	codeClosed  quic.ApplicationErrorCode = 0 // the link closes
	codeSurplus quic.ApplicationErrorCode = 1 // the device has newer connections
	codeRefused quic.ApplicationErrorCode = 2 // the device is not welcome
	codeNoHello quic.ApplicationErrorCode = 3 // the acceptor said no hello that is understood
	codeSilent  quic.ApplicationErrorCode = 4 // the device owes an answer for long
)

// Why a stream was cut off; the peer reads it.
const (
	codeNone     quic.StreamErrorCode = 0 // whoever used the stream is done with it
	codeProtocol quic.StreamErrorCode = 1 // its first byte names no protocol
	codeBusy     quic.StreamErrorCode = 2 // too many streams wait to be accepted
	codeFrame    quic.StreamErrorCode = 3 // a frame was larger than its reader allows
)

// acceptConfig allows a dialler no streams but those that carry a protocol.
func acceptConfig() *quic.Config {
	config := baseConfig()
	config.MaxIncomingUniStreams = -1
	return config
}

// accept takes connections as fast as they come, since QUIC refuses those that would have to wait.
func (l *Link) accept() {
	for {
		conn, err := l.listener.Accept(l.ctx)
		if err != nil {
			return
		}
		l.gate.leave(conn.Context())
		l.running.Go(func() { l.welcome(conn) })
	}
}

// welcome says hello to a device whose certificate was verified in the handshake.
func (l *Link) welcome(conn *quic.Conn) {
	device, err := l.keys.device(conn.ConnectionState().TLS)
	if err != nil { // revoked since the handshake
		conn.CloseWithError(codeRefused, "certificate refused")
		return
	}
	hello, err := conn.OpenUniStream()
	if err == nil {
		_, err = hello.Write([]byte{helloVersion})
	}
	if err != nil {
		conn.CloseWithError(codeNoHello, "cannot say hello")
		return
	}
	hello.Close()
	c, err := l.newConnection(conn, device, false)
	if err != nil {
		conn.CloseWithError(codeNoHello, "no keys")
		return
	}
	l.serve(c)
}

// serve runs a connection to its end.
func (l *Link) serve(c *connection) {
	if !l.add(c) {
		c.quic.CloseWithError(codeClosed, "link closed")
		return
	}
	l.tend(c)
}

// tend runs a connection that is listed to its end.
func (l *Link) tend(c *connection) {
	// Asked once more: a Drop that came before the connection was listed did not find it.
	if _, err := l.keys.device(c.quic.ConnectionState().TLS); err != nil {
		l.remove(c)
		c.quic.CloseWithError(codeRefused, "certificate refused")
		return
	}
	log := l.options.Log.With("device", c.device, "address", c.quic.RemoteAddr().String())
	log.Info("connected")
	l.running.Go(func() { l.takeDatagrams(c) })
	for {
		s, err := c.quic.AcceptStream(l.ctx)
		if err != nil {
			break
		}
		// Its own goroutine: a stream whose first byte is lost must not hold up the next one. QUIC
		// bounds them, since a peer may have 100 streams.
		stream := l.newStream(s, c)
		l.running.Go(func() { l.sort(stream) })
	}
	l.remove(c)
	c.quic.CloseWithError(codeClosed, "link closed")
	log.Info("disconnected", "cause", context.Cause(c.quic.Context()))
}

// sort puts a stream into the inbox of the protocol that its first byte names.
func (l *Link) sort(stream *Stream) {
	var first [1]byte
	s := stream.stream
	s.SetReadDeadline(time.Now().Add(handshakeTimeout))
	if _, err := io.ReadFull(s, first[:]); err != nil {
		stream.disown()
		cut(s, codeProtocol)
		return
	}
	s.SetReadDeadline(time.Time{})
	box, known := l.inboxes[Protocol(first[0])]
	if !known {
		stream.disown()
		cut(s, codeProtocol)
		return
	}
	stream.rank(Protocol(first[0]))
	select {
	case box.streams <- stream:
	default:
		stream.disown()
		cut(s, codeBusy)
	}
}

// cut ends both directions of a stream at once.
func cut(s *quic.Stream, code quic.StreamErrorCode) {
	s.CancelRead(code)
	s.CancelWrite(code)
}
