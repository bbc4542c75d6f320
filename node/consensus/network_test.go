package consensus

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
)

// memory is a network in memory that loses what crosses a cut without a word,
// as a dead radio link does.
type memory struct {
	mu    sync.Mutex
	doors map[door]chan call
	cut   map[uint32]bool // devices that nothing reaches or leaves
	wires map[*wire]bool
}

type door struct {
	device uint32
	p      Purpose
}

type call struct {
	conn net.Conn
	from uint32
}

func newMemory() *memory {
	return &memory{doors: map[door]chan call{}, cut: map[uint32]bool{}, wires: map[*wire]bool{}}
}

// isolate cuts a device off from all others.
func (m *memory) isolate(device uint32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cut[device] = true
}

// heal ends all cuts. Conversations that lost bytes are broken.
func (m *memory) heal() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.cut)
	for w := range m.wires {
		if w.lossy.Load() {
			w.Conn.Close()
		}
	}
}

func (m *memory) severed(a, b uint32) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.cut[a] || m.cut[b]
}

func (m *memory) door(device uint32, p Purpose) chan call {
	m.mu.Lock()
	defer m.mu.Unlock()
	d := door{device, p}
	if m.doors[d] == nil {
		m.doors[d] = make(chan call)
	}
	return m.doors[d]
}

func (m *memory) wire(conn net.Conn, from, to uint32, lossy *atomic.Bool) net.Conn {
	m.mu.Lock()
	defer m.mu.Unlock()
	w := &wire{Conn: conn, m: m, from: from, to: to, lossy: lossy}
	m.wires[w] = true
	return w
}

// wire is one end of a conversation.
type wire struct {
	net.Conn
	m        *memory
	from, to uint32
	lossy    *atomic.Bool // shared by both ends
	closed   atomic.Bool
}

func (w *wire) Write(b []byte) (int, error) {
	if w.m.severed(w.from, w.to) && !w.closed.Load() {
		w.lossy.Store(true)
		return len(b), nil
	}
	return w.Conn.Write(b)
}

func (w *wire) Close() error {
	w.closed.Store(true)
	w.m.mu.Lock()
	delete(w.m.wires, w)
	w.m.mu.Unlock()
	return w.Conn.Close()
}

// port is a device's place on the network.
type port struct {
	m      *memory
	device uint32
}

func (p port) Open(ctx context.Context, to uint32, purpose Purpose) (net.Conn, error) {
	if p.m.severed(p.device, to) {
		<-ctx.Done()
		return nil, context.Cause(ctx)
	}
	here, there := net.Pipe()
	lossy := new(atomic.Bool)
	select {
	case p.m.door(to, purpose) <- call{p.m.wire(there, to, p.device, lossy), p.device}:
		return p.m.wire(here, p.device, to, lossy), nil
	case <-ctx.Done():
		return nil, errors.New("nobody answers")
	}
}

func (p port) Accept(ctx context.Context, purpose Purpose) (net.Conn, uint32, error) {
	select {
	case c := <-p.m.door(p.device, purpose):
		return c.conn, c.from, nil
	case <-ctx.Done():
		return nil, 0, context.Cause(ctx)
	}
}
