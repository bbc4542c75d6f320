package store

import (
	"wangge/crdt"
	"wangge/sync/wire"
)

// Reached notes how far streams have come. Levels are kept in memory and
// written with the next commit: a crash forgets some, and the next contact with
// the peer proves them again.
func (s *Store) Reached(marks []wire.Mark) {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range marks {
		s.mirror.reached(m, now)
	}
}

// reached notes how far a stream has come. The county takes an arm only where it holds the
// stem just as the arm left it, so with an arm it has the stem up to there: who may hold the space
// no more is told of that in no other way.
func (m *mirror) reached(mark wire.Mark, now crdt.Stamp) {
	st := stream{mark.Space, mark.Writer}
	old, ok := m.heads[st]
	if !ok {
		return
	}
	h, seq := old, min(mark.Seq, old.seq)
	if mark.Level >= wire.AtBox {
		h.box = max(h.box, seq)
	}
	if mark.Level >= wire.AtCounty {
		h.hub = max(h.hub, seq)
		h.date(now)
	}
	if r := m.quarantine.ours[st]; mark.Level >= r.Mark.Level && mark.Seq >= r.Mark.Seq {
		m.quarantine.taken(st)
	}
	if h != old {
		m.heads[st] = h
		m.unflushed[st] = true
	}
	if a := m.arms[st]; a != nil && mark.Level >= wire.AtCounty && seq > 0 {
		m.reached(wire.Mark{Space: st.space, Writer: a.stem, Seq: a.After, Level: mark.Level}, now)
	}
}

// Level returns how far the batch that made a dot has come. What another
// device wrote and this one holds is at a box by that alone.
func (s *Store) Level(name crdt.Space, d crdt.Dot) wire.Level {
	s.mu.RLock()
	defer s.mu.RUnlock()
	h := s.mirror.heads[stream{name, d.Writer}]
	switch {
	case d.Seq <= s.committed(h):
		return wire.AtCounty
	case d.Seq <= h.box || s.mirror.self != nil && d.Writer.Device() != s.mirror.self.Name().Device():
		return wire.AtBox
	}
	return wire.Saved
}

// committed returns up to where a stream is known to be committed by the
// county. The hub's own store holds only what was.
func (s *Store) committed(h head) uint64 {
	if s.options.Author == nil {
		return h.seq
	}
	return h.hub
}

// RecordLevel returns how far the whole of a record has come: as far as the
// least of what it shows. What was taken away shows nothing and says nothing.
func (s *Store) RecordLevel(name crdt.Space, rec crdt.Record) wire.Level {
	level := wire.AtCounty
	for _, c := range rec.Cells {
		for _, e := range c.Entries {
			level = min(level, s.Level(name, e.Dot))
		}
	}
	return level
}

// Flush writes what is known of levels, which else waits for the next commit: whoever
// proved them may not be met again for long.
func (s *Store) Flush() error {
	return s.commit(func(*transaction) error { return nil })
}

// FrontiersAt returns, of every space for which about is true, up to where each
// stream is known to have come to a level.
func (s *Store) FrontiersAt(about func(crdt.Space) bool, level wire.Level) map[crdt.Space]crdt.Frontier {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := map[crdt.Space]crdt.Frontier{}
	for st, h := range s.mirror.heads {
		seq := h.box
		if level >= wire.AtCounty {
			seq = s.committed(h)
		}
		if seq == 0 || !about(st.space) {
			continue
		}
		if all[st.space] == nil {
			all[st.space] = crdt.Frontier{}
		}
		all[st.space][st.writer] = seq
	}
	return all
}

// Waiting returns how many of the batches held here the county is not known to
// have committed.
func (s *Store) Waiting() uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var n uint64
	for _, h := range s.mirror.heads {
		n += h.seq - s.committed(h)
	}
	return n
}
