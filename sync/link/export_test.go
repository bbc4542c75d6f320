package link

import "context"

// Kill takes the socket away, as a crash or a power cut does: no peer is told.
func (l *Link) Kill() { l.socket.Close() }

// HandshakesInside returns how many handshakes of others are counted as running.
func (l *Link) HandshakesInside() int64 { return l.gate.inside.Load() }

// OpenRaw opens a stream whose first byte may name no protocol.
func (l *Link) OpenRaw(ctx context.Context, device uint32, p Protocol) (*Stream, error) {
	return l.open(ctx, device, p)
}

// Dialling reports whether a dial to a device is under way.
func (l *Link) Dialling(device uint32) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.peer(device).attempt != nil
}

// Connections returns how many connections with a device are kept.
func (l *Link) Connections(device uint32) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.peer(device).connections)
}

// Crowd makes the gate believe that so many handshakes are running.
func (l *Link) Crowd(handshakes int64) { l.gate.inside.Store(handshakes) }

// Parcels returns how many parcels the newest connection has delivered to a device.
func (l *Link) Parcels(device uint32) uint64 {
	l.mu.Lock()
	c := l.peer(device).connections
	l.mu.Unlock()
	if len(c) == 0 {
		return 0
	}
	p := c[len(c)-1].post
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.delivered
}

// Repeat writes a frame on its stream as one that was given up by the post.
func (s *Stream) Repeat(number uint64, frame []byte) {
	s.connection.post.streams.owe([]letter{{stream: s.id(), number: number, frame: frame}})
	s.repeat()
}

// Remembered returns how many devices the link remembers.
func (l *Link) Remembered() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.peers)
}

// Failures returns how many dials of a device have failed in a row.
func (l *Link) Failures(device uint32) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.peer(device).failures
}
