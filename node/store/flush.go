package store

import (
	"bytes"
	"errors"
	"maps"
	"slices"

	"wangge/crdt"
	"wangge/sync/wire"
)

// flush writes everything changed into the file's buckets.
func (t *transaction) flush() error {
	err := errors.Join(t.flushRecords(), t.flushReceipts(), t.flushStreams(), t.flushQuarantine(), t.flushMeta(), t.flushGrounds())
	for name, sp := range t.spaces {
		err = errors.Join(err, t.bolt.Bucket(spaceBucket).Put([]byte(name.String()), sp.encode()))
	}
	return err
}

// flushRecords writes the records that changed, and last their places in the lists of what changed
// lately, in order too: each would move all that came before it otherwise, as later ones stand further up.
func (t *transaction) flushRecords() error {
	names := t.names()
	t.changed = make([]recordName, 0, len(names))
	listed := make([][]byte, 0, len(names))
	for _, name := range names {
		c := t.records[name]
		if !c.written {
			continue
		}
		sp := t.spaces[name.space]
		if err := t.flushRecord(&sp, name.id, c); err != nil {
			return err
		}
		t.spaces[name.space] = sp
		t.changed = append(t.changed, name)
		listed = append(listed, recentKey(sp.number, name.id, c.after))
	}
	slices.SortFunc(listed, bytes.Compare)
	recent := t.bolt.Bucket(recentBucket)
	for _, key := range listed {
		if err := recent.Put(key, nil); err != nil {
			return err
		}
	}
	return nil
}

// entryRoom is what the id and record of a form take mostly.
const entryRoom = 512

func (t *transaction) flushRecord(sp *space, id crdt.RecordID, c *change) error {
	if err := t.flushAttached(sp.number, id, c); err != nil {
		return err
	}
	if c.stored {
		sp.sum = sp.sum.minus(shownSum(c.before, c.entry))
		if err := t.bolt.Bucket(recentBucket).Delete(recentKey(sp.number, id, c.before)); err != nil {
			return err
		}
	} else {
		sp.records++
	}
	entry := wire.AppendRecord(append(make([]byte, 0, max(len(c.entry), entryRoom)), id[:]...), c.after)
	sp.sum = sp.sum.plus(shownSum(c.after, entry))
	return t.bolt.Bucket(recordBucket).Put(recordKey(sp.number, id), entry[len(id):])
}

// flushStreams writes the heads that grew, and those whose levels have risen
// since the last commit.
func (t *transaction) flushStreams() error {
	t.levels = map[stream]head{}
	t.store.mu.RLock()
	for st := range t.store.mirror.unflushed {
		if _, grown := t.heads[st]; !grown {
			t.levels[st] = t.store.mirror.heads[st]
		}
	}
	t.store.mu.RUnlock()
	maps.Copy(t.levels, t.quiet)
	bucket := t.bolt.Bucket(streamBucket)
	for _, heads := range []map[stream]head{t.levels, t.heads} {
		for st, h := range heads {
			sp, _ := t.space(st.space)
			if h.seq == 0 { // all of it became an arm
				if err := bucket.Delete(streamKey(sp.number, st.writer)); err != nil {
					return err
				}
				continue
			}
			key := streamKey(sp.number, st.writer)
			if err := bucket.Put(key, h.encode(key)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *transaction) flushMeta() error {
	meta := t.bolt.Bucket(metaBucket)
	return errors.Join(
		putNumber(meta.Put, appliedKey, t.applied),
		putNumber(meta.Put, clockKey, uint64(t.clock)),
	)
}

// publish mirrors a transaction after its fsync and tells of it.
func (s *Store) publish(t *transaction) {
	s.mu.Lock()
	m := &s.mirror
	maps.Copy(m.spaces, t.spaces)
	for name, sp := range t.spaces {
		m.names[sp.number] = name
	}
	for st, h := range t.quiet {
		m.heads[st] = h.level(m.heads[st])
		m.gone(st, h)
	}
	for st, h := range t.levels {
		m.flushed(st, h)
	}
	for st, h := range t.heads {
		m.heads[st] = h.level(m.heads[st]) // levels may have changed since; the next commit flushes them
		m.flushed(st, h)
	}
	m.grounded(t)
	maps.Copy(m.signatories, t.signers)
	maps.Copy(m.completes, t.completes)
	maps.Copy(m.contacts, t.contacts)
	maps.Copy(m.peers, t.peers)
	maps.Copy(m.arms, t.arms)
	maps.Copy(m.freezes, t.freezes)
	maps.Copy(m.proofs, t.proofs)
	m.quarantine.published(t)
	if t.minted != nil {
		m.self = t.minted
	}
	m.recants.written = max(m.recants.written, t.recants)
	m.applied, m.clock = t.applied, t.clock
	s.mu.Unlock()
	s.files.settled(t.files)
	if s.options.Committed != nil && len(t.heads)+len(t.freezes) > 0 {
		s.options.Committed(t.event())
	}
}

// flushed notes that the file has a stream's head as h.
func (m *mirror) flushed(st stream, h head) {
	if m.heads[st] == h {
		delete(m.unflushed, st)
	}
}

func (t *transaction) event() Event {
	e := Event{Files: t.files.any}
	for st, h := range t.heads {
		e.Heads = append(e.Heads, wire.Mark{Space: st.space, Writer: st.writer, Seq: h.seq})
	}
	slices.SortFunc(e.Heads, compareMark)
	e.Changes = make([]Change, 0, len(t.changed))
	for _, name := range t.changed {
		c := t.records[name]
		e.Changes = append(e.Changes, Change{name.space, name.id, c.before, c.after})
	}
	return e
}
