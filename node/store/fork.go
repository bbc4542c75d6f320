package store

import (
	"bytes"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"wangge/crdt"
	"wangge/sync/wire"
)

// fork is the error of a run that holds another batch of a number than this
// store does.
type fork struct {
	stream
	seq uint64
}

// Error says what it means to who looks after the sender.
func (f fork) Error() string {
	return fmt.Sprintf("writer %s signed two different batches %d in %s: its device was copied or restored", f.writer, f.seq, f.space)
}

// apart returns the refusal of a run in which a fork was found, and beside it the
// proof. A run that its writer did not sign proves nothing and is false.
func (s *Store) apart(run wire.Run, sigs []*voucher, f fork) (wire.Refusal, error) {
	r := refusal(run, f)
	proof, err := s.prove(run, sigs, f)
	switch {
	case errors.Is(err, errNoProof):
		return r, nil
	case err != nil:
		return r, err
	case s.proves(proof) != nil:
		return refusal(run, unproven(run)), nil
	}
	r.Beside = proof
	return r, nil
}

func (s *Store) prove(run wire.Run, sigs []*voucher, f fork) (wire.Fork, error) {
	held, ok, err := s.Run(f.space, f.writer, f.seq-1, 0)
	if err != nil {
		return wire.Fork{}, err
	}
	if !ok {
		return wire.Fork{}, errNoProof
	}
	credential := sigs[0].credential
	if credential == nil {
		if credential, err = s.Credential(f.writer); err != nil {
			return wire.Fork{}, err
		}
	}
	return wire.Fork{
		Credential: credential, Space: f.space, Writer: f.writer, Seq: f.seq, Before: s.hashAt(f.stream, f.seq-1),
		Branches: [2]wire.Branch{{Batches: held.Batches, Signature: held.Signature},
			{Batches: run.Batches[f.seq-run.First:], Signature: run.Signature}},
	}, nil
}

var errNoProof = errors.New("the batches that would prove a fork are not at hand")

// proves returns why a proof proves nothing, or nil. It looks at nothing but the
// proof and the county's root.
func (s *Store) proves(m wire.Fork) error {
	sig, err := s.options.signatory(m.Credential)
	if err != nil {
		return err
	}
	if sig.Writer() != m.Writer || sound(m.Space) != nil {
		return errFalseProof
	}
	a, b := m.Branches[0].Batches, m.Branches[1].Batches
	if err := sig.MayWrite(m.Space); err != nil || bytes.Equal(a[0], b[0]) {
		return errors.Join(err, errFalseProof)
	}
	for _, branch := range m.Branches {
		h := head{seq: m.Seq - 1, hash: m.Before}
		for _, batch := range branch.Batches {
			h.seq, h.hash = h.seq+1, h.hash.Next(batch)
		}
		if !vouches(s.options.County, sig, sig.Signed, stream{m.Space, m.Writer}, h, branch.Signature) {
			return errFalseProof
		}
	}
	return nil
}

var errFalseProof = errors.New("what was sent as the proof of a fork proves none")

// hashAt returns the hash of a stream's chain after a batch, the zero hash if it
// is not at hand.
func (s *Store) hashAt(st stream, seq uint64) (hash wire.Hash) {
	h := s.headOf(st)
	if seq == h.seq {
		return h.hash
	}
	s.mu.RLock()
	origin := s.mirror.origin(s.options.County, st)
	s.mu.RUnlock()
	sp, _ := s.numberOf(st.space)
	_ = s.view(func(tx *bolt.Tx) error { // what cannot be read is not at hand
		hash = hashAfter(s.layers(tx), sp, st, origin, h, seq)
		return nil
	})
	return hash
}

// tagWalk is how many batches are read for one tag: of more the answer is none,
// which costs some bytes and no truth.
const tagWalk = 4096

// Tag returns the tag of a stream's chain after a batch, 0 if it cannot be told
// without much reading.
func (s *Store) Tag(name crdt.Space, w crdt.Writer, seq uint64) wire.Tag {
	st := stream{name, w}
	if h := s.headOf(st); seq == 0 || seq > h.seq || seq != h.seq && seq > h.floor.batch+tagWalk {
		return 0
	}
	hash := s.hashAt(st, seq)
	if hash == (wire.Hash{}) {
		return 0
	}
	return hash.Tag()
}

// Doubt returns what asks a peer for its batches of a stream.
func (s *Store) Doubt(name crdt.Space, w crdt.Writer) (wire.Doubt, bool) {
	d := wire.Doubt{Space: name, Writer: w, Seq: s.Held(name, w)}
	tags := s.chain(stream{name, w})
	for i := 0; wire.RungAt(d.Seq, i) > 0; i++ {
		d.Rungs = append(d.Rungs, tags[wire.RungAt(d.Seq, i)])
	}
	return d, true
}

// Agreed returns up to where a stream is the same here as the one of a peer that
// doubts it: rung by rung, so it may be a little further.
func (s *Store) Agreed(d wire.Doubt) uint64 {
	tags := s.chain(stream{d.Space, d.Writer})
	for i, rung := range d.Rungs {
		if seq := wire.RungAt(d.Seq, i); rung != 0 && tags[seq] == rung {
			return seq
		}
	}
	return s.headOf(stream{d.Space, d.Writer}).floor.batch
}

// chain returns the tags of a stream's chain after each batch that is at hand.
func (s *Store) chain(st stream) map[uint64]wire.Tag {
	h, tags := s.headOf(st), map[uint64]wire.Tag{}
	s.mu.RLock()
	hash := s.mirror.origin(s.options.County, st)
	s.mu.RUnlock()
	if h.floor != (floor{}) {
		hash = h.floor.chain
		tags[h.floor.batch] = hash.Tag()
	}
	sp, _ := s.numberOf(st.space)
	_ = s.view(func(tx *bolt.Tx) error { // what cannot be read is not at hand
		from, to := logKey(sp, st.writer, h.floor.batch+1), logKey(sp, st.writer, h.seq+1)
		return s.layers(tx).each(logLayer, from, to, func(k, v []byte) error {
			_, _, seq, _ := splitLogKey(k)
			_, b := splitEntry(v)
			hash = hash.Next(b)
			tags[seq] = hash.Tag()
			return nil
		})
	})
	return tags
}

// Proves returns why the proof of a fork is of no use to the county, or nil.
func (s *Store) Proves(m wire.Fork) error {
	st := stream{m.Space, m.Writer}
	if f, frozen := s.frozen(st); frozen {
		return closed(f)
	}
	hash := s.hashAt(st, m.Seq)
	if hash != m.Before.Next(m.Branches[0].Batches[0]) && hash != m.Before.Next(m.Branches[1].Batches[0]) {
		return errFalseProof
	}
	return s.proves(m)
}

// frozen returns where the county closed a stream, and whether it did.
func (t *transaction) frozen(st stream) (wire.Freeze, bool) {
	if f, ok := t.freezes[st]; ok {
		return f, true
	}
	return t.store.frozen(st)
}

func (s *Store) frozen(st stream) (wire.Freeze, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	f, ok := s.mirror.freezes[st]
	return f, ok
}

func closed(f wire.Freeze) error {
	return refuse(wire.WhyClosed, "the county closed the stream of %s in %s behind batch %d, because its writer signed twice", f.Writer, f.Space, f.Seq)
}

// fork commits a proof: the stream is closed at its present end, once. What does
// not touch what is held here changes nothing.
func (t *transaction) fork(m wire.Fork) error {
	st := stream{m.Space, m.Writer}
	h := t.head(st)
	if _, frozen := t.frozen(st); frozen || h.seq < m.Seq {
		return nil
	}
	sp, _ := t.space(st.space)
	entry, err := t.layers().get(logLayer, logKey(sp.number, st.writer, m.Seq))
	if err != nil {
		return err
	}
	_, held := splitEntry(entry)
	if !bytes.Equal(held, m.Branches[0].Batches[0]) && !bytes.Equal(held, m.Branches[1].Batches[0]) {
		return nil
	}
	key := logKey(sp.number, st.writer, h.seq)
	end, err := t.layers().get(logLayer, key)
	if err != nil {
		return err
	}
	signature, _ := splitEntry(end)
	signature, err = whole(t.bolt.Bucket(keptTreeBucket).Get, key, signature)
	return errors.Join(err, t.keepProof(m), t.freeze(wire.Freeze{
		Space: st.space, Writer: st.writer, Seq: h.seq, Hash: h.hash, Signature: bytes.Clone(signature),
	}))
}

func (t *transaction) freeze(f wire.Freeze) error {
	st := stream{f.Space, f.Writer}
	t.freezes[st] = f
	return t.bolt.Bucket(freezeBucket).Put(forkKey(st), wire.Encode(f))
}

// keepProof keeps the first proof of a stream's fork.
func (t *transaction) keepProof(m wire.Fork) error {
	st := stream{m.Space, m.Writer}
	t.store.mu.RLock()
	known := t.store.mirror.proofs[st] || t.proofs[st]
	t.store.mu.RUnlock()
	if known {
		return nil
	}
	return t.putProof(m)
}

// putProof keeps a proof instead of an older one.
func (t *transaction) putProof(m wire.Fork) error {
	st := stream{m.Space, m.Writer}
	t.proofs[st] = true
	return t.bolt.Bucket(forkBucket).Put(forkKey(st), wire.Encode(m))
}

// forkKey names the stream by its space's name: a box may hear of one before it
// holds anything of the space.
func forkKey(st stream) []byte { return append(writerKey(st.writer), st.space.String()...) }

// loadForks reads what the file knows of forks. An arm whose credential is of a
// county root that was replaced is none here until it is brought again.
func (s *Store) loadForks(tx *bolt.Tx, m *mirror) error {
	return errors.Join(
		tx.Bucket(writersBucket).ForEach(func(_, v []byte) error {
			if _, ok := wire.ReadArm(v); !ok {
				return nil
			}
			if sig, err := s.options.signatory(bytes.Clone(v)); err == nil {
				a := sig.(*arm)
				m.arms[stream{a.Space, a.name}] = a
			}
			return nil
		}),
		tx.Bucket(forkBucket).ForEach(func(_, v []byte) error {
			proof, err := wire.Decode(v)
			if f, ok := proof.(wire.Fork); ok {
				m.proofs[stream{f.Space, f.Writer}] = true
			}
			return err
		}),
		tx.Bucket(freezeBucket).ForEach(func(_, v []byte) error {
			entry, err := wire.Decode(bytes.Clone(v)) // what is decoded is kept, and the file's pages are not
			if f, ok := entry.(wire.Freeze); ok {
				m.freezes[stream{f.Space, f.Writer}] = f
			}
			return err
		}),
	)
}
