package store

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"wangge/crdt"
	"wangge/sync/wire"
)

// transaction is a write transaction: the file's, and over it what it has
// changed so far and will mirror once the fsync is done. Only the writer's turn
// touches it.
type transaction struct {
	store   *Store
	bolt    *bolt.Tx
	spaces  map[crdt.Space]space
	heads   map[stream]head // of streams that grew
	quiet   map[stream]head // of others that changed
	saved   map[stream]saved
	records map[recordName]*change
	known   *seeker // of records in the file
	signers map[crdt.Writer]Signatory
	minted  *self // the writer from this transaction on, if it is a new one
	arms    map[stream]*arm
	freezes map[stream]wire.Freeze
	proofs  map[stream]bool
	peers   map[uint32]peer
	recants uint64 // of which this one writes what follows
	applied uint64
	clock   crdt.Stamp

	completes map[uint32]wire.Complete
	contacts  map[uint32]wire.Heard
	theirs    map[stream]wire.Quarantine // what peers offered and was not taken; nothing: was taken after all
	ours      map[stream]wire.Quarantine // what peers did not take, as flush wrote it

	changed []recordName    // what flush wrote, in order
	levels  map[stream]head // heads that grew in level only, as flush wrote them
	files   fileChanges
	moves   bool              // streams were moved: what was held is another's
	grounds map[uint32][]byte // as flush wrote them
}

// saved is what a save left of a stream of this node's.
type saved struct {
	by   *self
	tail int // bytes behind the last head that is signed by itself
}

// pageFill is how much of a page is filled before it is parted, in buckets whose keys
// mostly come in order: half would stay empty for ever.
const pageFill = 0.9

type recordName struct {
	space crdt.Space
	id    crdt.RecordID
}

type change struct {
	before, after crdt.Record
	stored        bool   // the file knows before
	entry         []byte // id and record as the file has them
	written       bool   // not only looked at
}

func (s *Store) transact(do func(*transaction) error) error {
	if err := s.refuseWrite(); err != nil {
		return err
	}
	s.mu.RLock()
	t := &transaction{
		store: s, spaces: map[crdt.Space]space{}, heads: map[stream]head{}, quiet: map[stream]head{}, saved: map[stream]saved{},
		records: map[recordName]*change{}, signers: map[crdt.Writer]Signatory{},
		applied: s.mirror.applied, clock: s.mirror.clock, completes: map[uint32]wire.Complete{}, contacts: map[uint32]wire.Heard{},
		peers: map[uint32]peer{}, arms: map[stream]*arm{}, freezes: map[stream]wire.Freeze{}, proofs: map[stream]bool{},
		theirs: map[stream]wire.Quarantine{}, ours: map[stream]wire.Quarantine{},
	}
	s.mu.RUnlock()
	err := s.update(func(b *bolt.Tx) error {
		t.bolt = b
		t.known = t.layers().look(recordLayer)
		b.Bucket(logBucket).FillPercent = pageFill
		b.Bucket(recordBucket).FillPercent = pageFill
		if err := t.doubtReceipts(); err != nil {
			return err
		}
		if err := do(t); err != nil {
			return err
		}
		if err := t.signHeads(); err != nil {
			return err
		}
		return t.flush()
	})
	if err != nil {
		return err
	}
	s.publish(t)
	return nil
}

// update runs do in a write transaction of the file. An error of do is the
// request's own, any other the disk's.
func (s *Store) update(do func(*bolt.Tx) error) error {
	var own error
	var commit int
	err := s.inFile(func(db *bolt.DB) error {
		return db.Update(func(tx *bolt.Tx) error {
			commit = tx.ID()
			own = do(tx)
			return own
		})
	})
	if own != nil || errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return err
	}
	return s.settle(commit, err)
}

func (s *Store) inFile(do func(*bolt.DB) error) error {
	s.file.RLock()
	defer s.file.RUnlock()
	return do(s.db)
}

// space returns a space as the transaction sees it, and whether there is one.
func (t *transaction) space(name crdt.Space) (space, bool) {
	if sp, ok := t.spaces[name]; ok {
		return sp, true
	}
	t.store.mu.RLock()
	defer t.store.mu.RUnlock()
	sp, ok := t.store.mirror.spaces[name]
	return sp, ok
}

// enter returns a space to be written into; the first to enter makes it.
func (t *transaction) enter(name crdt.Space) space {
	if sp, ok := t.spaces[name]; ok {
		return sp
	}
	t.store.mu.RLock()
	defer t.store.mu.RUnlock()
	sp, ok := t.store.mirror.spaces[name]
	if !ok {
		sp.number = t.nextNumber()
	}
	sp.frontier = sp.frontier.Clone()
	t.spaces[name] = sp
	return sp
}

// nameOf returns the name of a space that the file had before the transaction.
func (t *transaction) nameOf(number uint32) crdt.Space {
	t.store.mu.RLock()
	defer t.store.mu.RUnlock()
	return t.store.mirror.names[number]
}

// nextNumber returns a number that no space has. The caller holds the mirror.
func (t *transaction) nextNumber() uint32 {
	n := uint32(0)
	for _, spaces := range []map[crdt.Space]space{t.store.mirror.spaces, t.spaces} {
		for _, sp := range spaces {
			n = max(n, sp.number)
		}
	}
	return n + 1
}

func (t *transaction) head(st stream) head {
	for _, heads := range []map[stream]head{t.heads, t.quiet} {
		if h, ok := heads[st]; ok {
			return h
		}
	}
	if a := t.arms[st]; a != nil {
		return head{hash: a.Before}
	}
	t.store.mu.RLock()
	defer t.store.mu.RUnlock()
	if h, ok := t.store.mirror.heads[st]; ok {
		return h
	}
	return head{hash: t.store.mirror.origin(t.store.options.County, st)}
}

// set changes a head that does not grow by that.
func (t *transaction) set(st stream, h head) {
	if _, grown := t.heads[st]; grown {
		t.heads[st] = h
	} else {
		t.quiet[st] = h
	}
}

func (t *transaction) layers() layers { return t.store.layers(t.bolt) }

// record returns the state of a record as the transaction sees it.
func (t *transaction) record(name recordName) (*change, error) {
	if c, ok := t.records[name]; ok {
		return c, nil
	}
	c := &change{}
	if sp, ok := t.space(name.space); ok {
		b, err := t.known.get(recordKey(sp.number, name.id))
		if err != nil {
			return nil, err
		}
		if b != nil {
			c.entry = slices.Concat(name.id[:], b)
			if c.before, err = wire.DecodeRecord(b); err != nil {
				return nil, fmt.Errorf("record %s of %s is damaged: %v", name.id, name.space, err)
			}
			c.stored, c.after = true, c.before.Clone()
		}
	}
	t.records[name] = c
	return c, nil
}

// append puts a batch behind its stream: into the log, into the records, and
// into what is held.
func (t *transaction) append(st stream, entry []byte, batch crdt.Batch, h head) error {
	sp := t.enter(st.space)
	if err := t.bolt.Bucket(logBucket).Put(logKey(sp.number, st.writer, h.seq), entry); err != nil {
		return err
	}
	if err := t.fold(st.space, st.writer, h.seq, batch, sp.frontier); err != nil {
		return err
	}
	sp.frontier[st.writer] = h.seq
	delete(t.quiet, st)
	t.heads[st] = h
	t.clock = crdt.Witness(t.clock, batch.Stamp, t.store.options.Now().UnixMilli())
	return nil
}

// fold merges a batch into the records.
func (t *transaction) fold(name crdt.Space, w crdt.Writer, seq uint64, batch crdt.Batch, held crdt.Frontier) error {
	ops := t.turned(stream{name, w}, batch).Ops
	for from := 0; from < len(ops); {
		to := from + 1
		for to < len(ops) && ops[to].Record == ops[from].Record {
			to++
		}
		c, err := t.record(recordName{name, ops[from].Record})
		if err != nil {
			return err
		}
		c.written = true
		c.after.ApplyAll(crdt.Dot{Writer: w, Seq: seq, Index: uint32(from)}, batch.Stamp, ops[from:to], held)
		from = to
	}
	return nil
}

// names returns the transaction's records in key order: bbolt writes neighbours
// many times faster than strangers, and whoever is told of them is told in the
// same order on every replica.
func (t *transaction) names() []recordName {
	return slices.SortedFunc(maps.Keys(t.records), func(a, b recordName) int {
		if c := a.space.Compare(b.space); c != 0 {
			return c
		}
		return slices.Compare(a.id[:], b.id[:])
	})
}
