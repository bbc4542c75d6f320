// Package link carries streams and datagrams between the machines of one county over QUIC on one UDP port.
package link

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
)

// Options are what a link needs of the node that opens it. All fields but Socket, Switch and Log
// are required.
type Options struct {
	// Certificate is this device's own. It must allow both client and server authentication and
	// carry the DNS name that ServerName gives for the device.
	Certificate tls.Certificate
	// Roots holds the county's root and nothing else: whoever it vouches for is let in.
	Roots *x509.CertPool
	// Device reads the device's index out of a certificate that was verified against Roots. An
	// error refuses the connection. It is called by many goroutines at once.
	Device func(*x509.Certificate) (uint32, error)
	// ServerName returns the DNS name in a device's certificate.
	ServerName func(device uint32) string
	// Secret is random and kept on disk: with it, peers of a restarted node notice at once that
	// their connections are gone, and come back.
	Secret [32]byte
	// Socket carries the packets, and Close closes it; its addresses are of type *net.UDPAddr. With
	// nil, Listen binds a UDP port.
	Socket net.PacketConn
	// Switch cuts the link as a pulled cable would; nil but in demonstrations.
	Switch *Switch
	// Log receives connections made and lost; nil is silence.
	Log *slog.Logger
}

// Link is one node's end of all its connections. Its methods may be called by many goroutines.
type Link struct {
	options   Options
	keys      keys
	socket    net.PacketConn
	transport *quic.Transport
	listener  *quic.Listener
	gate      gate
	inboxes   map[Protocol]inbox // never written after Listen

	ctx     context.Context // ends, with errClosed, when Close is called
	cancel  context.CancelCauseFunc
	running sync.WaitGroup // every goroutine that the link has started

	mu     sync.Mutex
	peers  map[uint32]*peer // guarded by mu; grows only by Learn and by the county's own devices
	posts  map[uint32]*post // guarded by mu; by the name on the packets for them
	closed bool             // guarded by mu; once true, running grows no more
}

var errClosed = fmt.Errorf("the link is closed: %w", net.ErrClosed)

// Listen binds the UDP address, such as "127.0.0.1:0", unless it is handed a socket, and starts to
// accept connections.
func Listen(addr string, o Options) (*Link, error) {
	if o.Device == nil || o.ServerName == nil || o.Roots == nil || len(o.Certificate.Certificate) == 0 {
		return nil, errors.New("link needs a certificate, the county's root, Device and ServerName")
	}
	if o.Secret == [32]byte{} {
		return nil, errors.New("link needs a secret: anybody could end connections that are guarded by zeros")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	socket, err := bind(addr, o)
	if err != nil {
		return nil, fmt.Errorf("bind UDP port (is another node running?): %w", err)
	}
	l := &Link{
		options: o,
		keys:    newKeys(o),
		socket:  socket,
		inboxes: newInboxes(),
		peers:   make(map[uint32]*peer),
		posts:   make(map[uint32]*post),
	}
	l.ctx, l.cancel = context.WithCancelCause(context.Background())
	if err := l.listen(); err != nil {
		return nil, errors.Join(err, socket.Close())
	}
	l.running.Go(l.accept)
	l.running.Go(l.watch)
	l.running.Go(l.takePackets)
	return l, nil
}

// start starts a goroutine, or reports false when the link is closed.
func (l *Link) start(f func()) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.running.Go(f)
	}
	return !l.closed
}

// takePackets hands sealed packets to the posts whose names they bear. Nothing is kept for a name that is unknown.
func (l *Link) takePackets() {
	buffer := make([]byte, packetMax+1)
	for {
		n, from, err := l.transport.ReadNonQUICPacket(l.ctx, buffer)
		if err != nil {
			return
		}
		name, ok := addressee(buffer[:n])
		l.mu.Lock()
		post := l.posts[name]
		l.mu.Unlock()
		if !ok || post == nil {
			continue
		}
		if err := post.take(buffer[:n], from); err != nil {
			l.options.Log.Debug("sealed packet passed over", "cause", err)
		}
	}
}

func bind(addr string, o Options) (net.PacketConn, error) {
	socket := o.Socket
	if socket == nil {
		udpAddr, err := net.ResolveUDPAddr("udp", addr)
		if err != nil {
			return nil, err
		}
		udp, err := net.ListenUDP("udp", udpAddr)
		if err != nil {
			return nil, err
		}
		socket = patientSocket{udp, newOvertures()}
	} else {
		socket = sparingSocket{plainSocket{socket}, newOvertures()}
	}
	if o.Switch == nil {
		return socket, nil
	}
	return newSwitchedSocket(socket, o.Switch), nil
}

func (l *Link) listen() error {
	l.transport = &quic.Transport{
		Conn:                l.socket,
		StatelessResetKey:   &l.keys.reset,
		TokenGeneratorKey:   &l.keys.token,
		VerifySourceAddress: l.gate.crowded,
		ConnContext:         l.gate.enter,
	}
	listener, err := l.transport.Listen(l.keys.accepting, acceptConfig())
	if err != nil {
		return fmt.Errorf("listen for QUIC: %w", err)
	}
	l.listener = listener
	return nil
}

// Addr returns the address that the link is bound to.
func (l *Link) Addr() *net.UDPAddr { return l.socket.LocalAddr().(*net.UDPAddr) }

// Close ends every connection, tells the peers, and returns when no goroutine of the link is
// left. Calls that wait in Open, Accept or Receive return an error that is net.ErrClosed.
func (l *Link) Close() error {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.cancel(errClosed)
	// Each connection's goroutine sends its farewell; only then may the socket go.
	l.running.Wait()
	err := errors.Join(l.listener.Close(), l.transport.Close())
	if socketErr := l.socket.Close(); !errors.Is(socketErr, net.ErrClosed) {
		err = errors.Join(err, socketErr)
	}
	return err
}

const (
	handshakeTimeout = 20 * time.Second // at 40 % loss, 5 s fails one handshake in twenty
	keepAlive        = 10 * time.Second // of silence while in use, looked at every 5 s: less than the 30 s after which home routers forget UDP
	sleepMax         = time.Hour        // how long a connection that nobody uses is remembered
)

// baseConfig holds what both ends agree on. The receive windows start small, because QUIC's first
// flight would otherwise send more than a weak link can carry before the first acknowledgement,
// and send it again: 60 KB cost 117 KB on a 64 kbit/s link with the usual windows, 71 KB with
// these. They grow where the link is good. The packet size stays at the least that QUIC allows:
// probing for a larger one doubles what a new connection costs, from 9 KB to 18 KB, and misjudges
// lossy links.
func baseConfig() *quic.Config {
	return &quic.Config{
		HandshakeIdleTimeout:           handshakeTimeout,
		MaxIdleTimeout:                 sleepMax,
		InitialStreamReceiveWindow:     16 << 10,
		MaxStreamReceiveWindow:         1 << 20,
		InitialConnectionReceiveWindow: 24 << 10,
		MaxConnectionReceiveWindow:     2 << 20,
		InitialPacketSize:              1200,
		DisablePathMTUDiscovery:        true,
		EnableDatagrams:                true,
		MaxIncomingStreams:             100,
	}
}
