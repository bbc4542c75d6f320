package link

import (
	"net"
	"sync/atomic"
)

// Switch cuts a link in demonstrations, as pulling its cable would: nobody is told, packets in both
// directions just vanish. The zero value is on. Its methods may be called by many goroutines.
type Switch struct {
	off atomic.Bool
}

// Off drops every packet from now on.
func (s *Switch) Off() { s.off.Store(true) }

// On lets packets through again.
func (s *Switch) On() { s.off.Store(false) }

// IsOff reports whether packets are dropped.
func (s *Switch) IsOff() bool { return s.off.Load() }

// plainSocket hides what else a socket can do, so QUIC sends packet by packet through it.
type plainSocket struct{ net.PacketConn }

// buffers is what QUIC asks of a socket beyond net.PacketConn.
type buffers interface {
	SetReadBuffer(bytes int) error
	SetWriteBuffer(bytes int) error
}

func (s plainSocket) SetReadBuffer(bytes int) error {
	if b, ok := s.PacketConn.(buffers); ok {
		return b.SetReadBuffer(bytes)
	}
	return nil
}

func (s plainSocket) SetWriteBuffer(bytes int) error {
	if b, ok := s.PacketConn.(buffers); ok {
		return b.SetWriteBuffer(bytes)
	}
	return nil
}

// switchedSocket is one that a Switch cuts.
type switchedSocket struct {
	plainSocket
	by *Switch
}

func newSwitchedSocket(socket net.PacketConn, by *Switch) *switchedSocket {
	return &switchedSocket{plainSocket{socket}, by}
}

func (s *switchedSocket) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := s.PacketConn.ReadFrom(b)
		if err != nil || !s.by.IsOff() {
			return n, from, err
		}
	}
}

func (s *switchedSocket) WriteTo(b []byte, to net.Addr) (int, error) {
	if s.by.IsOff() {
		return len(b), nil
	}
	return s.PacketConn.WriteTo(b, to)
}
