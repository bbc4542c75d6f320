package link

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"

	"github.com/quic-go/quic-go"
)

// ErrRefused says that the peer was reached and will not speak with this machine: its certificate
// is not of the peer's county, has run out, or was revoked. Trying again does not help.
var ErrRefused = errors.New("the peer refuses this machine's certificate")

// errStale says that a fresh dial is worth a try at once.
var errStale = errors.New("the connection is stale")

// ErrUnknown says that nobody has said where the device is, and it has not called. Of a device that
// is only asked for nothing is kept: anybody may have made it up.
var ErrUnknown = errors.New("nobody knows its address yet")

// attempt is a dial that is under way; all who want the device wait for the same one. It may be
// settled by a connection that the device has dialled meanwhile.
type attempt struct {
	cancel     context.CancelCauseFunc
	done       chan struct{} // closed when settled
	connection *connection   // read only after done
	err        error         // read only after done
}

// settle ends the waiting. Link.mu is held, and the peer then forgets the attempt.
func (a *attempt) settle(c *connection, err error) {
	a.connection, a.err = c, err
	close(a.done)
}

// Open opens a stream to a device, on the live connection if there is one, and dials at once if
// there is none. With a live connection it makes no round trip: that the peer has gone since then
// shows at the first read, and so does ErrRefused. An error is the context's cause, or says why the
// dial failed.
func (l *Link) Open(ctx context.Context, device uint32, p Protocol) (*Stream, error) {
	l.mustBeKnown(p)
	s, err := l.open(ctx, device, p)
	if errors.Is(err, errStale) {
		s, err = l.open(ctx, device, p)
	}
	if err != nil {
		return nil, fmt.Errorf("open stream to device %d: %w", device, err)
	}
	return s, nil
}

func (l *Link) open(ctx context.Context, device uint32, p Protocol) (*Stream, error) {
	c, err := l.reach(ctx, device)
	if err != nil {
		return nil, err
	}
	s, err := c.quic.OpenStreamSync(ctx)
	if err == nil {
		stream := l.newStream(s, c)
		stream.rank(p)
		if _, err = s.Write([]byte{byte(p)}); err == nil {
			return stream, nil
		}
		stream.disown()
	}
	if ctx.Err() == nil {
		l.remove(c)
		if told := refusal(c.quic.RemoteAddr().String(), err); errors.Is(told, ErrRefused) {
			return nil, told
		}
		return nil, fmt.Errorf("%w: %w", errStale, err)
	}
	return nil, context.Cause(ctx)
}

// reach returns a live connection with the device, by a dial if need be.
func (l *Link) reach(ctx context.Context, device uint32) (*connection, error) {
	l.mu.Lock()
	p, now := l.peers[device], time.Now()
	if l.closed || p == nil {
		defer l.mu.Unlock()
		if l.closed {
			return nil, errClosed
		}
		return nil, ErrUnknown
	}
	if c := p.live(now); c != nil {
		c.use(now)
		l.mu.Unlock()
		return c, nil
	}
	a := p.attempt
	if a == nil {
		a = l.startDial(p)
	}
	l.mu.Unlock()
	select {
	case <-a.done:
		return a.connection, a.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// startDial begins an attempt. It outlives the caller's context, since others may join it and its
// result serves the next caller too. Link.mu is held and the link is open.
func (l *Link) startDial(p *peer) *attempt {
	ctx, cancel := context.WithCancelCause(l.ctx)
	a := &attempt{cancel: cancel, done: make(chan struct{})}
	p.attempt = a
	addr := p.address()
	l.running.Go(func() {
		defer cancel(nil)
		c, err := l.dial(ctx, p.device, addr)
		if err != nil {
			l.dialFailed(p, a, err)
			return
		}
		l.running.Go(func() { l.expectHello(p, c) })
		l.serve(c)
	})
	return a
}

func (l *Link) dialFailed(p *peer, a *attempt, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p.attempt != a {
		return // the device called meanwhile
	}
	p.attempt = nil
	if !errors.Is(err, errStale) {
		p.failed(time.Now())
	}
	a.settle(nil, err)
}

// expectHello ends a connection on which the acceptor does not say hello: TLS lets a dialler believe that it is
// connected before the acceptor has looked at its certificate. Nobody waits for it, which saves a new connection
// the second of its three round trips: what is sent meanwhile goes to a machine that has shown its certificate, and
// one that answers nothing at all is found out sooner by its silence.
func (l *Link) expectHello(p *peer, c *connection) {
	ctx, cancel := context.WithTimeoutCause(l.ctx, helloMax, errors.New("no hello in four minutes"))
	defer cancel()
	err := awaitHello(ctx, c.quic)
	if l.ctx.Err() != nil {
		return
	}
	if err != nil {
		c.quic.CloseWithError(codeNoHello, "no hello")
		l.remove(c)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		p.failed(time.Now())
	} else {
		p.failures, p.retry = 0, time.Time{}
	}
}

// Try calls a device where somebody says that it is, whoever that may be. The device must show its certificate there and
// take this machine's; until then nothing of the link is changed, neither where it looks for the device nor whom it knows of.
func (l *Link) Try(ctx context.Context, device uint32, at netip.AddrPort) error {
	c, err := l.dial(ctx, device, at.String())
	if err != nil {
		return err
	}
	if err := awaitHello(ctx, c.quic); err != nil {
		c.quic.CloseWithError(codeNoHello, "no hello")
		return refusal(at.String(), err)
	}
	if !l.add(c) || !l.start(func() { l.tend(c) }) { // when Try returns, the device can be spoken with
		c.quic.CloseWithError(codeClosed, "link closed")
		return errClosed
	}
	return nil
}

// dial makes a connection.
func (l *Link) dial(ctx context.Context, device uint32, addr string) (*connection, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, handshakeTimeout, errors.New("no answer in 20 s"))
	defer cancel()
	udp, err := resolve(ctx, addr)
	if err != nil {
		return nil, err
	}
	config := baseConfig()
	config.MaxIncomingUniStreams = 1 // the hello
	// No TokenStore: with the token QUIC would remember the round trip, and wait a second instead of a fifth
	// before it sends a lost first packet again.
	conn, err := l.transport.Dial(ctx, udp, l.keys.dialling(device), config)
	if err != nil {
		return nil, refusal(addr, err)
	}
	return l.newConnection(conn, device, true)
}

func (l *Link) newConnection(conn *quic.Conn, device uint32, dialled bool) (*connection, error) {
	l.mu.Lock()
	known := l.peer(device).pace
	l.mu.Unlock()
	post, err := newPost(conn, dialled, l.start, func(b []byte, to net.Addr) error {
		_, err := l.transport.WriteTo(b, to)
		return err
	}, known)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	return &connection{quic: conn, post: post, device: device, dialled: dialled, since: now, heard: now}, nil
}

func awaitHello(ctx context.Context, conn *quic.Conn) error {
	s, err := conn.AcceptUniStream(ctx)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { s.CancelRead(codeNone) })()
	var hello [1]byte
	if _, err := io.ReadFull(s, hello[:]); err != nil {
		return fmt.Errorf("read hello: %w", err)
	}
	if hello[0] != helloVersion {
		return fmt.Errorf("the peer says hello in version %d: update this node", hello[0])
	}
	return nil
}

// tlsAlerts is the first of the 256 QUIC error codes that carry a TLS alert.
const tlsAlerts quic.TransportErrorCode = 0x100

// refusal makes ErrRefused of what the acceptor's verdict looks like to a dialler.
func refusal(addr string, err error) error {
	alert, isAlert := errors.AsType[*quic.TransportError](err)
	farewell, isFarewell := errors.AsType[*quic.ApplicationError](err)
	if isAlert && alert.Remote && alert.ErrorCode>>8 == tlsAlerts>>8 ||
		isFarewell && farewell.Remote && farewell.ErrorCode == codeRefused {
		return fmt.Errorf("%w (%s: %v)", ErrRefused, addr, err)
	}
	return fmt.Errorf("dial %s: %w", addr, err)
}

// resolve looks the host up again at every dial: a modem or a dynamic name changes while a node runs.
func resolve(ctx context.Context, addr string) (*net.UDPAddr, error) {
	if addr == "" {
		return nil, ErrUnknown
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("address is not host:port: %w", err)
	}
	number, err := net.DefaultResolver.LookupPort(ctx, "udp", port)
	if err != nil {
		return nil, fmt.Errorf("port of %s: %w", addr, err)
	}
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, fmt.Errorf("look up %s: %w", host, err)
	}
	return net.UDPAddrFromAddrPort(netip.AddrPortFrom(found[0].Unmap(), uint16(number))), nil
}
