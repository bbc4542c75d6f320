package session

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"wangge/crdt"
	"wangge/sync/wire"
)

// hello tells what we hold of the spaces that the peer is entitled to, or of that
// what it does not remember. Of the other spaces it learns no more than how far its
// own work has come: the streams of its writers, and of those that it named itself
// that much is held as it named.
func (s *Session) hello(asked map[crdt.Space]crdt.Frontier) wire.Message {
	s.told = true
	holds := s.log.Frontiers(func(sp crdt.Space) bool { return s.side.Theirs(sp) || s.side.Mine(sp) })
	for sp, f := range holds {
		if s.side.Theirs(sp) {
			continue
		}
		maps.DeleteFunc(f, func(w crdt.Writer, _ uint64) bool {
			return w.Device() != s.side.Peer && asked[sp][w] == 0
		})
		s.echo(sp, f, asked[sp])
		if len(f) == 0 {
			delete(holds, sp)
		}
	}
	m := wire.Hello{
		Protocol: wire.Protocol, County: s.side.County, Device: s.side.Device, Epoch: s.side.Epoch, Holds: holds,
	}
	if s.side.Checkpoints != nil {
		for sp := range holds {
			if s.hollow(sp) {
				holds[sp] = crdt.Frontier{}
			}
		}
		m.Floors = s.side.Checkpoints.Floors(s.both)
	}
	m.Print, m.Budget = s.print(), uint64(s.side.Budget)
	s.memory.told, s.memory.ends[0] = m.Print, wire.End{Device: m.Device, Epoch: m.Epoch, Floors: m.Floors}
	m = s.brief(m)
	m.Tags = s.tags(m.Holds)
	return m
}

// greet takes the peer's Hello. Two that hold the same have nothing to say.
func (s *Session) greet(m wire.Hello) ([]wire.Message, error) {
	if err := s.known(m); err != nil {
		return nil, err
	}
	m, ok, err := s.recall(m)
	if err != nil {
		return nil, err
	}
	if !ok {
		s.memory.deaf = true
		return []wire.Message{s.hello(m.Holds)}, nil
	}
	if s.memory.assumed && s.memory.base == nil {
		s.forget()
	}
	s.greeted, s.memory.deaf = true, false
	s.shows, s.spending.peer = m.Holds, int(min(m.Budget, math.MaxInt32))
	s.memory.heard, s.memory.ends[1] = m.Print, wire.End{Device: m.Device, Epoch: m.Epoch, Floors: m.Floors}
	var out []wire.Message
	if !s.told {
		out = append(out, s.hello(m.Holds))
	}
	if m.Print != (wire.Print{}) && m.Print == s.memory.told {
		s.done, s.theirs = len(s.flying) == 0, true
	}
	more, err := s.learn(m)
	return s.agree(append(out, more...)), err
}

// known returns what is wrong with who greets, or nil.
func (s *Session) known(m wire.Hello) error {
	if m.County != s.side.County || m.Device != s.side.Peer {
		return fmt.Errorf("device %d of county %x greets as device %d of county %x: its keys or its address are another's",
			s.side.Peer, s.side.County, m.Device, m.County)
	}
	if m.Protocol != wire.Protocol {
		return fmt.Errorf("device %d speaks protocol %d, this node speaks %d: update the older of the two",
			s.side.Peer, m.Protocol, wire.Protocol)
	}
	return nil
}

// learn takes what the peer holds, and returns what it lacks.
func (s *Session) learn(m wire.Hello) ([]wire.Message, error) {
	s.log.Met(s.silent(m), s.side.Theirs, s.side.Proves)
	same, doubts := s.shared(m)
	s.log.Reached(s.proved(same))
	s.sent = map[crdt.Space]crdt.Frontier{}
	for sp, f := range m.Holds {
		s.sent[sp] = f.Clone()
		s.holds[sp] = same[sp].Clone()
	}
	s.unsure(m.Holds, same)
	s.underWay()
	s.floors = m.Floors
	offers, err := s.offered(m.Holds)
	if err != nil {
		return nil, err
	}
	more, err := s.send()
	return slices.Concat(doubts, offers, more), err
}

// proved turns what the peer holds into marks, of our own holdings only: what
// we do not have ourselves has no level here.
func (s *Session) proved(holds map[crdt.Space]crdt.Frontier) []wire.Mark {
	mine := s.log.Frontiers(func(sp crdt.Space) bool {
		return holds[sp] != nil && (s.side.Theirs(sp) || s.side.Mine(sp))
	})
	var marks []wire.Mark
	for sp, f := range mine {
		for w, seq := range f {
			if both := min(seq, holds[sp][w]); both > 0 {
				marks = append(marks, wire.Mark{Space: sp, Writer: w, Seq: both, Level: s.side.Proves})
			}
		}
	}
	return marks
}
