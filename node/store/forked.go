package store

import (
	"bytes"
	"cmp"
	"maps"
	"slices"

	bolt "go.etcd.io/bbolt"

	"wangge/crdt"
	"wangge/sync/wire"
)

// Forked is a stream that its writer signed twice, as this store knows it.
type Forked struct {
	Space  crdt.Space
	Writer crdt.Writer
	Frozen uint64 // the last batch that the county took under the name; 0 if it has not closed it
	Arms   []wire.Mark
}

// Forks returns every forked stream, in order of spaces and writers.
func (s *Store) Forks() []Forked {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := map[stream]*Forked{}
	of := func(st stream) *Forked {
		if all[st] == nil {
			all[st] = &Forked{Space: st.space, Writer: st.writer}
		}
		return all[st]
	}
	for st := range s.mirror.proofs {
		of(st)
	}
	for st, f := range s.mirror.freezes {
		of(st).Frozen = f.Seq
	}
	for st, a := range s.mirror.arms {
		f := of(stream{st.space, a.stem})
		if h := s.mirror.heads[st]; h.seq > 0 { // else it is its stem by now, or went with its space
			f.Arms = append(f.Arms, wire.Mark{Space: st.space, Writer: st.writer, Seq: h.seq})
		}
	}
	var list []Forked
	for _, f := range all {
		slices.SortFunc(f.Arms, compareMark)
		list = append(list, *f)
	}
	slices.SortFunc(list, func(a, b Forked) int {
		return compareMark(wire.Mark{Space: a.Space, Writer: a.Writer}, wire.Mark{Space: b.Space, Writer: b.Writer})
	})
	return list
}

// Proofs returns the proofs of forks of which the county is not known to have
// heard, in order of streams. It takes no arm without, so it is told again of those
// whose arms it lacks: it may have come back from a backup.
func (s *Store) Proofs() (proofs []wire.Message) {
	s.mu.RLock()
	open := map[stream]bool{}
	for st := range s.mirror.proofs {
		if _, closed := s.mirror.freezes[st]; !closed {
			open[st] = true
		}
	}
	for st, a := range s.mirror.arms {
		stem, h := stream{st.space, a.stem}, s.mirror.heads[st]
		if s.mirror.proofs[stem] && h.hub < h.seq {
			open[stem] = true
		}
	}
	s.mu.RUnlock()
	for _, st := range slices.SortedFunc(maps.Keys(open), compareStream) {
		_ = s.view(func(tx *bolt.Tx) error { // one that cannot be read is found anew
			if m, err := wire.Decode(bytes.Clone(tx.Bucket(forkBucket).Get(forkKey(st)))); err == nil {
				proofs = append(proofs, m)
			}
			return nil
		})
	}
	return proofs
}

// Freezes returns the streams that the county closed, in order.
func (s *Store) Freezes() (freezes []wire.Message) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, f := range s.mirror.freezes {
		freezes = append(freezes, f)
	}
	slices.SortFunc(freezes, func(a, b wire.Message) int {
		x, y := a.(wire.Freeze), b.(wire.Freeze)
		return compareStream(stream{x.Space, x.Writer}, stream{y.Space, y.Writer})
	})
	return freezes
}

func compareStream(a, b stream) int {
	return cmp.Or(a.space.Compare(b.space), cmp.Compare(a.writer, b.writer))
}
