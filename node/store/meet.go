package store

import (
	"encoding/binary"

	"wangge/crdt"
	"wangge/sync/wire"
)

// peer is what is remembered of a machine that was met.
type peer struct {
	epoch    uint64 // of its file when it last greeted
	believed bool   // its word alone has made this node give up a writer; forgotten at the end
}

// Met takes a peer's greeting, in which it says what it holds of every space for
// which about is true, and what its word proves. Levels that it proved once fall
// to what it shows now: the county's always, because all of the hub's replicas
// hold what it has committed; a box's when its file is another than before, for
// a box may hold less than another one. What is shown is held by somebody, or
// will be proven again within a meeting.
//
// Who shows more of this node's present writer than this node holds tells that
// it was restored or copied, and a new writer is minted before Met returns. A
// peer is believed once without showing the batches.
func (s *Store) Met(hello wire.Hello, about func(crdt.Space) bool, proves wire.Level) {
	s.Told(hello, about, proves, s.now(), true)
}

// Told takes a greeting as Met does, one that was written down at a moment and
// carried here. What is not the latest that is known of its writer says nothing of
// what that holds today, and lowers nothing; that somebody held more of this
// node's writer stays true.
func (s *Store) Told(hello wire.Hello, about func(crdt.Space) bool, proves wire.Level, at crdt.Stamp, latest bool) {
	if s.options.Author == nil {
		return // the hub holds what was committed, and writes nothing
	}
	known := s.met(hello.Device)
	next, less := known, false
	if latest {
		next.epoch = hello.Epoch
		less = s.present(hello, about, proves, at)
	}
	if me := s.self().Name(); !known.believed && s.isAhead(hello.Holds, me) && s.doubt(me) {
		next.believed = true
	}
	if next == known && !less {
		return
	}
	if less {
		s.recant()
	}
	// Should the disk not take it, the writer stays given up and the receipts doubted, and the next commit tries again.
	_ = s.commit(func(t *transaction) error {
		if _, err := t.self(); err != nil {
			return err
		}
		t.peers[hello.Device] = next
		return t.bolt.Bucket(peerBucket).Put(deviceKey(hello.Device), binary.BigEndian.AppendUint64(nil, next.epoch))
	})
}

// present lowers levels to what a peer shows today. less says that the county may have
// less than it had.
func (s *Store) present(hello wire.Hello, about func(crdt.Space) bool, proves wire.Level, at crdt.Stamp) (less bool) {
	known := s.met(hello.Device)
	restored := known.epoch != 0 && known.epoch != hello.Epoch
	if proves >= wire.AtCounty || restored {
		less = s.fall(hello.Holds, about, proves)
	}
	if proves >= wire.AtCounty {
		s.hear(about, known.epoch != hello.Epoch, min(at, s.now()))
	}
	return proves >= wire.AtCounty && (less || restored)
}

func (s *Store) met(device uint32) peer {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.mirror.peers[device]
}

// fall lowers levels to what a peer shows. What the hub has lost, no box is
// known to hold: where boxes do, they prove it again. fell says whether any was lowered.
func (s *Store) fall(holds map[crdt.Space]crdt.Frontier, about func(crdt.Space) bool, proves wire.Level) (fell bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for st, h := range s.mirror.heads {
		shown := holds[st.space][st.writer]
		switch {
		case !about(st.space):
			continue
		case proves < wire.AtCounty:
			h.box = min(h.box, max(shown, h.hub))
		case shown < h.hub:
			h.hub, h.box = shown, min(h.box, shown)
			h.had.batch = min(h.had.batch, shown)
		}
		if h != s.mirror.heads[st] {
			s.mirror.heads[st] = h
			s.mirror.unflushed[st] = true
			fell = true
		}
	}
	return fell
}

// hear notes a greeting of the county's. One from a file that was not met before
// may be a backup's: since when the county has a batch counts anew.
func (s *Store) hear(about func(crdt.Space) bool, anew bool, at crdt.Stamp) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mirror.heard = at
	for st, h := range s.mirror.heads {
		if anew && h.had != (since{}) && about(st.space) {
			h.had = since{}
			s.mirror.heads[st], s.mirror.unflushed[st] = h, true
		}
	}
}

// Heard returns when the county greeted last, by this node's clock, 0 if it has not
// since the start: what is known of its levels is as old as that.
func (s *Store) Heard() crdt.Stamp {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.mirror.heard
}

// isAhead reports whether somebody holds more of a writer's streams than this
// store does.
func (s *Store) isAhead(holds map[crdt.Space]crdt.Frontier, w crdt.Writer) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for name, f := range holds {
		if f[w] > s.mirror.heads[stream{name, w}].seq {
			return true
		}
	}
	return false
}

func deviceKey(device uint32) []byte { return binary.BigEndian.AppendUint32(nil, device) }

func (m *mirror) loadPeer(k, v []byte) error {
	if len(k) == 4 {
		m.peers[binary.BigEndian.Uint32(k)] = peer{epoch: number(v)}
	}
	m.loadGrounds(k, v)
	return nil
}
