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

// switchedSocket hides what else a UDP socket can do, so QUIC sends packet by packet through it.
type switchedSocket struct {
	net.PacketConn
	by *Switch
}

// buffers is what QUIC asks of a socket beyond net.PacketConn.
type buffers interface {
	SetReadBuffer(bytes int) error
	SetWriteBuffer(bytes int) error
}

func newSwitchedSocket(socket net.PacketConn, by *Switch) *switchedSocket {
	return &switchedSocket{socket, by}
}

func (s *switchedSocket) SetReadBuffer(bytes int) error {
	if b, ok := s.PacketConn.(buffers); ok {
		return b.SetReadBuffer(bytes)
	}
	return nil
}

func (s *switchedSocket) SetWriteBuffer(bytes int) error {
	if b, ok := s.PacketConn.(buffers); ok {
		return b.SetWriteBuffer(bytes)
	}
	return nil
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
