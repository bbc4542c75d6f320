package session

import (
	"wangge/crdt"
	"wangge/sync/wire"
)

// Encode returns the bytes of a message that this side sends, at the moment of
// sending. A chunk names records by what both sides hold, which is shorter.
func (s *Session) Encode(m wire.Message) []byte {
	return wire.EncodeFor(m, func(sp crdt.Space, d crdt.Dot) (crdt.RecordID, bool) {
		if d.Seq > s.holds[sp][d.Writer] || d.Seq <= s.floors[sp][d.Writer] {
			return crdt.RecordID{}, false
		}
		return s.log.Subject(sp, d)
	})
}

// Decode reads the next of the peer's messages. All before it were stepped: what
// they brought is what it may name.
func (s *Session) Decode(b []byte) (wire.Message, error) {
	return wire.DecodeFrom(b, func(sp crdt.Space, d crdt.Dot) (crdt.RecordID, bool) {
		if !s.side.Mine(sp) {
			return crdt.RecordID{}, false
		}
		return s.log.Subject(sp, d)
	})
}
