package store

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"wangge/crdt"
	"wangge/sync/wire"
)

// trimMax is how many batches one transaction of Trim takes out of the log: other
// writers wait for it.
const trimMax = 2000

// Trim takes batches out of the log that the county has committed and that were
// saved before a moment, and returns how many. Their records stay as they are, the
// stream's floor says how far they went, and the room in the file is used again; that
// of packs once the file is compacted.
// The moment should be older than the county's backups: a hub that is restored
// from one is fed again from the boxes' logs.
func (s *Store) Trim(before crdt.Stamp) (trimmed int, err error) {
	if s.options.Author == nil {
		return 0, errors.New("the hub keeps every batch: trim at a box")
	}
	streams, err := s.trimmable(before)
	for len(streams) > 0 && err == nil {
		var n, done int
		err = s.commit(func(t *transaction) (err error) {
			n, done, err = t.trimAll(streams, before)
			return err
		})
		if err == nil {
			trimmed, streams = trimmed+n, streams[done:]
		}
	}
	return trimmed, err
}

// trimmable returns the streams of which the county has something in the log that
// is old, in the order of the log.
func (s *Store) trimmable(before crdt.Stamp) (streams []stream, err error) {
	s.mu.RLock()
	for st, h := range s.mirror.heads {
		if h.hub > h.floor.batch && !s.mirror.spaces[st.space].hollow {
			streams = append(streams, st)
		}
	}
	s.mu.RUnlock()
	slices.SortFunc(streams, func(a, b stream) int {
		x, _ := s.numberOf(a.space)
		y, _ := s.numberOf(b.space)
		return cmp.Or(cmp.Compare(x, y), cmp.Compare(a.writer, b.writer))
	})
	err = s.view(func(tx *bolt.Tx) error {
		streams = slices.DeleteFunc(streams, func(st stream) bool {
			number, _ := s.numberOf(st.space)
			entry, _ := s.layers(tx).get(logLayer, logKey(number, st.writer, s.headOf(st).floor.batch+1))
			_, b := splitEntry(entry)
			batch, err := wire.DecodeBatch(b)
			return err == nil && batch.Stamp >= before // what cannot be read is told when it is trimmed
		})
		return nil
	})
	return streams, err
}

// trimAll trims one stream after the other until it has taken out as much as a
// transaction may, and returns how many streams are done.
func (t *transaction) trimAll(streams []stream, before crdt.Stamp) (trimmed, done int, err error) {
	for _, st := range streams {
		n, err := t.trim(st, before, trimMax-trimmed)
		if trimmed += n; err != nil || trimmed == trimMax {
			return trimmed, done, err
		}
		done++
	}
	return trimmed, done, nil
}

func (t *transaction) trim(st stream, before crdt.Stamp, most int) (trimmed int, err error) {
	sp, h := t.enter(st.space), t.head(st)
	keys, err := t.trimKeys(sp.number, st, &h, before, most)
	if err != nil || len(keys) == 0 {
		return 0, err
	}
	for _, k := range keys {
		err = errors.Join(err, t.bolt.Bucket(logBucket).Delete(k))
	}
	t.set(st, h)
	return len(keys), err
}

// trimKeys raises a head's floor as far as batches may go, and returns their keys.
func (t *transaction) trimKeys(number uint32, st stream, h *head, before crdt.Stamp, most int) (keys [][]byte, err error) {
	if h.floor == (floor{}) {
		h.floor.chain = t.origin(st)
	}
	from, prefix := logKey(number, st.writer, h.floor.batch+1), streamKey(number, st.writer)
	err = t.layers().each(logLayer, from, nil, func(k, v []byte) error {
		_, b := splitEntry(v)
		batch, err := wire.DecodeBatch(b)
		switch {
		case !bytes.HasPrefix(k, prefix) || h.floor.batch >= h.hub || len(keys) == most:
			return errStop
		case err != nil:
			return fmt.Errorf("batch %d of %s in %s cannot be read: look at the file with wangge verify", h.floor.batch+1, st.writer, st.space)
		case batch.Stamp >= before:
			return errStop
		}
		keys = append(keys, bytes.Clone(k))
		h.floor = floor{h.floor.batch + 1, h.floor.chain.Next(b)}
		return nil
	})
	if errors.Is(err, errStop) {
		err = nil
	}
	return keys, err
}

// Floors returns, of every space for which about is true, up to where batches are
// merged and no longer in the log.
func (s *Store) Floors(about func(crdt.Space) bool) map[crdt.Space]crdt.Frontier {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := map[crdt.Space]crdt.Frontier{}
	for st, h := range s.mirror.heads {
		if h.floor.batch == 0 || !about(st.space) {
			continue
		}
		if all[st.space] == nil {
			all[st.space] = crdt.Frontier{}
		}
		all[st.space][st.writer] = h.floor.batch
	}
	return all
}
