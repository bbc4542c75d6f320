package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	bolt "go.etcd.io/bbolt"

	"wangge/crdt"
	"wangge/sync/wire"
)

// waiting is the queue of those who want to write. Whoever gets the writer's
// turn commits for all who queued meanwhile, so that many writers share one
// fsync and nobody waits for a timer.
type waiting struct {
	mu    sync.Mutex
	queue []*request
}

type request struct {
	do   func(*Tx) error
	err  error
	done bool // guarded by Store.turn
}

// commit runs do in a write transaction and returns after its fsync. An error
// of do undoes do alone. do may run more than once.
func (s *Store) commit(do func(*Tx) error) error {
	r := &request{do: do}
	s.waiting.mu.Lock()
	s.waiting.queue = append(s.waiting.queue, r)
	s.waiting.mu.Unlock()

	s.turn.Lock()
	defer s.turn.Unlock()
	if r.done { // whoever had the turn before committed for us
		return r.err
	}
	s.waiting.mu.Lock()
	all := s.waiting.queue
	s.waiting.queue = nil
	s.waiting.mu.Unlock()
	s.commitAll(all)
	return r.err
}

// commitAll commits the requests together; if that fails, one by one, so that
// one person's fault is not another's.
func (s *Store) commitAll(all []*request) {
	err := s.transact(func(t *Tx) error {
		for _, r := range all {
			if err := r.do(t); err != nil {
				return err
			}
		}
		return nil
	})
	for _, r := range all {
		r.done, r.err = true, err
		if err != nil && len(all) > 1 {
			r.err = s.transact(r.do)
		}
	}
}

// Tx is a write transaction: the file's, and over it what it has changed so far
// and will mirror once the fsync is done. Only the writer's turn touches it.
type Tx struct {
	store   *Store
	bolt    *bolt.Tx
	spaces  map[crdt.Space]space
	heads   map[stream]head
	records map[recordName]*change
	applied uint64
	clock   crdt.Stamp
	signers map[crdt.Writer]Signatory
	levels  map[stream]head // unflushed heads that this transaction flushes
}

type recordName struct {
	space crdt.Space
	id    crdt.RecordID
}

type change struct {
	before, after crdt.Record
	stored        []byte // before's bytes in the file
	written       bool   // not only looked at
}

func (s *Store) transact(do func(*Tx) error) error {
	t := &Tx{
		store: s, spaces: map[crdt.Space]space{}, heads: map[stream]head{},
		records: map[recordName]*change{}, signers: map[crdt.Writer]Signatory{},
	}
	s.file.RLock()
	defer s.file.RUnlock()
	err := s.db.Update(func(b *bolt.Tx) error {
		t.bolt = b
		if err := do(t); err != nil {
			return err
		}
		return t.flush()
	})
	if err != nil {
		return err
	}
	t.publish()
	return nil
}

func (t *Tx) space(name crdt.Space) (space, error) {
	if sp, ok := t.spaces[name]; ok {
		return sp, nil
	}
	t.store.mu.RLock()
	sp, ok := t.store.spaces[name]
	known := len(t.store.spaces)
	t.store.mu.RUnlock()
	if !ok {
		for other := range t.spaces {
			if _, old := t.store.spaces[other]; !old {
				known++
			}
		}
		sp = space{number: uint32(known + 1)}
	}
	sp.frontier = maps.Clone(sp.frontier)
	if sp.frontier == nil {
		sp.frontier = crdt.Frontier{}
	}
	t.spaces[name] = sp
	return sp, nil
}

func (t *Tx) head(st stream) head {
	if h, ok := t.heads[st]; ok {
		return h
	}
	t.store.mu.RLock()
	defer t.store.mu.RUnlock()
	if h, ok := t.store.heads[st]; ok {
		return h
	}
	return head{hash: wire.Origin(t.store.options.County, st.space, st.writer)}
}

// record returns the state of a record as the transaction sees it.
func (t *Tx) record(name recordName) (*change, error) {
	if c, ok := t.records[name]; ok {
		return c, nil
	}
	sp, err := t.space(name.space)
	if err != nil {
		return nil, err
	}
	c := &change{}
	if stored := t.bolt.Bucket(recordBucket).Get(recordKey(sp.number, name.id)); stored != nil {
		c.stored = slices.Clone(stored)
		if c.before, err = wire.DecodeRecord(c.stored); err != nil {
			return nil, fmt.Errorf("record %s of %s is damaged: %w", name.id, name.space, err)
		}
		c.after = c.before.Clone()
	}
	t.records[name] = c
	return c, nil
}

// apply folds a batch into the records and raises the frontier.
func (t *Tx) apply(st stream, seq uint64, batch crdt.Batch) error {
	sp, err := t.space(st.space)
	if err != nil {
		return err
	}
	for i, op := range batch.Ops {
		c, err := t.record(recordName{st.space, op.Record})
		if err != nil {
			return err
		}
		c.written = true
		c.after.Apply(crdt.Dot{Writer: st.writer, Seq: seq, Index: uint32(i)}, batch.Stamp, op, sp.frontier)
	}
	sp.frontier[st.writer] = seq
	t.clock = crdt.Witness(max(t.clock, t.store.clock), batch.Stamp, t.store.options.Now().UnixMilli())
	return nil
}

// flush writes everything changed into the file's buckets.
func (t *Tx) flush() error {
	err := errors.Join(t.flushRecords(), t.flushStreams(), t.flushMeta())
	for name, sp := range t.spaces {
		err = errors.Join(err, t.bolt.Bucket(spaceBucket).Put([]byte(name.String()), sp.encode()))
	}
	return err
}

func (t *Tx) flushRecords() error {
	records, recent := t.bolt.Bucket(recordBucket), t.bolt.Bucket(recentBucket)
	// In key order: bbolt writes neighbours many times faster than strangers.
	names := slices.SortedFunc(maps.Keys(t.records), func(a, b recordName) int {
		if c := a.space.Compare(b.space); c != 0 {
			return c
		}
		return slices.Compare(a.id[:], b.id[:])
	})
	for _, name := range names {
		c, sp := t.records[name], t.spaces[name.space]
		if !c.written {
			continue
		}
		if c.stored != nil {
			sp.sum = sp.sum.minus(recordSum(name.id, c.stored))
			if err := recent.Delete(recentKey(sp.number, name.id, c.before)); err != nil {
				return err
			}
		} else {
			sp.records++
		}
		bytes := wire.AppendRecord(nil, c.after)
		sp.sum = sp.sum.plus(recordSum(name.id, bytes))
		t.spaces[name.space] = sp
		if err := records.Put(recordKey(sp.number, name.id), bytes); err != nil {
			return err
		}
		if err := recent.Put(recentKey(sp.number, name.id, c.after), nil); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tx) flushStreams() error {
	bucket := t.bolt.Bucket(streamBucket)
	put := func(st stream, h head) error {
		sp, err := t.space(st.space)
		if err != nil {
			return err
		}
		return bucket.Put(streamKey(sp.number, st.writer), h.encode())
	}
	t.store.mu.RLock()
	t.levels = map[stream]head{}
	for st := range t.store.unflushed {
		t.levels[st] = t.store.heads[st]
	}
	t.store.mu.RUnlock()
	for _, heads := range []map[stream]head{t.levels, t.heads} {
		for st, h := range heads {
			if err := put(st, h); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *Tx) flushMeta() error {
	meta := t.bolt.Bucket(metaBucket)
	var err error
	if t.applied > 0 {
		err = meta.Put([]byte("applied"), binary.BigEndian.AppendUint64(nil, t.applied))
	}
	if t.clock > 0 {
		err = errors.Join(err, meta.Put([]byte("clock"), binary.BigEndian.AppendUint64(nil, uint64(t.clock))))
	}
	return err
}

// publish mirrors the transaction after its fsync and tells of it.
func (t *Tx) publish() {
	s := t.store
	var e Event
	s.mu.Lock()
	for name, sp := range t.spaces {
		s.spaces[name] = sp
	}
	for st, h := range t.levels {
		if s.heads[st] == h {
			delete(s.unflushed, st)
		}
	}
	for st, h := range t.heads {
		old := s.heads[st] // levels may have risen meanwhile
		h.box, h.hub = max(h.box, old.box), max(h.hub, old.hub)
		s.heads[st] = h
		e.Heads = append(e.Heads, wire.Mark{Space: st.space, Writer: st.writer, Seq: h.seq})
	}
	maps.Copy(s.signatories, t.signers)
	s.applied, s.clock = max(s.applied, t.applied), max(s.clock, t.clock)
	s.mu.Unlock()
	for name, c := range t.records {
		if c.written {
			e.Changes = append(e.Changes, Change{name.space, name.id, c.before, c.after})
		}
	}
	if s.options.Committed != nil && len(e.Heads) > 0 {
		s.options.Committed(e)
	}
}
