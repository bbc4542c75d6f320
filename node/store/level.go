package store

import (
	"slices"

	"wangge/crdt"
	"wangge/sync/wire"
)

// Reached notes how far streams have come. Levels are kept in memory and
// written with the next commit: a crash forgets some, and the next contact with
// the peer proves them again.
func (s *Store) Reached(marks []wire.Mark) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range marks {
		st := stream{m.Space, m.Writer}
		h, ok := s.heads[st]
		if !ok {
			continue
		}
		old := h
		seq := min(m.Seq, h.seq)
		if m.Level >= wire.AtBox {
			h.box = max(h.box, seq)
		}
		if m.Level >= wire.AtCounty {
			h.hub = max(h.hub, seq)
		}
		if h != old {
			s.heads[st] = h
			s.unflushed[st] = true
			delete(s.refusals, st)
		}
	}
}

// Refused notes that a peer did not take a stream, until it does.
func (s *Store) Refused(r wire.Refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusals[stream{r.Mark.Space, r.Mark.Writer}] = r
}

// Refusals returns what peers did not take, in order of spaces.
func (s *Store) Refusals() []wire.Refusal {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := make([]wire.Refusal, 0, len(s.refusals))
	for _, r := range s.refusals {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b wire.Refusal) int { return a.Mark.Space.Compare(b.Mark.Space) })
	return all
}

// Level returns how far the batch that made a dot has come. What another
// device wrote and this one holds is at a box by that alone.
func (s *Store) Level(name crdt.Space, d crdt.Dot) wire.Level {
	s.mu.RLock()
	defer s.mu.RUnlock()
	h := s.heads[stream{name, d.Writer}]
	switch {
	case s.options.Author == nil || d.Seq <= h.hub:
		return wire.AtCounty // the hub's own store holds only what was committed
	case d.Seq <= h.box || d.Writer.Device() != s.options.Writer.Device():
		return wire.AtBox
	}
	return wire.Saved
}

// RecordLevel returns how far the whole of a record has come: as far as the
// least of what it shows.
func (s *Store) RecordLevel(name crdt.Space, rec crdt.Record) wire.Level {
	level := wire.AtCounty
	for _, c := range rec.Cells {
		for _, e := range c.Entries {
			level = min(level, s.Level(name, e.Dot))
		}
	}
	return level
}

// Waiting returns how many of the batches held here the county is not known to
// have committed.
func (s *Store) Waiting() uint64 {
	var n uint64
	for _, sp := range s.Spaces() {
		n += sp.Batches - sp.AtHub
	}
	return n
}
