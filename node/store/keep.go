package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"wangge/crdt"
	"wangge/sync/wire"
)

// errRefused wraps why a run was not taken; it becomes a Refusal.
type errRefused struct{ reason string }

func (e errRefused) Error() string { return e.reason }

func refuse(format string, args ...any) error { return errRefused{fmt.Sprintf(format, args...)} }

// checked is a run whose signature, rights and content were verified. end is
// the hash that its writer signed.
type checked struct {
	run     wire.Run
	batches []crdt.Batch
	end     wire.Hash
}

// Check verifies a chunk against what the store holds, without writing: who
// signs, whether they may, the chain and the form of every batch. It returns
// the part that can be kept and a refusal for every run that cannot.
func (s *Store) Check(c wire.Chunk) (wire.Chunk, []wire.Refusal) {
	_, good, refusals := s.check(c)
	return good, refusals
}

func (s *Store) check(c wire.Chunk) ([]checked, wire.Chunk, []wire.Refusal) {
	good := wire.Chunk{Credentials: c.Credentials}
	var runs []checked
	var refusals []wire.Refusal
	signers := s.signers(c.Credentials)
	pending := map[stream]wire.Hash{} // heads as the chunk's earlier runs leave them
	for _, run := range c.Runs {
		ch, err := s.checkRun(run, signers, pending)
		if err != nil {
			refusals = append(refusals, refusal(run, err))
			continue
		}
		pending[stream{run.Space, run.Writer}] = ch.end
		runs = append(runs, ch)
		good.Runs = append(good.Runs, run)
	}
	return runs, good, refusals
}

func refusal(run wire.Run, err error) wire.Refusal {
	return wire.Refusal{Mark: wire.Mark{Space: run.Space, Writer: run.Writer, Seq: run.First}, Reason: err.Error()}
}

// signers verifies the credentials that a chunk brings. One that proves nothing
// is passed over; the run that needs it is refused.
func (s *Store) signers(credentials [][]byte) map[crdt.Writer]Signatory {
	brought := map[crdt.Writer]Signatory{}
	for _, c := range credentials {
		if sig, err := s.options.Signatory(c); err == nil {
			brought[sig.Writer()] = sig
		}
	}
	return brought
}

func (s *Store) signatory(w crdt.Writer) (Signatory, error) {
	s.mu.RLock()
	sig := s.signatories[w]
	s.mu.RUnlock()
	if sig != nil {
		return sig, nil
	}
	credential, err := s.Credential(w)
	if err != nil {
		return nil, err
	}
	if sig, err = s.options.Signatory(credential); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.signatories[w] = sig
	s.mu.Unlock()
	return sig, nil
}

func (s *Store) checkRun(run wire.Run, brought map[crdt.Writer]Signatory, pending map[stream]wire.Hash) (checked, error) {
	sig := brought[run.Writer]
	if sig == nil {
		var err error
		if sig, err = s.signatory(run.Writer); err != nil {
			return checked{}, refuse("nobody vouches for writer %s here: its credential is missing or of another county", run.Writer)
		}
	}
	if err := sig.MayWrite(run.Space); err != nil {
		return checked{}, err
	}
	st := stream{run.Space, run.Writer}
	hash, ok := pending[st]
	from := 0
	if !ok {
		var err error
		if hash, from, err = s.overlap(st, run); err != nil {
			return checked{}, err
		}
	}
	c := checked{run: run, batches: make([]crdt.Batch, len(run.Batches))}
	for i, b := range run.Batches {
		batch, err := wire.DecodeBatch(b)
		if err != nil {
			return checked{}, refuse("batch %d of %s in %s cannot be read: %v", run.First+uint64(i), run.Writer, run.Space, err)
		}
		c.batches[i] = batch
		if i >= from {
			hash = hash.Next(b)
		}
	}
	c.end = hash
	if from == len(run.Batches) {
		return c, nil // all held already, and equal
	}
	if !sig.Signed(wire.HeadMessage(s.options.County, run.Space, run.Writer, run.Last(), hash), run.Signature) {
		return checked{}, refuse("the signature of %s in %s after batch %d is false", run.Writer, run.Space, run.Last())
	}
	return c, nil
}

// overlap returns the hash of the held head and how many of the run's batches
// are held already, having compared those byte for byte.
func (s *Store) overlap(st stream, run wire.Run) (wire.Hash, int, error) {
	s.mu.RLock()
	h, ok := s.heads[st]
	s.mu.RUnlock()
	if !ok {
		h = head{hash: wire.Origin(s.options.County, st.space, st.writer)}
	}
	if run.First > h.seq+1 {
		return h.hash, 0, refuse("the stream of %s in %s is held up to batch %d: batch %d does not follow", st.writer, st.space, h.seq, run.First)
	}
	n := min(int(h.seq-run.First+1), len(run.Batches))
	for i := range n {
		held, err := s.batch(st, run.First+uint64(i))
		if err != nil {
			return h.hash, 0, err
		}
		if !bytes.Equal(held, run.Batches[i]) {
			return h.hash, 0, forked(st, run.First+uint64(i))
		}
	}
	return h.hash, n, nil
}

func forked(st stream, seq uint64) error {
	return refuse("writer %s signed two different batches %d in %s: its device was copied or restored", st.writer, seq, st.space)
}

// Keep verifies a chunk and makes what is good durable in one commit.
func (s *Store) Keep(c wire.Chunk) (wire.Ack, []wire.Refusal, error) {
	runs, good, refusals := s.check(c)
	var ack wire.Ack
	var late []wire.Refusal
	err := s.commit(func(t *Tx) error {
		ack, late = wire.Ack{}, nil
		return t.keep(good.Credentials, runs, &ack, &late)
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
	return s.applied
}

// Apply keeps chunks that the county committed, in the order of their indexes,
// all in one transaction with the last index. They were verified before they
// were proposed; what they do here depends on the file's content alone, so that
// replicas stay equal.
func (s *Store) Apply(indexes []uint64, chunks []wire.Chunk) ([]wire.Ack, [][]wire.Refusal, error) {
	acks, refusals := make([]wire.Ack, len(chunks)), make([][]wire.Refusal, len(chunks))
	err := s.commit(func(t *Tx) error {
		for i, c := range chunks {
			acks[i], refusals[i] = wire.Ack{}, nil
			var runs []checked
			for _, run := range c.Runs {
				ch, err := t.follow(run)
				if err != nil {
					refusals[i] = append(refusals[i], refusal(run, err))
					continue
				}
				runs = append(runs, ch)
			}
			if err := t.keep(c.Credentials, runs, &acks[i], &refusals[i]); err != nil {
				return err
			}
			t.applied = indexes[i]
		}
		return nil
	})
	return acks, refusals, err
}

// follow reads a committed run's batches and takes the chain's word for its end.
func (t *Tx) follow(run wire.Run) (checked, error) {
	c := checked{run: run}
	for i, b := range run.Batches {
		batch, err := wire.DecodeBatch(b)
		if err != nil {
			return c, refuse("batch %d of %s in %s cannot be read: %v", run.First+uint64(i), run.Writer, run.Space, err)
		}
		c.batches = append(c.batches, batch)
	}
	return c, nil
}

func (t *Tx) keep(credentials [][]byte, runs []checked, ack *wire.Ack, refusals *[]wire.Refusal) error {
	if err := t.introduce(credentials); err != nil {
		return err
	}
	for _, c := range runs {
		err := t.keepRun(c)
		if r := (errRefused{}); errors.As(err, &r) {
			*refusals = append(*refusals, refusal(c.run, r))
			continue
		} else if err != nil {
			return err
		}
		h := t.head(stream{c.run.Space, c.run.Writer})
		ack.Marks = append(ack.Marks, wire.Mark{Space: c.run.Space, Writer: c.run.Writer, Seq: h.seq})
	}
	return nil
}

// introduce keeps the credentials of writers not met before.
func (t *Tx) introduce(credentials [][]byte) error {
	bucket := t.bolt.Bucket(writersBucket)
	for _, c := range credentials {
		sig, err := t.store.options.Signatory(c)
		if err != nil {
			continue
		}
		k := binary.BigEndian.AppendUint64(nil, uint64(sig.Writer()))
		if bucket.Get(k) != nil {
			continue
		}
		if err := bucket.Put(k, c); err != nil {
			return err
		}
		t.signers[sig.Writer()] = sig
	}
	return nil
}

// keepRun appends what is new of a run to its stream. The stream may have grown
// since the run was checked.
func (t *Tx) keepRun(c checked) error {
	st := stream{c.run.Space, c.run.Writer}
	h := t.head(st)
	if c.run.First > h.seq+1 {
		return refuse("the stream of %s in %s is held up to batch %d: batch %d does not follow", st.writer, st.space, h.seq, c.run.First)
	}
	sp, err := t.space(st.space)
	if err != nil {
		return err
	}
	log := t.bolt.Bucket(logBucket)
	for i, b := range c.run.Batches {
		seq := c.run.First + uint64(i)
		if seq > h.seq {
			break
		}
		if _, held := splitEntry(log.Get(logKey(sp.number, st.writer, seq))); !bytes.Equal(held, b) {
			return forked(st, seq)
		}
	}
	if c.run.Last() <= h.seq {
		return nil
	}
	from := int(h.seq + 1 - c.run.First)
	hash := h.hash
	for _, b := range c.run.Batches[from:] {
		hash = hash.Next(b)
	}
	if c.end != (wire.Hash{}) && c.end != hash {
		return forked(st, h.seq+1)
	}
	for i := from; i < len(c.run.Batches); i++ {
		seq := c.run.First + uint64(i)
		var signature []byte
		if seq == c.run.Last() {
			signature = c.run.Signature
		}
		if err := log.Put(logKey(sp.number, st.writer, seq), joinEntry(signature, c.run.Batches[i])); err != nil {
			return err
		}
		if err := t.apply(st, seq, c.batches[i]); err != nil {
			return err
		}
	}
	h.seq, h.hash = c.run.Last(), hash
	t.heads[st] = h
	return nil
}

// A log entry is a batch behind the signature of the head after it, which most
// batches do without.

func joinEntry(signature, batch []byte) []byte {
	b := append([]byte{byte(len(signature))}, signature...)
	return append(b, batch...)
}

func splitEntry(b []byte) (signature, batch []byte) {
	if len(b) == 0 || int(b[0]) >= len(b) {
		return nil, nil
	}
	return b[1 : 1+b[0]], b[1+b[0]:]
}
