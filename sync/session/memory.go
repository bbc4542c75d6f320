package session

import (
	"fmt"
	"slices"

	"wangge/crdt"
	"wangge/sync/wire"
)

// memory is what a side remembers of earlier conversations with its peer, and
// what it learns in this one for the next. What is forgotten costs a Hello in full
// and nothing else.
type memory struct {
	grounds     []wire.Ground // the surest first
	base        *wire.Ground  // that both named, and tell only what came since
	assumed     bool          // our Hello names grounds, and the peer's has not come
	deaf        bool          // the peer names a ground unknown here: until it has told all, it is not listened to
	told, heard wire.Print    // of what each said last that it holds
	ends        [2]wire.End   // as each told in its Hello
	failed      error         // of the first flight
	unsaid      bool          // chunks came since our last word: another one follows
	unheard     bool          // the peer answered since its last word: another one follows
	kept        wire.Print    // of the newest ground when grounds were last asked for
}

// both reports whether a space is one that both sides may hold.
func (s *Session) both(sp crdt.Space) bool { return s.side.Mine(sp) && s.side.Theirs(sp) }

// print returns the fingerprint of what is held here of what both may hold, or
// none while a part of it is lost.
func (s *Session) print() wire.Print {
	spaces := s.log.Prints(s.both)
	if s.side.Checkpoints != nil {
		for sp := range spaces {
			if s.side.Checkpoints.Hollow(sp) {
				return wire.Print{}
			}
		}
	}
	return wire.PrintOf(spaces)
}

// usable returns the grounds on which this side still stands: it speaks from the
// same life of its store, holds all of it, and both may still hold its spaces.
func (s *Session) usable(grounds []wire.Ground) []wire.Ground {
	if len(grounds) == 0 || s.print() == (wire.Print{}) {
		return nil
	}
	mine := s.log.Frontiers(s.both)
	return slices.DeleteFunc(slices.Clone(grounds), func(g wire.Ground) bool {
		me, peer := g.Ends[0], g.Ends[1]
		if me.Device != s.side.Device || me.Epoch != s.side.Epoch || peer.Device != s.side.Peer {
			return true
		}
		for sp, f := range g.Holds {
			if !s.both(sp) || !mine[sp].Covers(f) {
				return true
			}
		}
		return false
	})
}

// named returns the newest of the grounds that the peer names and this side knows.
func (s *Session) named(names []wire.GroundName) *wire.Ground {
	for _, g := range slices.Backward(s.memory.grounds) {
		if slices.Contains(names, g.Name(s.side.County)) {
			return &g
		}
	}
	return nil
}

// brief leaves out of a Hello what the peer remembers.
func (s *Session) brief(m wire.Hello) wire.Hello {
	from := s.memory.base
	switch {
	case from != nil:
		m.Grounds = []wire.GroundName{from.Name(s.side.County)}
	case s.side.First && len(s.memory.grounds) > 0:
		from = &s.memory.grounds[0]
		for _, g := range s.memory.grounds {
			m.Grounds = append(m.Grounds, g.Name(s.side.County))
		}
	default:
		return m
	}
	m.Epoch = 0
	m.Holds, m.Floors = wire.Beyond(m.Holds, from.Holds), wire.Beyond(m.Floors, from.Ends[0].Floors)
	return m
}

// recall makes of the peer's Hello the one that it would have told a stranger. ok
// is false when it names a ground that is unknown here.
func (s *Session) recall(m wire.Hello) (whole wire.Hello, ok bool, err error) {
	if len(m.Grounds) == 0 {
		return m, true, nil
	}
	if s.memory.deaf || s.told && !s.memory.assumed {
		return m, false, fmt.Errorf("device %d names a ground where it was to tell all", s.side.Peer)
	}
	g := s.named(m.Grounds)
	if g == nil && s.told {
		return m, false, fmt.Errorf("device %d names a ground that it was not told of", s.side.Peer)
	}
	if g == nil {
		return m, false, nil
	}
	s.memory.base, s.memory.grounds = g, []wire.Ground{*g}
	return m.Whole(*g), true, nil
}

// open lets what this device wrote and the peer lacks, as far as is remembered, go in the
// same flight as the Hello. Others may have brought theirs themselves, and what has reached
// what the peer would prove it mostly has, through others: that waits until it greets.
func (s *Session) open() ([]wire.Message, error) {
	known := s.memory.grounds[0].Holds
	for sp, f := range s.log.Frontiers(s.side.Theirs) {
		s.sent[sp] = crdt.Frontier{}
		for w, head := range f {
			from, there := known[sp][w], s.log.Proven(sp, w, s.side.Proves)
			switch {
			case w.Device() != s.side.Device:
				from = head
			case s.side.Proves >= wire.AtCounty: // whichever of its replicas has it
				from = max(from, there)
			case there > from:
				from = head
			}
			s.sent[sp][w] = from
		}
	}
	s.memory.assumed = true
	return s.send()
}

// forget begins anew with a peer that does not remember: it has not listened to
// what it was sent.
func (s *Session) forget() {
	fresh := New(s.side, s.log)
	fresh.chunks.last = s.chunks.last
	fresh.gauge, fresh.spending, fresh.memory = s.gauge, s.spending, memory{ends: s.memory.ends}
	*s = *fresh
}

// underWay counts what went with our Hello as what the peer will hold.
func (s *Session) underWay() {
	for st, flights := range s.flying {
		s.raise(st.space, st.writer, flights[len(flights)-1].last)
	}
}

// agree tells what is held here, if that is not what was told last, once both are
// quiet, and notes it as ground once both have told the same.
func (s *Session) agree(out []wire.Message) []wire.Message {
	if !s.Quiet() {
		return out
	}
	print := s.print()
	if print != s.memory.told || s.memory.unsaid {
		out = append(out, s.last(print))
	}
	if print != s.memory.heard || print == (wire.Print{}) {
		return out
	}
	if n := len(s.memory.grounds); n > 0 && s.memory.grounds[n-1].Print == print {
		return out
	}
	g := wire.Ground{Print: print, Ends: s.memory.ends, Holds: s.log.Frontiers(s.both)}
	if s.print() != print { // something came meanwhile
		return out
	}
	s.memory.grounds = append(s.memory.grounds[:min(1, len(s.memory.grounds))], g)
	return out
}

// last is this side's last word for now.
func (s *Session) last(print wire.Print) wire.Message {
	s.memory.told, s.memory.unsaid = print, false
	if s.exhausted() {
		return wire.Done{Print: print, Left: s.unsent()}
	}
	return wire.Done{Print: print}
}

// Grounds returns what to remember of the peer for the next conversation. One that
// has stood since it was last asked for is taken to be known to both.
func (s *Session) Grounds() []wire.Ground {
	n := len(s.memory.grounds)
	if n == 0 {
		return nil
	}
	if newest := s.memory.grounds[n-1]; newest.Print == s.memory.kept {
		s.memory.grounds = []wire.Ground{newest}
	}
	s.memory.kept = s.memory.grounds[len(s.memory.grounds)-1].Print
	return slices.Clone(s.memory.grounds)
}

// Finished reports whether both are quiet, no doubt is open and the peer's last word
// counts what it was sent: to end now costs neither side anything.
func (s *Session) Finished() bool { return s.Quiet() && !s.memory.unheard && !s.forks.open() }
