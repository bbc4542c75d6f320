package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
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
	for name, sp := range s.spaces {
		if about(name) {
			all[name] = maps.Clone(sp.frontier)
		}
	}
	return all
}

// Held returns up to where the stream of w in a space is held.
func (s *Store) Held(name crdt.Space, w crdt.Writer) uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.heads[stream{name, w}].seq
}

// Credential returns the proof of who w is.
func (s *Store) Credential(w crdt.Writer) (credential []byte, err error) {
	err = s.view(func(tx *bolt.Tx) error {
		k := binary.BigEndian.AppendUint64(nil, uint64(w))
		credential = bytes.Clone(tx.Bucket(writersBucket).Get(k))
		return nil
	})
	if err == nil && credential == nil {
		err = fmt.Errorf("no credential of writer %s is held", w)
	}
	return credential, err
}

func (s *Store) numberOf(name crdt.Space) (uint32, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	sp, ok := s.spaces[name]
	return sp.number, ok
}

func (s *Store) batch(st stream, seq uint64) (batch []byte, err error) {
	sp, _ := s.numberOf(st.space)
	err = s.view(func(tx *bolt.Tx) error {
		_, b := splitEntry(tx.Bucket(logBucket).Get(logKey(sp, st.writer, seq)))
		if b == nil {
			return fmt.Errorf("the store %s is damaged: batch %d of %s in %s is missing", s.options.Path, seq, st.writer, st.space)
		}
		batch = bytes.Clone(b)
		return nil
	})
	return batch, err
}

// Run returns batches of a stream from after+1 on, up to a signed head: about
// room bytes, and at least as much as the next signature covers.
func (s *Store) Run(name crdt.Space, w crdt.Writer, after uint64, room int) (wire.Run, bool, error) {
	run := wire.Run{Space: name, Writer: w, First: after + 1}
	sp, ok := s.numberOf(name)
	if !ok {
		return run, false, nil
	}
	var pending [][]byte
	err := s.view(func(tx *bolt.Tx) error {
		c := tx.Bucket(logBucket).Cursor()
		prefix := streamKey(sp, w)
		for k, v := c.Seek(logKey(sp, w, after+1)); bytes.HasPrefix(k, prefix) && room > 0; k, v = c.Next() {
			signature, b := splitEntry(v)
			pending = append(pending, bytes.Clone(b))
			if len(signature) == 0 {
				continue
			}
			for _, p := range pending {
				room -= len(p)
			}
			run.Batches, pending = append(run.Batches, pending...), nil
			run.Signature = bytes.Clone(signature)
		}
		return nil
	})
	return run, len(run.Batches) > 0, err
}

// Record returns a record's state; its Kind is empty when there is none.
func (s *Store) Record(name crdt.Space, id crdt.RecordID) (rec crdt.Record, err error) {
	sp, ok := s.numberOf(name)
	if !ok {
		return crdt.Record{}, nil
	}
	err = s.view(func(tx *bolt.Tx) error {
		if b := tx.Bucket(recordBucket).Get(recordKey(sp, id)); b != nil {
			rec, err = wire.DecodeRecord(b)
		}
		return err
	})
	return rec, err
}

// Listed is a record as a list hands it out.
type Listed struct {
	Space  crdt.Space
	ID     crdt.RecordID
	Record crdt.Record
}

// errStop ends a walk early.
var errStop = errors.New("stop")

// Recent calls yield with a kind's records, the latest changed first, from the
// one after cursor on, until yield returns false. The cursor passed to yield
// goes on behind its record.
func (s *Store) Recent(kind string, cursor []byte, yield func(l Listed, cursor []byte) bool) error {
	names := s.names()
	return s.view(func(tx *bolt.Tx) error {
		records := tx.Bucket(recordBucket)
		c := tx.Bucket(recentBucket).Cursor()
		prefix := append([]byte(kind), 0)
		k, _ := c.Seek(append(prefix, cursor...))
		if len(cursor) > 0 && bytes.Equal(k, append(prefix, cursor...)) {
			k, _ = c.Next()
		}
		for ; bytes.HasPrefix(k, prefix); k, _ = c.Next() {
			tail := k[len(prefix)+8:]
			rec, err := wire.DecodeRecord(records.Get(tail))
			if err != nil {
				return fmt.Errorf("record %x is damaged: %w", tail[4:], err)
			}
			l := Listed{names[binary.BigEndian.Uint32(tail)], crdt.RecordID(tail[4:]), rec}
			if !yield(l, bytes.Clone(k[len(prefix):])) {
				return nil
			}
		}
		return nil
	})
}

// Walk calls yield with every record, space by space, until it returns false.
func (s *Store) Walk(yield func(Listed) bool) error {
	names := s.names()
	err := s.view(func(tx *bolt.Tx) error {
		return tx.Bucket(recordBucket).ForEach(func(k, v []byte) error {
			rec, err := wire.DecodeRecord(v)
			if err != nil {
				return fmt.Errorf("record %x is damaged: %w", k[4:], err)
			}
			if !yield(Listed{names[binary.BigEndian.Uint32(k)], crdt.RecordID(k[4:]), rec}) {
				return errStop
			}
			return nil
		})
	})
	if errors.Is(err, errStop) {
		return nil
	}
	return err
}

func (s *Store) names() map[uint32]crdt.Space {
	s.mu.RLock()
	defer s.mu.RUnlock()
	names := make(map[uint32]crdt.Space, len(s.spaces))
	for name, sp := range s.spaces {
		names[sp.number] = name
	}
	return names
}

// SpaceStatus is what a node says of a space that it holds.
type SpaceStatus struct {
	Space   crdt.Space
	Digest  Digest
	Records uint64
	Batches uint64 // of all streams
	AtHub   uint64 // of these, known to be committed by the county
	Streams int
}

// Spaces returns the status of every space, in order.
func (s *Store) Spaces() []SpaceStatus {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var all []SpaceStatus
	for name, sp := range s.spaces {
		st := SpaceStatus{Space: name, Digest: sp.digest(), Records: sp.records, Streams: len(sp.frontier)}
		for w, seq := range sp.frontier {
			st.Batches += seq
			st.AtHub += s.heads[stream{name, w}].hub
		}
		all = append(all, st)
	}
	slices.SortFunc(all, func(a, b SpaceStatus) int { return a.Space.Compare(b.Space) })
	return all
}
