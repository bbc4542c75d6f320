package store

import (
	"fmt"

	"wangge/crdt"
	"wangge/sync/wire"
)

// A hub that was restored to before a fork may choose the other branch. What the county had
// before is an arm here by then, as any branch is that it does not have under the name; and
// what it has now was an arm, and is the stream again.

// takeBack gives arms back the name that they left, where the county's chunk brings their
// first batch under it.
func (s *Store) takeBack(c wire.Chunk) error {
	for _, run := range c.Runs {
		for _, a := range s.armsIn(run) {
			if err := s.commit(func(t *transaction) error { return t.takeBack(a) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// armsIn returns the arms held here of whose first batches a run of their stem has one.
func (s *Store) armsIn(run wire.Run) (arms []*arm) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for st, a := range s.mirror.arms {
		if a.Space != run.Space || a.stem != run.Writer || s.mirror.heads[st].seq == 0 || a.After+1 < run.First || a.After >= run.Last() {
			continue
		}
		if a.Before.Next(run.Batches[a.After+1-run.First]) == a.First {
			arms = append(arms, a)
		}
	}
	return arms
}

// takeBack puts an arm's batches behind the stem's end, where they leave it. The arm's
// credential stays: it tells what a pack still has under the arm's name. An arm of which arms
// leave, or whose beginning is trimmed, stays as it is.
func (t *transaction) takeBack(a *arm) error {
	stem, own := stream{a.Space, a.stem}, stream{a.Space, a.name}
	h, held := t.head(stem), t.head(own)
	if h.seq != a.After || h.hash != a.Before || held.seq == 0 || held.floor.batch > 0 || len(t.armsOf(own)) > 0 {
		return nil
	}
	t.moves = true
	entries, err := t.cutOff(own, 0)
	if err == nil {
		err = t.strip(own, 0, entries)
	}
	if err != nil {
		return err
	}
	delete(t.enter(a.Space).frontier, a.name)
	delete(t.heads, own)
	t.quiet[own] = head{hash: a.Before}
	return t.refile(stem, h, entries)
}

// refile puts entries of another stream behind a stream's head, byte for byte.
func (t *transaction) refile(st stream, h head, entries [][]byte) error {
	for _, entry := range entries {
		_, b := splitEntry(entry)
		batch, err := wire.DecodeBatch(b)
		h.seq, h.hash = h.seq+1, h.hash.Next(b)
		if err != nil {
			return fmt.Errorf("the store is damaged: what is batch %d of %s in %s now cannot be read: %v", h.seq, st.writer, st.space, err)
		}
		if err := t.append(st, entry, batch, h); err != nil {
			return err
		}
	}
	return nil
}

// tookBack reports whether a writer is an arm that became its stem again, as what the stem
// has in its place shows. A pack may still have it under the arm's name.
func (x *examination) tookBack(number uint32, w crdt.Writer) bool {
	a, ok := x.vouchers[w].Signatory.(*arm)
	if !ok || x.heads[stream{a.Space, w}].seq > 0 {
		return false
	}
	return a.Before.Next(x.pages.batch(number, a.stem, a.After+1)) == a.First
}
