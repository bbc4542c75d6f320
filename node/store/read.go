package store

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"wangge/crdt"
	"wangge/sync/wire"
)

// Frontiers returns what is held of every space for which about is true.
func (s *Store) Frontiers(about func(crdt.Space) bool) map[crdt.Space]crdt.Frontier {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := map[crdt.Space]crdt.Frontier{}
	for name, sp := range s.mirror.spaces {
		if about(name) && len(sp.frontier) > 0 { // of one that was dropped only the number is left
			all[name] = sp.frontier.Clone()
		}
	}
	return all
}

// Hollow reports whether a part of a space's records is lost, until a checkpoint
// brings it again.
func (s *Store) Hollow(name crdt.Space) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.mirror.spaces[name].hollow
}

// Size returns how many records of a space are here.
func (s *Store) Size(name crdt.Space) uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.mirror.spaces[name].records
}

// Held returns up to where the stream of w in a space is held.
func (s *Store) Held(name crdt.Space, w crdt.Writer) uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.mirror.heads[stream{name, w}].seq
}

// Head returns up to where the stream of w in a space is held, and its chain's
// hash there.
func (s *Store) Head(name crdt.Space, w crdt.Writer) (seq uint64, h wire.Hash) {
	held := s.headOf(stream{name, w})
	return held.seq, held.hash
}

func (s *Store) headOf(st stream) head {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if h, ok := s.mirror.heads[st]; ok {
		return h
	}
	return head{hash: s.mirror.origin(s.options.County, st)}
}

func (s *Store) numberOf(name crdt.Space) (uint32, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	sp, ok := s.mirror.spaces[name]
	return sp.number, ok
}

// Credential returns the proof of who w is.
func (s *Store) Credential(w crdt.Writer) ([]byte, error) {
	credential, err := s.credential(w)
	if err == nil && credential == nil {
		err = fmt.Errorf("no credential of writer %s is held", w)
	}
	return credential, err
}

// credential returns nil when none is held.
func (s *Store) credential(w crdt.Writer) (credential []byte, err error) {
	err = s.view(func(tx *bolt.Tx) error {
		credential = bytes.Clone(tx.Bucket(writersBucket).Get(writerKey(w)))
		return nil
	})
	return credential, err
}

// Run returns batches of a stream from after+1 on, up to a signed head: as many
// signed heads as room bytes take, and at least one. A run is never longer than
// room on account of a second head, so that runs do not grow from hop to hop,
// or than a peer takes. There is none from below the stream's floor.
func (s *Store) Run(name crdt.Space, w crdt.Writer, after uint64, room int) (wire.Run, bool, error) {
	run := wire.Run{Space: name, Writer: w, First: after + 1}
	sp, ok := s.numberOf(name)
	if !ok || after < s.headOf(stream{name, w}).floor.batch {
		return run, false, nil
	}
	err := s.view(func(tx *bolt.Tx) error {
		last, err := treeOf(tx, w)
		if err != nil {
			return err
		}
		held := s.Held(name, w) // the file may show more, which its last fsync has not made sure yet
		r := runner{kept: tx.Bucket(keptTreeBucket).Get, run: &run, room: min(room, runMax), space: sp, last: last}
		err = s.layers(tx).each(logLayer, logKey(sp, w, after+1), logKey(sp, w, held+1), r.entry)
		if errors.Is(err, errStop) {
			return nil
		}
		return err
	})
	return run, len(run.Batches) > 0, err
}

// runner gathers a run from the log's entries.
type runner struct {
	kept    func(number []byte) []byte // trees
	run     *wire.Run
	room    int
	space   uint32
	last    tree     // what the stream's writer signed last here
	pending [][]byte // what no signature covers yet
}

func (r *runner) entry(k, v []byte) error {
	signature, b := splitEntry(v)
	r.room -= len(b)
	if !bytes.HasPrefix(k, streamKey(r.space, r.run.Writer)) || r.room < 0 && len(r.run.Batches) > 0 {
		return errStop
	}
	r.pending = append(r.pending, bytes.Clone(b))
	if own, ok := r.last.vouch(r.space, r.run.First+uint64(len(r.run.Batches)+len(r.pending))-1); ok {
		signature = own
	}
	signature, err := whole(r.kept, k, signature)
	if err != nil {
		return err
	}
	if len(signature) > 0 {
		r.run.Batches, r.pending = append(r.run.Batches, r.pending...), nil
		r.run.Signature = bytes.Clone(signature)
	}
	return nil
}

// Record returns a record's state; its Kind is empty when there is none.
func (s *Store) Record(name crdt.Space, id crdt.RecordID) (rec crdt.Record, err error) {
	sp, ok := s.numberOf(name)
	if !ok {
		return crdt.Record{}, nil
	}
	err = s.view(func(tx *bolt.Tx) error {
		b, err := s.layers(tx).get(recordLayer, recordKey(sp, id))
		if b != nil && err == nil {
			rec, err = wire.DecodeRecord(b)
		}
		return err
	})
	return rec, err
}

// SpaceStatus is what a node says of a space that it holds.
type SpaceStatus struct {
	Space   crdt.Space
	Digest  Digest
	Records uint64
	Batches uint64 // of all streams
	AtHub   uint64 // of these, known to be committed by the county
	Dropped uint64 // of these, merged and no longer in the log
	Hollow  bool   // a part of the records is lost until the county brings it again
	Streams int
}

// Spaces returns the status of every space, in order.
func (s *Store) Spaces() []SpaceStatus {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var all []SpaceStatus
	for name, sp := range s.mirror.spaces {
		if len(sp.frontier) == 0 {
			continue
		}
		st := SpaceStatus{Space: name, Digest: sp.digest(), Records: sp.records, Streams: len(sp.frontier), Hollow: sp.hollow}
		for w, seq := range sp.frontier {
			st.Batches += seq
			h := s.mirror.heads[stream{name, w}]
			st.AtHub += s.committed(h)
			st.Dropped += h.floor.batch
		}
		all = append(all, st)
	}
	slices.SortFunc(all, func(a, b SpaceStatus) int { return a.Space.Compare(b.Space) })
	return all
}

// Subject returns the record that the op named by a dot is about; ok is false
// when that op is not held.
func (s *Store) Subject(name crdt.Space, d crdt.Dot) (id crdt.RecordID, ok bool) {
	sp, known := s.numberOf(name)
	if !known || d.Seq == 0 {
		return id, false
	}
	err := s.view(func(tx *bolt.Tx) error {
		entry, err := s.layers(tx).get(logLayer, logKey(sp, d.Writer, d.Seq))
		_, b := splitEntry(entry)
		if b == nil || err != nil {
			return err
		}
		batch, err := wire.DecodeBatch(b)
		if err == nil && int(d.Index) < len(batch.Ops) {
			id, ok = batch.Ops[d.Index].Record, true
		}
		return err
	})
	return id, ok && err == nil
}

// About returns the first op, in order of dots, that is visible in a record and
// for which held is true.
func (s *Store) About(name crdt.Space, id crdt.RecordID, held func(crdt.Dot) bool) (first crdt.Dot, ok bool) {
	rec, err := s.Record(name, id)
	if err != nil {
		return first, false
	}
	for _, cell := range rec.Cells {
		for _, e := range cell.Entries {
			if (!ok || e.Dot.Compare(first) < 0) && held(e.Dot) {
				first, ok = e.Dot, true
			}
		}
	}
	return first, ok
}
