package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	bolt "go.etcd.io/bbolt"

	"wangge/crdt"
	"wangge/sync/wire"
)

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
// goes on behind its record. yield must not call methods that read the file.
func (s *Store) Recent(kind string, cursor []byte, yield func(l Listed, cursor []byte) bool) error {
	return s.view(func(tx *bolt.Tx) error {
		names, err := names(tx)
		if err != nil {
			return err
		}
		prefix := kindPrefix(kind)
		from := append(bytes.Clone(prefix), cursor...)
		c := tx.Bucket(recentBucket).Cursor()
		k, _ := c.Seek(from)
		if len(cursor) > 0 && bytes.Equal(k, from) {
			k, _ = c.Next()
		}
		for ; bytes.HasPrefix(k, prefix); k, _ = c.Next() {
			name := k[len(prefix)+8:]
			b, err := s.layers(tx).get(recordLayer, name)
			if err != nil {
				return err
			}
			l, err := listed(names, name, b)
			if err != nil {
				return err
			}
			if !yield(l, bytes.Clone(k[len(prefix):])) {
				return nil
			}
		}
		return nil
	})
}

// Kinds returns the kinds of the records that are held, in order of the lengths
// of their names.
func (s *Store) Kinds() (kinds []string, err error) {
	return kinds, s.view(func(tx *bolt.Tx) error {
		c := tx.Bucket(recentBucket).Cursor()
		for k, _ := c.First(); k != nil; {
			prefix := k[:1+int(k[0])]
			kinds = append(kinds, string(prefix[1:]))
			k, _ = c.Seek(append(bytes.Clone(prefix), behindAll...))
		}
		return nil
	})
}

// behindAll follows every key that goes on behind a kind: 28 bytes of moment,
// space and record, and one more.
var behindAll = bytes.Repeat([]byte{0xff}, 29)

// walkPage is how many records are read ahead of a walk, walkAhead how many such pages.
const (
	walkPage  = 256
	walkAhead = 4
)

// Walk calls yield with every record, space by space, until it returns false. Records are
// read and unpacked beside, a few pages ahead, since that takes longer than most that is done
// with them. yield must not call methods that read the file.
func (s *Store) Walk(yield func(Listed) bool) error {
	pages, enough := make(chan []Listed, walkAhead), make(chan struct{})
	var read sync.WaitGroup
	var err error
	var panicked any // as bbolt does on a damaged page: the caller's to bear, as ever
	read.Go(func() {
		defer close(pages)
		defer func() { panicked = recover() }()
		err = s.walkPages(pages, enough)
	})
	defer read.Wait()
	defer close(enough)
	for page := range pages {
		for _, l := range page {
			if !yield(l) {
				return nil
			}
		}
	}
	if panicked != nil {
		panic(panicked)
	}
	return err
}

// walkPages sends all records, until it was enough.
func (s *Store) walkPages(pages chan<- []Listed, enough <-chan struct{}) error {
	var page []Listed
	send := func() error {
		select {
		case pages <- page:
			page = nil
			return nil
		case <-enough:
			return errStop
		}
	}
	err := s.view(func(tx *bolt.Tx) error {
		names, err := names(tx)
		if err != nil {
			return err
		}
		err = s.layers(tx).each(recordLayer, nil, nil, func(k, v []byte) error {
			l, err := listed(names, k, v)
			if err != nil {
				return err
			}
			if page = append(page, l); len(page) == walkPage {
				return send()
			}
			return nil
		})
		return errors.Join(err, send())
	})
	if errors.Is(err, errStop) {
		return nil
	}
	return err
}

// Among calls yield with the records of a space behind the one named, or all for nil,
// in order of their ids, until it returns false. yield must not call methods that
// read the file. What changes between two calls keeps its place.
func (s *Store) Among(name crdt.Space, after *crdt.RecordID, yield func(Listed) bool) error {
	space, ok := s.numberOf(name)
	if !ok {
		return nil
	}
	from := recordKey(space, crdt.RecordID{})
	if after != nil {
		from = recordKey(space, *after)
	}
	err := s.view(func(tx *bolt.Tx) error {
		return s.layers(tx).each(recordLayer, from, recordKey(space+1, crdt.RecordID{}), func(k, v []byte) error {
			if after != nil && bytes.Equal(k, from) {
				return nil
			}
			rec, err := wire.DecodeRecord(v)
			if err != nil {
				return fmt.Errorf("record %x is damaged: %v", k, err)
			}
			if !yield(Listed{name, crdt.RecordID(k[4:]), rec}) {
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

func listed(names map[uint32]crdt.Space, key, record []byte) (Listed, error) {
	rec, err := wire.DecodeRecord(record)
	if err != nil {
		return Listed{}, fmt.Errorf("record %x is damaged: %v", key, err)
	}
	return Listed{names[binary.BigEndian.Uint32(key)], crdt.RecordID(key[4:]), rec}, nil
}

// names reads the spaces' names from the file itself: the mirror may be a
// moment behind it.
func names(tx *bolt.Tx) (map[uint32]crdt.Space, error) {
	names := map[uint32]crdt.Space{}
	return names, tx.Bucket(spaceBucket).ForEach(func(k, v []byte) error {
		name, err := crdt.ParseSpace(string(k))
		if err != nil {
			return err
		}
		names[binary.BigEndian.Uint32(v)] = name
		return nil
	})
}

func recordKey(space uint32, id crdt.RecordID) []byte {
	return append(binary.BigEndian.AppendUint32(make([]byte, 0, keySize), space), id[:]...)
}

// recentKey orders a kind's records from the latest changed to the oldest.
func recentKey(space uint32, id crdt.RecordID, rec crdt.Record) []byte {
	b := make([]byte, 0, 1+len(rec.Kind)+8+keySize)
	b = append(append(b, byte(len(rec.Kind))), rec.Kind...)
	b = binary.BigEndian.AppendUint64(b, ^uint64(rec.Stamp()))
	b = binary.BigEndian.AppendUint32(b, space)
	return append(b, id[:]...)
}

// kindPrefix carries its own length, so that no kind's name is the beginning of
// another's. Names are at most 64 bytes.
func kindPrefix(kind string) []byte { return append([]byte{byte(len(kind))}, kind...) }
