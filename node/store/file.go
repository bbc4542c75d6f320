package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

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

	treeBucket = []byte("trees")

	logPackBucket    = []byte("log packs")
	recordPackBucket = []byte("record packs")
	keptTreeBucket   = []byte("kept trees")

	completeBucket = []byte("complete")
	peerBucket     = []byte("peers")
	forkBucket     = []byte("forks")
	freezeBucket   = []byte("freezes")
	heardBucket    = []byte("heard")
)

var buckets = [][]byte{
	metaBucket, logBucket, streamBucket, spaceBucket, recordBucket, recentBucket, writersBucket, treeBucket, completeBucket, peerBucket, attachedBucket, logPackBucket, recordPackBucket, keptTreeBucket,
	forkBucket, freezeBucket, quarantineBucket, receiptBucket, asideBucket, heardBucket, troubleBucket,
}

// The keys of the meta bucket.
var (
	formatKey  = []byte("format")
	countyKey  = []byte("county")
	epochKey   = []byte("epoch")
	appliedKey = []byte("applied")
	clockKey   = []byte("clock")
	authorKey  = []byte("author")
)

// A node writes formatVersion into the file, refuses one of a later version and
// goes on with one of an earlier: what those wrote reads the same today.
const (
	formatVersion = 4
	formatOldest  = 1
)

func (s *Store) open() error {
	d := s.options.files()
	db, err := d.database(s.options.Path, false)
	if errors.Is(err, berrors.ErrTimeout) {
		return fmt.Errorf("%s is in use by another process: stop that node first", s.options.Path)
	}
	if err != nil {
		return fmt.Errorf("opening the store %s: %v", s.options.Path, err)
	}
	d.remove(fresh(s.options.Path)) // what an interrupted rewriting left; none is under way while the file is ours
	err = confirm(d, s.options.Path, db.Info().PageSize)
	if err == nil {
		err = db.Update(s.prepare)
	}
	if err == nil {
		err = db.View(s.load)
	}
	if err != nil {
		return errors.Join(err, db.Close())
	}
	s.db = db
	return nil
}

// prepare checks that the file is ours, and gives it what it lacks.
func (s *Store) prepare(tx *bolt.Tx) error {
	for _, name := range buckets {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	meta := tx.Bucket(metaBucket)
	if err := s.options.ours(meta.Get); err != nil {
		return err
	}
	if err := tx.ForEach(s.expected); err != nil {
		return err
	}
	if err := meta.Put(formatKey, []byte{formatVersion}); err != nil {
		return err
	}
	if meta.Get(epochKey) == nil { // new, or reinstated from a backup
		if err := putNumber(meta.Put, epochKey, s.options.newEpoch()); err != nil {
			return err
		}
	}
	return s.meetAuthor(meta)
}

// expected refuses a file in which a bucket lost its name: an empty one would stand in for it.
func (s *Store) expected(name []byte, _ *bolt.Bucket) error {
	if isBucket(name) {
		return nil
	}
	return fmt.Errorf("the store %s is damaged: it has a part %q, which is none of a store's: look at it with wangge verify", s.options.Path, name)
}

// isBucket reports whether a store has a bucket of that name.
func isBucket(name []byte) bool {
	return slices.ContainsFunc(buckets, func(b []byte) bool { return bytes.Equal(b, name) })
}

// meetAuthor asks who writes into the file, and checks that peers will believe it.
func (s *Store) meetAuthor(meta *bolt.Bucket) error {
	if s.options.Author == nil {
		return nil
	}
	if me := s.self(); me != nil { // a snapshot took the file's place
		return meta.Put(authorKey, me.Keep())
	}
	kept := meta.Get(authorKey)
	me, err := s.options.self(kept)
	if err != nil {
		return err
	}
	s.mirror.self = me // nobody else knows this store yet
	if bytes.Equal(me.Keep(), kept) {
		return nil
	}
	return meta.Put(authorKey, me.Keep())
}

// ours reports why a file is not for this node.
func (o Options) ours(get func(key []byte) []byte) error {
	if v := get(formatKey); len(v) != 1 || v[0] < formatOldest || v[0] > formatVersion {
		return fmt.Errorf("the store has format %v, this node reads %d to %d: update this node", v, formatOldest, formatVersion)
	}
	if string(get(countyKey)) != string(o.County[:]) {
		return errors.New("the store belongs to another county: give this node a folder of its own")
	}
	return nil
}

// load fills the mirror from the file.
func (s *Store) load(tx *bolt.Tx) error {
	m, err := s.read(tx)
	if err != nil {
		return err
	}
	s.show(m)
	return nil
}

// show puts a mirror in the place of the old one.
func (s *Store) show(m mirror) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m.doubted, m.recants, m.moved = s.mirror.doubted, s.mirror.recants, s.mirror.moved+1
	s.mirror = m
	s.files.settled(fileChanges{any: true})
}

// read returns what a file's mirror is.
func (s *Store) read(tx *bolt.Tx) (mirror, error) {
	meta := tx.Bucket(metaBucket)
	epoch, ok := numberOf(meta.Get, epochKey)
	applied, ok2 := numberOf(meta.Get, appliedKey)
	clock, ok3 := numberOf(meta.Get, clockKey)
	if !ok || !ok2 || !ok3 {
		return mirror{}, fmt.Errorf("the store %s is damaged: look at it with wangge verify", s.options.Path)
	}
	m := mirror{
		epoch: epoch, applied: applied, clock: crdt.Stamp(clock),
		spaces: map[crdt.Space]space{}, names: map[uint32]crdt.Space{}, heads: map[stream]head{}, unflushed: map[stream]bool{},
		signatories: map[crdt.Writer]Signatory{}, quarantine: newQuarantine(),
		completes: map[uint32]wire.Complete{}, contacts: map[uint32]wire.Heard{}, peers: map[uint32]peer{},
		arms: map[stream]*arm{}, freezes: map[stream]wire.Freeze{}, proofs: map[stream]bool{}, memory: newMemory(),
	}
	if s.options.Author != nil {
		me, err := s.kept(meta.Get(authorKey))
		if err != nil {
			return m, err
		}
		m.self = me
	}
	if err := errors.Join(tx.Bucket(completeBucket).ForEach(m.loadComplete), tx.Bucket(heardBucket).ForEach(m.loadHeard), tx.Bucket(peerBucket).ForEach(m.loadPeer)); err != nil {
		return m, err
	}
	err := tx.Bucket(spaceBucket).ForEach(func(k, v []byte) error {
		name, err := crdt.ParseSpace(string(k))
		if err != nil {
			return err
		}
		sp, err := decodeSpace(v)
		m.spaces[name], m.names[sp.number] = sp, name
		return err
	})
	if err != nil {
		return m, err
	}
	err = tx.Bucket(streamBucket).ForEach(func(k, v []byte) error {
		sp, w, ok := splitStreamKey(k)
		name, known := m.names[sp]
		if !ok || !known {
			return fmt.Errorf("the store %s is damaged: a stream of no space", s.options.Path)
		}
		h, err := decodeHead(k, v)
		m.heads[stream{name, w}] = h
		m.spaces[name].frontier[w] = h.seq
		return err
	})
	return m, errors.Join(err, s.loadForks(tx, &m), m.quarantine.load(tx, m.heads))
}

func number(b []byte) uint64 {
	if len(b) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}
