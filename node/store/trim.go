package store

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"

	"wangge/crdt"
)

// trimMax is how many batches one transaction of Trim takes out of the log: other
// writers wait for it.
const trimMax = 2000

// Trim takes batches out of the log that the county has had since before a moment,
// and returns how many. Their records stay as they are, the stream's floor says how
// far they went, and the room in the file is used again; that of packs once the file
// is compacted.
// The moment should be older than the county's backups, counted from when it was
// Heard last: a hub that is restored from one is fed again from the boxes' logs. It is not asked when the batches were
// written: who comes home after months brings old ones that no backup has.
func (s *Store) Trim(before crdt.Stamp) (trimmed int, err error) {
	if s.options.Author == nil {
		return 0, errors.New("the hub keeps every batch: trim at a box")
	}
	streams := s.trimmable(before)
	for len(streams) > 0 && err == nil {
		var n, done int
		err = s.commit(func(t *transaction) (err error) {
			n, done, err = t.trimAll(streams)
			return err
		})
		if err == nil {
			trimmed, streams = trimmed+n, streams[done:]
		}
	}
	return trimmed, err
}

// trimmable returns the streams of which the county has had something since before
// a moment that is in the log, in the order of the log.
func (s *Store) trimmable(before crdt.Stamp) (streams []stream) {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for st, h := range s.mirror.heads {
		if h.had.moment < before && h.had.batch > h.floor.batch && !s.mirror.spaces[st.space].hollow {
			streams = append(streams, st)
		} else if h.date(now) {
			s.mirror.heads[st], s.mirror.unflushed[st] = h, true
		}
	}
	slices.SortFunc(streams, func(a, b stream) int {
		x, y := s.mirror.spaces[a.space].number, s.mirror.spaces[b.space].number
		return cmp.Or(cmp.Compare(x, y), cmp.Compare(a.writer, b.writer))
	})
	return streams
}

// date notes that the county has by now what it is known to have, and reports
// whether that is new. What was noted before stays until it is trimmed; a clock that
// went back makes it anew. Like levels, a note that a crash forgets is made again.
func (h *head) date(now crdt.Stamp) bool {
	if h.hub <= h.floor.batch || h.had.batch > h.floor.batch && h.had.moment <= now {
		return false
	}
	h.had = since{h.hub, now}
	return true
}

func (s *Store) now() crdt.Stamp { return crdt.NewStamp(s.options.Now().UnixMilli()) }

// trimAll trims one stream after the other until it has taken out as much as a
// transaction may, and returns how many streams are done.
func (t *transaction) trimAll(streams []stream) (trimmed, done int, err error) {
	for _, st := range streams {
		n, err := t.trim(st, trimMax-trimmed)
		if trimmed += n; err != nil || trimmed == trimMax {
			return trimmed, done, err
		}
		done++
	}
	return trimmed, done, nil
}

func (t *transaction) trim(st stream, most int) (trimmed int, err error) {
	sp, h := t.enter(st.space), t.head(st)
	keys, err := t.trimKeys(sp.number, st, &h, most)
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
func (t *transaction) trimKeys(number uint32, st stream, h *head, most int) (keys [][]byte, err error) {
	if h.floor == (floor{}) {
		h.floor.chain = t.origin(st)
	}
	from, prefix := logKey(number, st.writer, h.floor.batch+1), streamKey(number, st.writer)
	err = t.layers().each(logLayer, from, nil, func(k, v []byte) error {
		_, _, seq, _ := splitLogKey(k)
		_, b := splitEntry(v)
		switch {
		case !bytes.HasPrefix(k, prefix) || h.floor.batch >= h.had.batch || len(keys) == most:
			return errStop
		case seq != h.floor.batch+1 || len(b) == 0:
			return fmt.Errorf("batch %d of %s in %s cannot be read: look at the file with wangge verify", h.floor.batch+1, st.writer, st.space)
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
