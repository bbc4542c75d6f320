// Package store keeps one replica's batches and merged records in one bbolt file; it is the only writer of that file.
package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"

	"wangge/crdt"
	"wangge/sync/wire"
)

// The buckets; FORMAT.md says what stands in each.
var (
	metaBucket    = []byte("meta")
	logBucket     = []byte("log")
	streamBucket  = []byte("streams")
	spaceBucket   = []byte("spaces")
	recordBucket  = []byte("records")
	recentBucket  = []byte("recent")
	writersBucket = []byte("writers")
)

var buckets = [][]byte{metaBucket, logBucket, streamBucket, spaceBucket, recordBucket, recentBucket, writersBucket}

// formatVersion is written into every file; a node refuses a file of a version
// that it does not know.
const formatVersion = 1

// Author is the writer under whose name this node's own work is saved.
type Author interface {
	Sign(message []byte) []byte
}

// Signatory is a writer whose credential was verified.
type Signatory interface {
	Writer() crdt.Writer
	Signed(message, signature []byte) bool
	MayWrite(crdt.Space) error
}

// Options describes a store.
type Options struct {
	Path   string
	County wire.County
	Writer crdt.Writer // whose streams are this node's own
	Author Author      // nil at the hub, which writes nothing of its own
	// Credential proves Writer to peers.
	Credential []byte
	// Signatory verifies a credential.
	Signatory func(credential []byte) (Signatory, error)
	// Now is the wall clock.
	Now func() time.Time
	// Committed is told of every commit, one at a time and in order, after the
	// fsync and before the writers of its batches are answered. It must not
	// write into the store.
	Committed func(Event)
	// Reloaded is told when a snapshot has replaced everything.
	Reloaded func()
}

// Event is what one commit changed.
type Event struct {
	Heads   []wire.Mark // streams that grew, and up to where
	Changes []Change
}

// Change is a record before and after a commit. Before.Kind is empty when the
// record is new.
type Change struct {
	Space         crdt.Space
	ID            crdt.RecordID
	Before, After crdt.Record
}

// Store is one open file. Its methods may be called from any goroutine.
type Store struct {
	options Options
	epoch   uint64

	turn    sync.Mutex // held by the one writer
	waiting waiting

	file sync.RWMutex // held for writing while a snapshot replaces db
	db   *bolt.DB

	mu          sync.RWMutex // guards what follows, which mirrors the file
	spaces      map[crdt.Space]space
	heads       map[stream]head
	unflushed   map[stream]bool // heads whose levels the file does not know yet
	signatories map[crdt.Writer]Signatory
	refusals    map[stream]wire.Refusal
	applied     uint64
	clock       crdt.Stamp
}

type stream struct {
	space  crdt.Space
	writer crdt.Writer
}

// Open opens or makes the file.
func Open(o Options) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(o.Path), 0o700); err != nil {
		return nil, err
	}
	s := &Store{options: o}
	if err := s.open(); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Store) open() error {
	db, err := bolt.Open(s.options.Path, 0o600, &bolt.Options{Timeout: 2 * time.Second, FreelistType: bolt.FreelistMapType})
	if errors.Is(err, bolt.ErrTimeout) {
		return fmt.Errorf("%s is in use by another process: stop that node first", s.options.Path)
	}
	if err != nil {
		return fmt.Errorf("opening the store %s: %w", s.options.Path, err)
	}
	s.db = db
	if err := db.Update(s.prepare); err != nil {
		db.Close()
		return err
	}
	if err := db.View(s.load); err != nil {
		db.Close()
		return err
	}
	return nil
}

// prepare makes a new file's buckets and checks that an old one is ours.
func (s *Store) prepare(tx *bolt.Tx) error {
	for _, name := range buckets {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	meta := tx.Bucket(metaBucket)
	if v := meta.Get([]byte("format")); v == nil {
		return errors.Join(
			meta.Put([]byte("format"), []byte{formatVersion}),
			meta.Put([]byte("county"), s.options.County[:]),
			meta.Put([]byte("epoch"), binary.BigEndian.AppendUint64(nil, rand.Uint64())),
		)
	} else if len(v) != 1 || v[0] != formatVersion {
		return fmt.Errorf("%s has format %v, this node reads %d: update this node", s.options.Path, v, formatVersion)
	}
	if string(meta.Get([]byte("county"))) != string(s.options.County[:]) {
		return fmt.Errorf("%s belongs to another county: give this node a folder of its own", s.options.Path)
	}
	return nil
}

// load fills the mirror from the file.
func (s *Store) load(tx *bolt.Tx) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	meta := tx.Bucket(metaBucket)
	s.epoch = number(meta.Get([]byte("epoch")))
	s.applied = number(meta.Get([]byte("applied")))
	s.clock = crdt.Stamp(number(meta.Get([]byte("clock"))))
	s.spaces, s.heads = map[crdt.Space]space{}, map[stream]head{}
	s.unflushed, s.signatories = map[stream]bool{}, map[crdt.Writer]Signatory{}
	s.refusals = map[stream]wire.Refusal{}
	byNumber := map[uint32]crdt.Space{}
	err := tx.Bucket(spaceBucket).ForEach(func(k, v []byte) error {
		name, err := crdt.ParseSpace(string(k))
		if err != nil {
			return err
		}
		sp, err := decodeSpace(v)
		s.spaces[name], byNumber[sp.number] = sp, name
		return err
	})
	if err != nil {
		return err
	}
	return tx.Bucket(streamBucket).ForEach(func(k, v []byte) error {
		name, ok := byNumber[binary.BigEndian.Uint32(k)]
		if !ok {
			return fmt.Errorf("the store %s is damaged: a stream of no space", s.options.Path)
		}
		w := crdt.Writer(binary.BigEndian.Uint64(k[4:]))
		h, err := decodeHead(v)
		s.heads[stream{name, w}] = h
		s.spaces[name].frontier[w] = h.seq
		return err
	})
}

func number(b []byte) uint64 {
	if len(b) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}

// Epoch returns the file's own random name. It tells peers that a file was
// replaced.
func (s *Store) Epoch() uint64 { return s.epoch }

// Close writes what is known of levels and closes the file.
func (s *Store) Close() error {
	err := s.commit(func(*Tx) error { return nil })
	s.file.Lock()
	defer s.file.Unlock()
	return errors.Join(err, s.db.Close())
}

func (s *Store) view(do func(*bolt.Tx) error) error {
	s.file.RLock()
	defer s.file.RUnlock()
	return s.db.View(do)
}
