package store

import (
	"errors"
	"sync"

	bolt "go.etcd.io/bbolt"

	"wangge/crdt"
	"wangge/sync/wire"
)

// Unsent is what a box holds that the county is not known to have.
type Unsent struct {
	Batches uint64
	Bytes   uint64     // of them, as they are chained; fewer travel
	Oldest  crdt.Stamp // of the batches, by their writers' clocks; 0 where there are none
	// Records are those that the batches touch, with their kinds.
	Records map[crdt.Space]map[crdt.RecordID]string
}

// unsent remembers what was read of the batches that wait, so that each is read
// once however often somebody asks. It follows from heads and log alone.
type unsent struct {
	mu    sync.Mutex
	tails map[stream]*tail
}

// tail is what waits of one stream: the batches behind hub up to seq.
type tail struct {
	hub, seq uint64
	batches  []pending
}

type pending struct {
	size    int
	stamp   crdt.Stamp
	records map[crdt.RecordID]string
}

// Unsent returns what waits for the county. It is made of the heads as they are
// and of the log: no event can be missed.
func (s *Store) Unsent() (Unsent, error) {
	all := Unsent{Records: map[crdt.Space]map[crdt.RecordID]string{}}
	s.unsent.mu.Lock()
	defer s.unsent.mu.Unlock()
	tails := map[stream]*tail{}
	err := s.view(func(tx *bolt.Tx) error {
		for st, h := range s.behind() {
			t := s.unsent.tails[st]
			if t == nil || t.hub > h.hub || t.seq > h.seq { // new, or the county was restored
				t = &tail{hub: h.hub, seq: h.hub}
			}
			if err := s.reach(tx, st, h, t); err != nil {
				return err
			}
			tails[st] = t
			all.add(st.space, t)
		}
		return nil
	})
	s.unsent.tails = tails
	return all, err
}

// behind returns the heads of which the county lacks something.
func (s *Store) behind() map[stream]head {
	s.mu.RLock()
	defer s.mu.RUnlock()
	heads := map[stream]head{}
	for st, h := range s.mirror.heads {
		if s.committed(h) < h.seq {
			heads[st] = h
		}
	}
	return heads
}

// reach brings a tail to where a head is now.
func (s *Store) reach(tx *bolt.Tx, st stream, h head, t *tail) error {
	n := min(h.hub-t.hub, uint64(len(t.batches)))
	t.batches, t.hub, t.seq = t.batches[n:], h.hub, max(t.seq, h.hub)
	return s.batches(tx, st, t.seq+1, h.seq, func(size int, b crdt.Batch) {
		p := pending{size, b.Stamp, map[crdt.RecordID]string{}}
		for _, op := range b.Ops {
			p.records[op.Record] = op.Kind
		}
		t.batches, t.seq = append(t.batches, p), t.seq+1
	})
}

// batches calls yield with batches of a stream, as the log has them.
func (s *Store) batches(tx *bolt.Tx, st stream, from, to uint64, yield func(size int, b crdt.Batch)) error {
	if from > to {
		return nil
	}
	sp, _ := s.numberOf(st.space)
	return s.layers(tx).each(logLayer, logKey(sp, st.writer, from), logKey(sp, st.writer, to+1), func(_, v []byte) error {
		_, b := splitEntry(v)
		batch, err := wire.DecodeBatch(b)
		if err == nil {
			yield(len(b), batch)
		}
		return err
	})
}

func (u *Unsent) add(name crdt.Space, t *tail) {
	if u.Records[name] == nil {
		u.Records[name] = map[crdt.RecordID]string{}
	}
	for _, p := range t.batches {
		u.Batches++
		u.Bytes += uint64(p.size)
		if u.Oldest == 0 || p.stamp < u.Oldest {
			u.Oldest = p.stamp
		}
		for id, kind := range p.records {
			u.Records[name][id] = kind
		}
	}
}

// Touched returns the records that a stream's batches touch from one on, the
// first max of them, as far as the log has the batches.
func (s *Store) Touched(name crdt.Space, w crdt.Writer, from uint64, max int) (ids []crdt.RecordID, err error) {
	met := map[crdt.RecordID]bool{}
	err = s.view(func(tx *bolt.Tx) error {
		sp, _ := s.numberOf(name)
		return s.layers(tx).each(logLayer, logKey(sp, w, from), logKey(sp, w, s.Held(name, w)+1), func(_, v []byte) error {
			_, b := splitEntry(v)
			batch, err := wire.DecodeBatch(b)
			for _, op := range batch.Ops {
				if len(ids) == max {
					return errStop
				}
				if !met[op.Record] {
					met[op.Record], ids = true, append(ids, op.Record)
				}
			}
			return err
		})
	})
	if errors.Is(err, errStop) {
		err = nil
	}
	return ids, err
}
