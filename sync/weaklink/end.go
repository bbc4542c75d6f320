package weaklink

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"
)

// inboxMax is how many packets wait until they are read; what comes then is lost, as in a full socket.
const inboxMax = 1024

// End is a machine's socket on a wire: a net.PacketConn with addresses of type *net.UDPAddr.
type End struct {
	wire    *Wire
	at      netip.AddrPort // guarded by wire.mu
	arrived chan arrival
	closed  chan struct{}

	mu        sync.Mutex
	unplugged bool          // guarded by mu
	shut      bool          // guarded by mu; closed is closed with it
	patience  chan struct{} // guarded by mu; closed at the read deadline
	deadline  *time.Timer   // guarded by mu; nil for none
}

var _ net.PacketConn = (*End)(nil)

// arrival is a packet and where it came from.
type arrival struct {
	payload []byte
	from    netip.AddrPort
}

func newEnd(w *Wire) *End {
	return &End{
		wire: w, arrived: make(chan arrival, inboxMax), closed: make(chan struct{}), patience: make(chan struct{}),
	}
}

// At returns the end's address.
func (e *End) At() netip.AddrPort {
	e.wire.mu.Lock()
	defer e.wire.mu.Unlock()
	return e.at
}

// LocalAddr returns the end's address as a *net.UDPAddr.
func (e *End) LocalAddr() net.Addr { return udp(e.At()) }

// Move gives the end another address, as when a router forgets it or a phone leaves the Wi-Fi: what is sent to the
// old one is lost from now on, and nobody is told.
func (e *End) Move(address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("move an end: %w", err)
	}
	return e.wire.place(e, plain(at))
}

// Unplug lets all vanish that the end sends and that is sent to it, until PlugIn.
func (e *End) Unplug() { e.setUnplugged(true) }

// PlugIn ends an Unplug.
func (e *End) PlugIn() { e.setUnplugged(false) }

func (e *End) setUnplugged(unplugged bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.unplugged = unplugged
}

// WriteTo sends a packet on its way. It never waits; that the packet is lost is no error.
func (e *End) WriteTo(b []byte, to net.Addr) (int, error) {
	address, ok := to.(*net.UDPAddr)
	if !ok {
		return 0, fmt.Errorf("%v is no UDP address", to)
	}
	e.mu.Lock()
	shut, unplugged := e.shut, e.unplugged
	e.mu.Unlock()
	if shut {
		return 0, net.ErrClosed
	}
	e.wire.Way(e.At(), address.AddrPort()).send(bytes.Clone(b), unplugged)
	return len(b), nil
}

// ReadFrom returns the next packet that arrives. What does not fit into b is cut off.
func (e *End) ReadFrom(b []byte) (int, net.Addr, error) {
	e.mu.Lock()
	patience := e.patience
	e.mu.Unlock()
	// Asked first, since select chooses by chance among what is ready.
	select {
	case <-e.closed:
		return 0, nil, net.ErrClosed
	case <-patience:
		return 0, nil, os.ErrDeadlineExceeded
	default:
	}
	select {
	case a := <-e.arrived:
		return copy(b, a.payload), udp(a.from), nil
	case <-e.closed:
		return 0, nil, net.ErrClosed
	case <-patience:
		return 0, nil, os.ErrDeadlineExceeded
	}
}

// take puts a packet into the inbox, unless it is full or the end does not listen.
func (e *End) take(payload []byte, from netip.AddrPort) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.shut || e.unplugged {
		return false
	}
	select {
	case e.arrived <- arrival{payload, from}:
		return true
	default:
		return false
	}
}

// Close ends the end, and a ReadFrom that waits.
func (e *End) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.shut {
		return net.ErrClosed
	}
	e.shut = true
	close(e.closed)
	e.stopDeadline()
	e.wire.remove(e)
	return nil
}

// SetReadDeadline limits how long ReadFrom waits, also one that waits already.
func (e *End) SetReadDeadline(t time.Time) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stopDeadline()
	select {
	case <-e.patience: // the old one has passed
		e.patience = make(chan struct{})
	default:
	}
	if wait := time.Until(t); t.IsZero() {
		return nil
	} else if wait <= 0 {
		close(e.patience)
	} else {
		patience := e.patience
		e.deadline = time.AfterFunc(wait, func() { close(patience) })
	}
	return nil
}

// stopDeadline forgets the deadline. One that is passing at this moment closes a channel that nobody else closes
// any more. e.mu is held.
func (e *End) stopDeadline() {
	if e.deadline != nil && !e.deadline.Stop() {
		e.patience = make(chan struct{})
	}
	e.deadline = nil
}

// SetDeadline limits reads; writes never wait.
func (e *End) SetDeadline(t time.Time) error { return e.SetReadDeadline(t) }

// SetWriteDeadline does nothing, since writes never wait.
func (e *End) SetWriteDeadline(time.Time) error { return nil }

// SetReadBuffer does nothing; QUIC asks for it.
func (e *End) SetReadBuffer(int) error { return nil }

// SetWriteBuffer does nothing; QUIC asks for it.
func (e *End) SetWriteBuffer(int) error { return nil }
