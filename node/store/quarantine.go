package store

import (
	"bytes"
	"maps"
	"slices"

	bolt "go.etcd.io/bbolt"

	"wangge/sync/wire"
)

// quarantine is what is known of work that was not taken: a stream at most once
// on either side. It is on file, for a person may come days later.
type quarantine struct {
	ours      map[stream]wire.Quarantine // what peers did not take of this node
	theirs    map[stream]wire.Quarantine // what this node did not take of peers
	unwritten map[stream]bool            // of ours, what the file does not know yet
}

func newQuarantine() quarantine {
	return quarantine{map[stream]wire.Quarantine{}, map[stream]wire.Quarantine{}, map[stream]bool{}}
}

const (
	// quarantineMax bounds what is noted on either side; a device that is refused
	// everything makes many entries of one fault.
	quarantineMax = 1000
	// quarantineEach bounds what is noted of one device's offers, so that it leaves
	// room for others.
	quarantineEach = 100
)

// The sides of the bucket, first bytes of its keys.
const (
	sideOurs   = 'o'
	sideTheirs = 't'
)

var quarantineBucket = []byte("quarantine")

func quarantineKey(side byte, st stream) []byte { return append([]byte{side}, forkKey(st)...) }

// Refused notes that a peer did not take a stream of ours, until it or one whose
// word counts as much does. The mark's level is what its word proves.
func (s *Store) Refused(r wire.Refusal) { s.RefusedBy(wire.Quarantine{Refusal: r}) }

// RefusedBy is Refused, with who refused and when. What was known stays as it was
// noted first.
func (s *Store) RefusedBy(q wire.Quarantine) {
	if s.noteOurs(q) && s.options.Author != nil {
		_ = s.commit(func(*transaction) error { return nil }) // should the disk not take it, the next commit tries again
	}
}

func (s *Store) noteOurs(q wire.Quarantine) (fresh bool) {
	q.Beside = nil // no part of what is kept
	st := stream{q.Mark.Space, q.Mark.Writer}
	s.mu.Lock()
	defer s.mu.Unlock()
	h, known := s.mirror.heads[st], s.mirror.quarantine.ours
	moved := h.seq < q.Mark.Seq // to an arm, meanwhile
	settled := s.options.Author != nil && h.hub >= q.Mark.Seq
	if moved || settled || sameReason(known[st], q) || len(known) >= quarantineMax || sound(q.Mark.Space) != nil {
		return false
	}
	known[st], s.mirror.quarantine.unwritten[st] = q, true
	return true
}

// sameReason leaves out through whom: one fault comes by many ways.
func sameReason(a, b wire.Quarantine) bool { return a.Mark == b.Mark && a.Why == b.Why }

// Refusals returns what peers did not take, in order of spaces and writers.
func (s *Store) Refusals() []wire.Quarantine {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return inOrder(s.mirror.quarantine.ours)
}

// Quarantine notes, at a box, that a part of what a peer offered was not taken,
// until that stream is held so far.
func (s *Store) Quarantine(q wire.Quarantine) error {
	if s.Quarantines(q) {
		return nil
	}
	return s.commit(func(t *transaction) error { return t.quarantine(q) })
}

// Quarantines reports whether there is nothing to note: it is known, what it is
// about is held by now, or there is no room for it.
func (s *Store) Quarantines(q wire.Quarantine) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	st := stream{q.Mark.Space, q.Mark.Writer}
	known, ok := s.mirror.quarantine.theirs[st]
	if ok {
		return sameReason(known, q)
	}
	return s.mirror.heads[st].seq >= q.Mark.Seq || full(s.mirror.quarantine.theirs, q.Device) || sound(q.Mark.Space) != nil
}

func full(known map[stream]wire.Quarantine, device uint32) bool {
	n := 0
	for _, q := range known {
		if q.Device == device {
			n++
		}
	}
	return len(known) >= quarantineMax || n >= quarantineEach
}

// Quarantined returns what this node did not take, in order of spaces and writers.
func (s *Store) Quarantined() []wire.Quarantine {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return inOrder(s.mirror.quarantine.theirs)
}

func inOrder(noted map[stream]wire.Quarantine) []wire.Quarantine {
	all := slices.Collect(maps.Values(noted))
	slices.SortFunc(all, func(a, b wire.Quarantine) int { return compareMark(a.Mark, b.Mark) })
	return all
}

// quarantine notes what was not taken. Like all that is committed it follows from
// the file and the entry alone.
func (t *transaction) quarantine(q wire.Quarantine) error {
	q.Beside, q.Mark.Level = nil, 0
	st := stream{q.Mark.Space, q.Mark.Writer}
	t.store.mu.RLock()
	known := maps.Clone(t.store.mirror.quarantine.theirs)
	t.store.mu.RUnlock()
	for st, q := range t.theirs {
		if known[st] = q; q == (wire.Quarantine{}) {
			delete(known, st)
		}
	}
	before, again := known[st]
	if sound(st.space) != nil || again && sameReason(before, q) || t.head(st).seq >= q.Mark.Seq || !again && full(known, q.Device) {
		return nil
	}
	t.theirs[st] = q
	return t.bolt.Bucket(quarantineBucket).Put(quarantineKey(sideTheirs, st), wire.Encode(q))
}

// release takes out of quarantine what this transaction has taken after all.
func (t *transaction) release() error {
	bucket := t.bolt.Bucket(quarantineBucket)
	for _, heads := range []map[stream]head{t.heads, t.quiet} {
		for st, h := range heads {
			q, ok := t.theirs[st]
			if !ok {
				t.store.mu.RLock()
				q, ok = t.store.mirror.quarantine.theirs[st]
				t.store.mu.RUnlock()
			}
			if !ok || h.seq < q.Mark.Seq {
				continue
			}
			t.theirs[st] = wire.Quarantine{}
			if err := bucket.Delete(quarantineKey(sideTheirs, st)); err != nil {
				return err
			}
		}
	}
	return nil
}

// flushQuarantine writes what has changed of what peers did not take.
func (t *transaction) flushQuarantine() error {
	if err := t.release(); err != nil {
		return err
	}
	t.store.mu.RLock()
	for st := range t.store.mirror.quarantine.unwritten {
		t.ours[st] = t.store.mirror.quarantine.ours[st]
	}
	t.store.mu.RUnlock()
	bucket := t.bolt.Bucket(quarantineBucket)
	for st, q := range t.ours {
		var err error
		switch key := quarantineKey(sideOurs, st); {
		case t.store.options.Author == nil: // replicas' files stay equal
		case q == (wire.Quarantine{}):
			err = bucket.Delete(key)
		default:
			err = bucket.Put(key, wire.Encode(q))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// published notes what the file knows now. The caller holds the mirror.
func (q *quarantine) published(t *transaction) {
	for st, noted := range t.theirs {
		if q.theirs[st] = noted; noted == (wire.Quarantine{}) {
			delete(q.theirs, st)
		}
	}
	for st, written := range t.ours {
		if q.ours[st] == written {
			delete(q.unwritten, st)
		}
	}
}

// taken notes that a peer has taken a stream after all, or that what it refused
// stands elsewhere. The caller holds the mirror.
func (q *quarantine) taken(st stream) {
	if _, ok := q.ours[st]; ok {
		delete(q.ours, st)
		q.unwritten[st] = true
	}
}

// load reads what the file knows. What the county has by now is no trouble, and
// neither is a note that cannot be read: no node must fail to start over one.
func (q *quarantine) load(tx *bolt.Tx, heads map[stream]head) error {
	return tx.Bucket(quarantineBucket).ForEach(func(k, v []byte) error {
		m, err := wire.Decode(bytes.Clone(v)) // it is kept, and the file's pages are not
		noted, ok := m.(wire.Quarantine)
		if err != nil || !ok || len(k) < 9 {
			return nil
		}
		st := stream{noted.Mark.Space, noted.Mark.Writer}
		switch h := heads[st]; {
		case k[0] == sideTheirs:
			q.theirs[st] = noted
		case h.hub < noted.Mark.Seq && h.seq >= noted.Mark.Seq:
			q.ours[st] = noted
		}
		return nil
	})
}
