package store

import (
	"wangge/sync/wire"
)

// Keep verifies a chunk and makes what is good durable in one commit. The levels
// of the marks are left to whoever knows what this store's word counts. An error
// means that the store could not be read or written, and nothing was kept.
func (s *Store) Keep(c wire.Chunk) (wire.Ack, []wire.Refusal, error) {
	runs, refusals, undecided := s.check(c)
	if undecided.err != nil {
		return wire.Ack{}, nil, undecided.err
	}
	for _, r := range refusals {
		if proof, ok := r.Beside.(wire.Fork); ok {
			if err := s.heed(proof); err != nil {
				return wire.Ack{}, nil, err
			}
		}
	}
	if len(runs) == 0 {
		return wire.Ack{}, refusals, nil
	}
	var ack wire.Ack
	var late []wire.Refusal
	err := s.commit(func(t *transaction) (err error) {
		ack, late, err = t.keep(runs)
		return err
	})
	if err != nil {
		return wire.Ack{}, nil, err
	}
	return ack, append(refusals, late...), nil
}

// Applied returns the index of the last committed entry that the file holds.
func (s *Store) Applied() uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.mirror.applied
}

// Apply keeps what the county committed, chunks and notes, in the order of
// their indexes, all in one transaction with the last index. Chunks were
// verified before they were proposed; what they do here depends on the file's
// content alone, so that replicas stay equal. What was applied before changes
// nothing, and what is neither changes nothing but the index.
func (s *Store) Apply(indexes []uint64, entries []wire.Message) ([]wire.Ack, [][]wire.Refusal, error) {
	acks, refusals := make([]wire.Ack, len(entries)), make([][]wire.Refusal, len(entries))
	err := s.commit(func(t *transaction) error {
		for i, entry := range entries {
			var err error
			switch entry := entry.(type) {
			case wire.Chunk:
				acks[i], refusals[i], err = t.apply(entry)
			case wire.Office:
				acks[i], refusals[i], err = t.office(entry)
			case wire.Complete:
				err = t.complete(entry)
			case wire.Heard:
				err = t.hear(entry)
			case wire.Troubles:
				err = t.tell(entry)
			case wire.Fork:
				err = t.fork(entry)
			case wire.Quarantine:
				err = t.quarantine(entry)
			case wire.Aside:
				err = t.putAside(entry)
			}
			if err != nil {
				return err
			}
			t.applied = max(t.applied, indexes[i])
		}
		return nil
	})
	return acks, refusals, err
}

// apply takes the chain's word for a committed chunk.
func (t *transaction) apply(c wire.Chunk) (wire.Ack, []wire.Refusal, error) {
	brought := t.store.vouchers(c)
	var runs []checked
	var refusals []wire.Refusal
	for _, run := range c.Runs {
		ch, err := read(run)
		if err == nil {
			err = sound(run.Space)
		}
		if err != nil {
			refusals = append(refusals, refusal(run, err))
			continue
		}
		ch.voucher = brought[run.Writer]
		runs = append(runs, ch)
	}
	ack, late, err := t.keep(runs)
	return ack, append(refusals, late...), err
}

func (t *transaction) keep(runs []checked) (ack wire.Ack, refusals []wire.Refusal, err error) {
	for _, c := range runs {
		err := t.keepRun(c)
		if why := reason(err); why != nil {
			refusals = append(refusals, refusal(c.run, why))
			continue
		} else if err != nil {
			return ack, nil, err
		}
		h := t.head(stream{c.run.Space, c.run.Writer})
		ack.Marks = append(ack.Marks, wire.Mark{Space: c.run.Space, Writer: c.run.Writer, Seq: h.seq})
	}
	return ack, refusals, nil
}

// introduce keeps a writer's credential, instead of an older one: whoever is
// handed the stream from here is handed it too.
func (t *transaction) introduce(v voucher) error {
	t.signers[v.Writer()] = v.Signatory
	if a, ok := v.Signatory.(*arm); ok {
		t.arms[stream{a.Space, a.name}] = a
	}
	return t.bolt.Bucket(writersBucket).Put(writerKey(v.Writer()), v.credential)
}

// keepRun appends what is new of a run to its stream. The stream may have grown
// since the run was checked.
func (t *transaction) keepRun(c checked) error {
	st := stream{c.run.Space, c.run.Writer}
	h, err := t.begin(st, c)
	if err != nil {
		return err
	}
	if c.run.First > h.seq+1 {
		return gap(st, h, c.run)
	}
	n := min(int(h.seq-c.run.First+1), len(c.run.Batches))
	sp, _ := t.space(st.space)
	if err := compare(t.layers(), sp.number, st, c.run, n, h.floor); err != nil || n == len(c.run.Batches) {
		return err
	}
	if err := t.countable(st, h, c.batches[n:]); err != nil {
		return err
	}
	chain := chainOf(h.hash, c.run.Batches[n:])
	if err := t.own(st, h.seq, chain); err != nil {
		return err
	}
	if f, frozen := t.frozen(st); frozen && c.run.Last() > f.Seq {
		return closed(f)
	}
	if c.end != (wire.Hash{}) && c.end != chain[len(chain)-1] {
		return fork{st, h.seq + 1}
	}
	if c.voucher != nil {
		if err := t.introduce(*c.voucher); err != nil {
			return err
		}
	}
	if err := t.giveUp(st); err != nil {
		return err
	}
	return t.extend(st, h, c, chain)
}

// begin returns the head that a run goes on from: of an arm that is new here,
// where it leaves its trunk.
func (t *transaction) begin(st stream, c checked) (head, error) {
	h := t.head(st)
	if h.seq > 0 || wire.ArmDepth(st.writer) == 0 {
		return h, nil
	}
	a := t.armOf(st) // known from before its space was dropped
	if c.voucher != nil {
		brought, ok := c.voucher.Signatory.(*arm)
		if !ok {
			return h, nil // a writer named before names of arms were told apart
		}
		a = brought
	}
	if a == nil {
		return h, refuse(wire.WhyStranger, "nobody vouches for the arm %s here: its credential is missing", st.writer)
	}
	return head{hash: a.Before}, t.admit(a)
}

// chainOf returns the hashes of a chain after each of some batches.
func chainOf(h wire.Hash, batches [][]byte) []wire.Hash {
	chain := make([]wire.Hash, len(batches))
	for i, b := range batches {
		h = h.Next(b)
		chain[i] = h
	}
	return chain
}

// extend appends a run's last batches, of which chain has the hashes; the very last
// takes the signature.
func (t *transaction) extend(st stream, h head, c checked, chain []wire.Hash) error {
	n := len(c.run.Batches) - len(chain)
	for i, b := range c.run.Batches[n:] {
		h.seq, h.hash = h.seq+1, chain[i]
		var signature []byte
		if h.seq == c.run.Last() {
			signature = c.run.Signature
		}
		if err := t.append(st, joinEntry(signature, b), c.batches[n+i], h); err != nil {
			return err
		}
	}
	return nil
}
