package store

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"wangge/crdt"
	"wangge/sync/wire"
)

// Yield prepares for a chunk of the county's: where it holds another batch of a
// number than this store does, the county's is the stream and this store's is
// moved to an arm. The proofs are kept, to be told to the county.
func (s *Store) Yield(c wire.Chunk) error {
	_, refusals, undecided := s.check(c)
	if undecided.err != nil {
		return nil // Keep says so
	}
	for _, r := range refusals {
		if proof, ok := r.Beside.(wire.Fork); ok {
			if err := s.move(proof); err != nil {
				return err
			}
		}
	}
	for _, v := range s.vouchers(c) {
		a, ok := v.Signatory.(*arm)
		stem := stream{}
		if ok {
			stem = stream{a.Space, a.stem}
		}
		if !ok || s.headOf(stem).seq <= a.After || s.hashAt(stem, a.After+1) != a.First {
			continue
		}
		if err := s.commit(func(t *transaction) error { return t.rehome(stem, a.After, a.Before) }); err != nil {
			return err
		}
	}
	return s.takeBack(c)
}

// move gives a branch of the county's its name. The proof is kept instead of any that
// neighbours brought: of the branches of that one the county may hold neither.
func (s *Store) move(proof wire.Fork) error {
	return s.commit(func(t *transaction) error {
		return errors.Join(t.putProof(proof), t.rehome(stream{proof.Space, proof.Writer}, proof.Seq-1, proof.Before))
	})
}

// Hear takes a proof of a fork, or the county's word that it closed a stream.
// What is proven of this node's own writer ends it. Only at the county's word are
// streams moved; then it returns a doubt that asks for the county's batches. A
// false proof changes nothing.
func (s *Store) Hear(m wire.Message, county bool) ([]wire.Message, error) {
	switch m := m.(type) {
	case wire.Fork:
		if s.proves(m) != nil {
			return nil, nil
		}
		st, lost := stream{m.Space, m.Writer}, head{seq: m.Seq, hash: m.Before.Next(m.Branches[1].Batches[0])}
		if !county || s.hashAt(st, m.Seq) != lost.hash {
			return nil, s.heed(m)
		}
		if err := s.move(m); err != nil {
			return nil, err
		}
		d, _ := s.Doubt(m.Space, m.Writer)
		return []wire.Message{d}, nil
	case wire.Freeze:
		if county {
			return nil, s.close(m)
		}
	}
	return nil, nil
}

// close notes that the county takes no more of a stream, and makes an arm of
// what is held behind its end.
func (s *Store) close(f wire.Freeze) error {
	st := stream{f.Space, f.Writer}
	// What stands behind the end may have come there since, as an arm that was held under its stem's name.
	if known, ok := s.frozen(st); ok && known.Seq == f.Seq && known.Hash == f.Hash && s.headOf(st).seq <= f.Seq {
		return nil
	}
	s.doubt(f.Writer)
	return s.commit(func(t *transaction) error {
		if _, err := t.self(); err != nil {
			return err
		}
		if err := t.freeze(f); err != nil || t.head(st).seq < f.Seq || t.hashAfter(st, f.Seq) != f.Hash {
			return err
		}
		return errors.Join(t.rehome(st, f.Seq, f.Hash), t.endSigned(st, f.Signature))
	})
}

// endSigned keeps what vouches for a stream's end, if nothing does.
func (t *transaction) endSigned(st stream, signature []byte) error {
	h := t.head(st)
	sig, err := t.store.known(st.writer)
	if err != nil || sig == nil || !vouches(t.store.options.County, sig, sig.Signed, st, h, signature) {
		return err
	}
	sp, _ := t.space(st.space)
	key := logKey(sp.number, st.writer, h.seq)
	entry, err := t.layers().get(logLayer, key)
	own, b := splitEntry(entry)
	if err != nil || b == nil || len(own) > 0 {
		return err
	}
	return t.bolt.Bucket(logBucket).Put(key, joinEntry(signature, b))
}

// heed keeps a proof that nothing follows from here yet, so that the county hears
// of it. The writer that it proves to have signed twice signs no more.
func (s *Store) heed(proof wire.Fork) error {
	own := s.doubt(proof.Writer)
	s.mu.RLock()
	known := s.mirror.proofs[stream{proof.Space, proof.Writer}]
	s.mu.RUnlock()
	if known && !own {
		return nil
	}
	return s.commit(func(t *transaction) error {
		_, err := t.self()
		return errors.Join(err, t.keepProof(proof))
	})
}

// rehome makes an arm of what stands in a stream behind a batch: its batches
// stand under another name, byte for byte, and the records show what they would
// had they come so.
func (t *transaction) rehome(st stream, after uint64, before wire.Hash) error {
	if t.store.options.Author == nil {
		return errors.New("the county's own stream is no arm")
	}
	h := t.head(st)
	if h.seq <= after || after < h.floor.batch || t.hashAfter(st, after) != before {
		return nil // it was moved meanwhile
	}
	t.moves = true
	if err := t.giveUp(st); err != nil {
		return err
	}
	entries, err := t.cutOff(st, after)
	if err != nil {
		return err
	}
	name, v, err := t.armFor(st, after, before, entries[0])
	if err != nil {
		return err
	}
	if err := t.strip(st, after, entries); err != nil {
		return err
	}
	sp := t.enter(st.space)
	sp.frontier[st.writer] = after
	if after == 0 {
		delete(sp.frontier, st.writer)
	}
	delete(t.heads, st)
	t.quiet[st] = head{seq: after, hash: before, box: min(h.box, after), hub: min(h.hub, after), floor: h.floor}
	if err := t.introduce(v); err != nil {
		return err
	}
	if err := t.refile(stream{st.space, name}, head{hash: before}, entries); err != nil {
		return err
	}
	if h.floor.batch > 0 {
		t.hollow(st.space)
	}
	return nil
}

// armFor returns the name and the credential of the arm that begins with an entry.
func (t *transaction) armFor(st stream, after uint64, before wire.Hash, first []byte) (crdt.Writer, voucher, error) {
	_, b := splitEntry(first)
	credential := wire.Arm{
		Of:    bytes.Clone(t.bolt.Bucket(writersBucket).Get(writerKey(st.writer))),
		Space: st.space, After: after, Before: before, First: before.Next(b),
	}.Append(nil)
	sig, err := t.store.options.signatory(credential)
	if err != nil {
		return 0, voucher{}, fmt.Errorf("what %s signed twice in %s cannot be kept apart: %v", st.writer, st.space, err)
	}
	return sig.Writer(), voucher{sig, credential}, nil
}

// cutOff takes the entries of a stream behind a batch out of the log, each with
// all that vouches for it. In a pack they stay until the next compaction, where
// nobody looks behind a stream's head.
func (t *transaction) cutOff(st stream, after uint64) (entries [][]byte, err error) {
	sp, _ := t.space(st.space)
	last, err := treeOf(t.bolt, st.writer)
	if err != nil {
		return nil, err
	}
	log := t.bolt.Bucket(logBucket)
	for seq := after + 1; seq <= t.head(st).seq; seq++ {
		key := logKey(sp.number, st.writer, seq)
		entry, err := t.layers().get(logLayer, key)
		if err != nil {
			return nil, err
		}
		signature, b := splitEntry(bytes.Clone(entry))
		if signature, err = whole(t.bolt.Bucket(keptTreeBucket).Get, key, signature); err != nil {
			return nil, err
		}
		if b == nil {
			return nil, fmt.Errorf("the store is damaged: batch %d of %s in %s is missing", seq, st.writer, st.space)
		}
		if own, ok := last.vouch(sp.number, seq); ok && len(signature) == 0 {
			signature = own
		}
		entries = append(entries, joinEntry(signature, b))
		if err := log.Delete(key); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// strip takes out of the records what batches showed there under the stream's
// name, and notes what others replaced of that name: they mean the county's.
func (t *transaction) strip(st stream, after uint64, entries [][]byte) error {
	for _, entry := range entries {
		_, b := splitEntry(entry)
		batch, err := wire.DecodeBatch(b)
		if err != nil {
			return err
		}
		for _, op := range batch.Ops {
			c, err := t.record(recordName{st.space, op.Record})
			if err != nil {
				return err
			}
			c.written = true
			for id, cell := range c.after.Cells {
				c.after.Cells[id] = cell.Without(st.writer, after)
			}
			if op.Type == crdt.Counter || op.Type == crdt.Bounded {
				t.showAgain(st, after, op, c)
			}
		}
	}
	return t.expect(st, after)
}

// showAgain lets a record show the running totals up to the fork that an op
// behind it replaced: as an arm's it begins anew and replaces none.
func (t *transaction) showAgain(st stream, after uint64, op crdt.Op, c *change) {
	for _, d := range op.Replaces {
		if a := t.armOf(st); a != nil {
			d = a.here(d)
		}
		if d.Writer != st.writer || d.Seq > after {
			continue
		}
		if e, ok := t.entry(st.space, d); ok {
			c.after.Cells[op.Field] = c.after.Cells[op.Field].With(e)
		}
	}
}

// entry returns what an op shows in its field, as far as its batch is at hand.
func (t *transaction) entry(name crdt.Space, d crdt.Dot) (crdt.Entry, bool) {
	sp, _ := t.space(name)
	logged, err := t.layers().get(logLayer, logKey(sp.number, d.Writer, d.Seq))
	_, b := splitEntry(logged)
	batch, err2 := wire.DecodeBatch(b)
	if err != nil || err2 != nil || int(d.Index) >= len(batch.Ops) {
		return crdt.Entry{}, false
	}
	batch = t.turned(stream{name, d.Writer}, batch)
	return crdt.Entry{Dot: d, Stamp: batch.Stamp, Value: batch.Ops[d.Index].Value}, true
}

// expect goes through the space's log for ops of others that replaced batches of
// the stream behind a point, and kills what they name: the county's are to come.
func (t *transaction) expect(st stream, after uint64) error {
	sp, _ := t.space(st.space)
	mine := func(d crdt.Dot) bool { return d.Writer == st.writer && d.Seq > after }
	from, to := spaceKeys(sp.number)
	return t.layers().each(logLayer, from, to, func(k, v []byte) error {
		_, w, seq, _ := splitLogKey(k)
		if h := t.head(stream{st.space, w}); seq <= h.floor.batch || seq > h.seq || w == st.writer && seq > after {
			return nil
		}
		_, b := splitEntry(v)
		batch, err := wire.DecodeBatch(b)
		if err != nil {
			return fmt.Errorf("the store is damaged: batch %d of %s in %s cannot be read: %v", seq, w, st.space, err)
		}
		for _, op := range t.turned(stream{st.space, w}, batch).Ops {
			if !slices.ContainsFunc(op.Replaces, mine) {
				continue
			}
			c, err := t.record(recordName{st.space, op.Record})
			if err != nil {
				return err
			}
			c.written = true
			for _, d := range op.Replaces {
				if mine(d) {
					c.after.Cells[op.Field] = c.after.Cells[op.Field].Kill(d)
				}
			}
		}
		return nil
	})
}

// gone forgets a stream of which nothing is left. What peers refused of one that
// was cut off is said anew.
func (m *mirror) gone(st stream, h head) {
	if m.quarantine.ours[st].Mark.Seq > h.seq {
		m.quarantine.taken(st)
	}
	if h.seq == 0 {
		delete(m.heads, st)
		delete(m.unflushed, st)
	}
}
