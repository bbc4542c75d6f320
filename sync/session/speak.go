package session

import (
	"wangge/crdt"
	"wangge/sync/wire"
)

// Encode returns the bytes of a message that this side sends, at the moment of
// sending. A chunk names records by what both sides hold, which is shorter, and
// its runs lean on each other, unless that has failed.
func (s *Session) Encode(m wire.Message) []byte {
	b := s.encode(m)
	if chunk, ok := m.(wire.Chunk); ok {
		s.gauge.measure(chunk, len(b))
	}
	s.spend(m, len(b))
	return b
}

func (s *Session) encode(m wire.Message) []byte {
	lean := func(sp crdt.Space, w crdt.Writer) bool {
		return s.faults[stream{sp, w}] != apart && wire.ArmDepth(w) == 0
	}
	if chunk, ok := m.(wire.Chunk); ok && s.gauge.near && plain(chunk) >= pressFrom {
		if b := wire.EncodePressed(chunk, lean); len(b) <= wire.FrameMax {
			return b
		}
	}
	return wire.EncodeFor(m, wire.Shared{
		Record: func(sp crdt.Space, d crdt.Dot) (crdt.RecordID, bool) {
			if !s.side.Theirs(sp) || !s.finds(sp, d) { // of what is returned the floors are not told
				return crdt.RecordID{}, false
			}
			return s.log.Subject(sp, d)
		},
		Dot: func(sp crdt.Space, id crdt.RecordID) (crdt.Dot, bool) {
			if len(s.holds[sp]) == 0 || !s.side.Theirs(sp) {
				return crdt.Dot{}, false
			}
			return s.log.About(sp, id, func(d crdt.Dot) bool { return s.finds(sp, d) })
		},
		Lean: lean,
	})
}

// finds reports whether the peer holds an op and can look up what it is about.
func (s *Session) finds(sp crdt.Space, d crdt.Dot) bool {
	return d.Seq <= s.holds[sp][d.Writer] && d.Seq > s.floors[sp][d.Writer]
}

// Decode reads the next of the peer's messages. All before it were stepped: what
// they brought is what it may name, and where its runs go on.
func (s *Session) Decode(b []byte) (wire.Message, error) {
	if s.memory.deaf && !wire.Greets(b) {
		return unheard{}, nil
	}
	m, err := wire.DecodeFrom(b, wire.Shared{
		Record: func(sp crdt.Space, d crdt.Dot) (crdt.RecordID, bool) {
			if !s.side.Mine(sp) {
				return crdt.RecordID{}, false
			}
			return s.log.Subject(sp, d)
		},
		Head:   s.log.Head,
		County: s.side.County,
	})
	switch m.(type) {
	case wire.Chunk, wire.Page:
		s.spending.taken += len(b)
	}
	return m, err
}

// unheard is a message of a peer's that took this side for one that remembers more.
type unheard struct{ wire.Message }
