package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"wangge/crdt"
	"wangge/sync/wire"
)

// What of a node's own had reached nobody is gone with such damage, or may be, and
// a writer that went on would sign a number twice. Both were overlooked where the
// damage took what tells of it.
func TestWhatDamageMayHaveTakenForGoodIsToldAndEndsTheWriter(t *testing.T) {
	for what, spoil := range map[string]func(t *testing.T, o Options){
		"the list of streams and a part of the log": func(t *testing.T, o Options) {
			tamper(t, o, func(b func([]byte) *bolt.Bucket) error {
				return b(streamBucket).Put(streamKey(1, newDevice(1).writer), []byte{1})
			})
			tamper(t, o, func(b func([]byte) *bolt.Bucket) error {
				return b(logBucket).Delete(logKey(1, newDevice(1).writer, 110))
			})
		},
		"a part of the list of streams, without a trace, and a part of the log": func(t *testing.T, o Options) {
			tamper(t, o, func(b func([]byte) *bolt.Bucket) error {
				own := newDevice(1).writer
				return errors.Join(b(streamBucket).Delete(streamKey(1, own)), b(logBucket).Delete(logKey(1, own, 110)))
			})
		},
		"the name of a space": func(t *testing.T, o Options) {
			tamper(t, o, func(b func([]byte) *bolt.Bucket) error { return b(spaceBucket).Delete([]byte(village.String())) })
		},
		"the list of buckets": func(t *testing.T, o Options) { zero(t, o.Path, rootOf(t, o.Path)) },
	} {
		t.Run(what, func(t *testing.T) {
			o := worked(t)
			spoil(t, o)
			if found := examined(t, o); found.Worst() != Lost {
				t.Errorf("found %s: %+v", found.Worst(), found.Faults)
			}
			repaired(t, o)
			minted := false
			author := o.Author
			o.Author = func(kept []byte) (Author, error) {
				minted = minted || kept == nil
				return author(kept)
			}
			opened(t, o, func(s *Store) {})
			if !minted {
				t.Error("the writer goes on")
			}
		})
	}
}

func rootOf(t *testing.T, path string) int64 {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p, err := openPages(f, func(string, error) {}, func(int64) {})
	if err != nil {
		t.Fatal(err)
	}
	return int64(p.meta.root) * p.size
}

func zero(t *testing.T, path string, at int64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(make([]byte, 64), at); err != nil {
		t.Fatal(err)
	}
}

// In a space in which a stream was signed twice the records follow from what was
// held when batches came, and that was cut with the rest.
func TestASpaceWithAForkThatLostBatchesIsHollowUntilTheCountyBringsIt(t *testing.T) {
	for _, forked := range []bool{false, true} {
		o := worked(t)
		tamper(t, o, func(b func([]byte) *bolt.Bucket) error {
			if forked {
				if err := b(freezeBucket).Put(forkKey(stream{street, newDevice(2).writer}), []byte("unread")); err != nil {
					return err
				}
			}
			return b(writersBucket).Delete(writerKey(newDevice(2).writer))
		})
		repaired(t, o)
		tamper(t, o, func(b func([]byte) *bolt.Bucket) error {
			sp, err := decodeSpace(b(spaceBucket).Get([]byte(street.String())))
			if err == nil && sp.hollow != forked {
				t.Errorf("forked: %v, hollow: %v", forked, sp.hollow)
			}
			return err
		})
	}
}

func TestTheLevelsOfAHeadThatIsAnothersAreNotBelieved(t *testing.T) {
	o, own := worked(t), newDevice(1).writer
	level := func(bucket *bolt.Bucket, change func(*head)) head {
		h, err := decodeHead(streamKey(1, own), bucket.Get(streamKey(1, own)))
		if err != nil {
			t.Fatal(err)
		}
		change(&h)
		if err := bucket.Put(streamKey(1, own), h.encode(streamKey(1, own))); err != nil {
			t.Fatal(err)
		}
		return h
	}
	tamper(t, o, func(b func([]byte) *bolt.Bucket) error {
		level(b(streamBucket), func(h *head) { h.hash[0], h.box, h.hub = h.hash[0]^1, h.seq, h.seq })
		return nil
	})
	repaired(t, o)
	tamper(t, o, func(b func([]byte) *bolt.Bucket) error {
		if h := level(b(streamBucket), func(*head) {}); h.box != 0 || h.hub != 0 {
			t.Errorf("levels %d and %d are left of a head that was changed", h.box, h.hub)
		}
		return nil
	})
}

// bbolt believes these of a page, and goes astray when it writes the page anew.
func TestWhatBboltBelievesOfPagesIsLookedAt(t *testing.T) {
	number := binary.LittleEndian.AppendUint64
	for what, spoil := range map[string]func(b []byte, root int64){
		"the number of a page inside another": func(b []byte, root int64) {
			at := bytes.Index(b[root:root+4096], []byte("meta")) + 4 + 16 // behind the bucket's name, its page and its sequence
			copy(b[root+int64(at):], number(nil, 77))
		},
		"how many pages a page overflows": func(b []byte, root int64) { b[root+12]++ },
	} {
		o := worked(t)
		root := rootOf(t, o.Path)
		b, err := os.ReadFile(o.Path)
		if err != nil {
			t.Fatal(err)
		}
		spoil(b, root)
		if err := os.WriteFile(o.Path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if found := examined(t, o); len(found.Faults) == 0 {
			t.Errorf("%s is not looked at", what)
		}
	}
}

// An empty bucket must not stand in for one that lost its name: with the list of streams all own work would go unnamed.
func TestABucketThatLostItsNameIsNoEmptyOne(t *testing.T) {
	for _, name := range buckets {
		o := worked(t)
		b, err := os.ReadFile(o.Path)
		if err != nil {
			t.Fatal(err)
		}
		other := append(bytes.Clone(name[:len(name)-1]), name[len(name)-1]^1)
		if err := os.WriteFile(o.Path, bytes.ReplaceAll(b, name, other), 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := Open(o); err == nil {
			s.Close()
			t.Errorf("a file with %q is opened", other)
		}
		if found, err := Verify(o, nil); err == nil && found.Worst() != Lost {
			t.Errorf("of a file with %q is said: %+v", other, found.Faults)
		}
		repaired(t, o)
		opened(t, o, func(*Store) {})
	}
}

// What is wrong with these is in no bucket.
func TestTheEndOfAFileAndItsFreePagesAreLookedAt(t *testing.T) {
	for says, spoil := range map[string]func(b []byte, p *pages) []byte{
		"ends before its last page": func(b []byte, p *pages) []byte { return b[:int64(p.meta.end)*p.size-1] },
		"named twice": func(b []byte, p *pages) []byte {
			list := b[int64(p.meta.free)*p.size+headerSize:]
			copy(list[8:16], list[:8])
			return b
		},
	} {
		o := worked(t)
		tamper(t, o, func(b func([]byte) *bolt.Bucket) error {
			return b(metaBucket).Put([]byte("ballast"), make([]byte, 64<<10))
		})
		tamper(t, o, func(b func([]byte) *bolt.Bucket) error { return b(metaBucket).Delete([]byte("ballast")) }) // so that the last page is free
		b, err := os.ReadFile(o.Path)
		if err != nil {
			t.Fatal(err)
		}
		p, err := openPages(bytes.NewReader(b), func(string, error) {}, func(int64) {})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(o.Path, spoil(b, p), 0o600); err != nil {
			t.Fatal(err)
		}
		found := examined(t, o)
		if len(found.Faults) != 1 || !strings.Contains(found.Faults[0].What, says) || found.Worst() != Rebuild {
			t.Errorf("%s: %+v", says, found.Faults)
		}
	}
}

// A stream of which the beginning is merged is brought from its floor on, and so without
// its credential: the county is asked for all of the space.
func TestASpaceWhoseMergedWriterLostItsCredentialIsHollow(t *testing.T) {
	o := worked(t)
	opened(t, o, func(s *Store) {
		for _, sp := range s.Spaces() {
			for w, seq := range s.Frontiers(func(name crdt.Space) bool { return name == sp.Space })[sp.Space] {
				s.Reached([]wire.Mark{{Space: sp.Space, Writer: w, Seq: seq, Level: wire.AtCounty}})
			}
		}
	})
	other := newDevice(2).writer
	tamper(t, o, func(b func([]byte) *bolt.Bucket) error { // as after a checkpoint of the county's
		key := streamKey(1, other)
		h, err := decodeHead(key, b(streamBucket).Get(key))
		if err != nil {
			return err
		}
		for seq := uint64(1); seq <= h.seq; seq++ {
			if err := b(logBucket).Delete(logKey(1, other, seq)); err != nil {
				return err
			}
		}
		h.floor = floor{h.seq, h.hash}
		return b(streamBucket).Put(key, h.encode(key))
	})
	if found := examined(t, o); len(found.Faults) > 0 {
		t.Fatalf("%+v", found.Faults)
	}
	tamper(t, o, func(b func([]byte) *bolt.Bucket) error {
		return b(writersBucket).Put(writerKey(other), []byte("spoilt"))
	})
	repaired(t, o)
	tamper(t, o, func(b func([]byte) *bolt.Bucket) error {
		sp, err := decodeSpace(b(spaceBucket).Get([]byte(village.String())))
		if err == nil && !sp.hollow {
			t.Error("nobody asks for the credential")
		}
		return err
	})
}

// The county brings such a stream again, and what had been replaced of it would be shown again.
func TestASpaceThatMayHoldAStreamWithoutAHeadIsHollow(t *testing.T) {
	o, s, hub := trimmed(t)
	other, own := newStore(t, 2), newDevice(1).writer
	save(t, other, village, recordID(60), "theirs")
	commitAll(t, other, hub)
	pull(t, hub, s)
	s.Reached([]wire.Mark{{Space: village, Writer: newDevice(2).writer, Seq: 1, Level: wire.AtCounty}})
	late := crdt.NewStamp(morning.Add(1000 * time.Hour).UnixMilli())
	for range 2 {
		if _, err := s.Trim(late); err != nil {
			t.Fatal(err)
		}
	}
	epoch := s.Epoch()
	s.Close()
	tamper(t, o, func(b func([]byte) *bolt.Bucket) error {
		key := streamKey(1, newDevice(2).writer)
		v := bytes.Clone(b(streamBucket).Get(key))
		if h, err := decodeHead(key, v); err != nil || h.floor.batch != 1 {
			t.Fatalf("%+v, %v", h, err)
		}
		key[11] ^= 4
		return errors.Join(b(streamBucket).Put(key, v), b(streamBucket).Delete(streamKey(1, newDevice(2).writer)))
	})
	if found := examined(t, o); found.Worst() != Refetch {
		t.Errorf("%+v", found.Faults)
	}
	repaired(t, o)
	minted := false
	author := o.Author
	o.Author = func(kept []byte) (Author, error) {
		minted = minted || kept == nil
		return author(kept)
	}
	opened(t, o, func(s *Store) {
		if !s.Hollow(village) || s.Epoch() == epoch || !minted || s.Held(village, own) != 40 {
			t.Errorf("hollow %t, another epoch %t, another writer %t", s.Hollow(village), s.Epoch() != epoch, minted)
		}
	})
}
