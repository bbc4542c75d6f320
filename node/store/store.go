// Package store keeps one replica's batches and merged records in one bbolt file; it is the only writer of that file.
package store

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"

	"wangge/crdt"
	"wangge/sync/wire"
)

// Author is the writer under whose name this node's own work is saved.
type Author interface {
	Name() crdt.Writer
	Credential() []byte // proves Name to peers
	Sign(message []byte) []byte
	Keep() []byte // what the file keeps of the author, its private key among it
}

// Signatory is a writer whose credential was verified.
type Signatory interface {
	Writer() crdt.Writer
	Signed(message, signature []byte) bool
	MayWrite(crdt.Space) error
	// MayMake returns why the writer may not make an op where it may write, or nil.
	MayMake(crdt.Op) error
}

// Options describes a store.
type Options struct {
	Path   string
	County wire.County
	// Author is asked, when the file is opened, who writes into it: kept is what
	// the author gave the file to keep, nil when the file is new. It is nil at the
	// hub, which writes nothing of its own.
	Author func(kept []byte) (Author, error)
	// Signatory verifies a credential.
	Signatory func(credential []byte) (Signatory, error)
	// Seal signs checkpoints for the county; nil where none are offered.
	Seal func(content []byte) wire.Seal
	// Sealed verifies a seal; nil where no checkpoints are taken.
	Sealed func(content []byte, s wire.Seal) error
	// Now is the wall clock.
	Now func() time.Time
	// Committed is told of every commit, one at a time and in order, after the
	// fsync and before the writers of its batches are answered. It must not
	// write into the store.
	Committed func(Event)
	// Reloaded is told when a snapshot has replaced everything. It must not
	// write into the store either.
	Reloaded func()

	// Damaged is told, if not nil, when a file beside the store is found to be damaged. It
	// must not call the store.
	Damaged func()

	// Epoch names a new file: nil draws it, and only a simulation has another way.
	Epoch func() uint64

	disk disk // nil is the machine's; tests set another
}

// Event is what one commit changed, in order of spaces.
type Event struct {
	Heads   []wire.Mark // streams that grew, and up to where
	Changes []Change
	Files   bool // some of them refer to files now, or let go of some
}

// Change is a record before and after a commit. Before.Kind is empty when the
// record is new.
type Change struct {
	Space         crdt.Space
	ID            crdt.RecordID
	Before, After crdt.Record
}

// Store is one open file. Its methods may be called from any goroutine. Whoever
// takes more than one of its locks takes them in the order in which they stand.
type Store struct {
	options Options
	files   *Files

	offered, incoming spaceLocks // guard the files of checkpoints

	turn    sync.Mutex // held by the one writer
	waiting waiting

	file sync.RWMutex // held for writing while db is replaced or closed
	db   *bolt.DB

	packs  packCache
	unsent unsent
	owed   owed

	mu      sync.RWMutex // guards what follows
	mirror  mirror
	trouble trouble
}

// mirror is what the store answers without reading the file.
type mirror struct {
	epoch       uint64
	self        *self       // nil at the hub
	doubted     crdt.Writer // given up; if it is self still, the next commit mints another
	recants     recants
	peers       map[uint32]peer
	arms        map[stream]*arm
	freezes     map[stream]wire.Freeze
	proofs      map[stream]bool // forks of which the file holds the proof
	spaces      map[crdt.Space]space
	names       map[uint32]crdt.Space // of the spaces, by number
	heads       map[stream]head
	unflushed   map[stream]bool // heads whose levels the file does not know yet
	signatories map[crdt.Writer]Signatory
	quarantine  quarantine
	completes   map[uint32]wire.Complete
	contacts    map[uint32]wire.Heard
	applied     uint64
	clock       crdt.Stamp
	heard       crdt.Stamp // when the county greeted last
	memory
}

// memory is what greetings are short by.
type memory struct {
	grounds   map[uint32][]byte // of each device met
	unwritten map[uint32]bool   // of these, those that the file does not know yet
	moved     uint64            // how often streams were moved, since the file was opened
	changes   map[crdt.Space]uint64
	prints    map[bool]map[crdt.Space]printed // with arms and without
}

func newMemory() memory {
	return memory{
		grounds: map[uint32][]byte{}, unwritten: map[uint32]bool{}, changes: map[crdt.Space]uint64{},
		prints: map[bool]map[crdt.Space]printed{true: {}, false: {}},
	}
}

type stream struct {
	space  crdt.Space
	writer crdt.Writer
}

// Open opens or makes the file.
func Open(o Options) (*Store, error) {
	s := &Store{options: o, files: newFiles(o.files(), o.Path, o.Now)}
	s.files.damaged = o.Damaged
	begun, err := o.begin()
	if err != nil {
		return nil, err
	}
	if err := s.open(); err != nil {
		return nil, err
	}
	if err = s.files.open(); err == nil && begun {
		err = s.files.renew()
	}
	if err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	return s, nil
}

// begin makes the file and its folder if there is none, and reports whether it did. It
// is made beside its place, for a file of which a cut left half could never be opened.
func (o Options) begin() (begun bool, err error) {
	if _, err := os.Stat(o.Path); !errors.Is(err, os.ErrNotExist) {
		return false, err
	}
	if err := makeFolder(o.files(), filepath.Dir(o.Path)); err != nil {
		return false, err
	}
	return true, rewrite(o.files(), o.Path, func(r *rewriter) error {
		return errors.Join(r.put(metaBucket, formatKey, []byte{formatVersion}), r.put(metaBucket, countyKey, o.County[:]))
	})
}

// Epoch returns the file's own random name. It tells peers that a file was
// replaced.
func (s *Store) Epoch() uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.mirror.epoch
}

// Close writes what is known of levels and closes the file. What is asked of
// the store afterwards fails.
func (s *Store) Close() error {
	err := s.Flush()
	s.turn.Lock()
	defer s.turn.Unlock()
	s.file.Lock()
	defer s.file.Unlock()
	return errors.Join(err, s.db.Close())
}

// view runs do on a consistent state of the file. do must not call the store:
// a replacing snapshot waits for do, and a second reader would wait for it.
func (s *Store) view(do func(*bolt.Tx) error) error {
	s.file.RLock()
	defer s.file.RUnlock()
	return s.db.View(do)
}
