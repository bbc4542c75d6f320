package store

import (
	"flag"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"wangge/crdt"
)

var flipRounds = flag.Int("flip-rounds", 12, "damaged files in TestFlippedBytesAreFoundAndMended")

// opened opens a file for one look.
func opened(t *testing.T, o Options, look func(*Store)) {
	t.Helper()
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	look(s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func repaired(t *testing.T, o Options) Findings {
	t.Helper()
	found, err := Repair(o, nil)
	if err != nil {
		t.Fatal(err)
	}
	if left := examined(t, o); len(left.Faults) > 0 {
		t.Fatalf("after the repair: %+v", left.Faults)
	}
	return found
}

func TestWhatFollowsFromTheLogIsMadeAnew(t *testing.T) {
	o := worked(t)
	var before string
	opened(t, o, func(s *Store) { before = dump(t, s) })
	tamper(t, o, func(b func([]byte) *bolt.Bucket) error {
		if err := b(recordBucket).Delete(recordKey(1, recordID(3))); err != nil {
			return err
		}
		k, _ := b(recentBucket).Cursor().First()
		if err := b(recentBucket).Delete(k); err != nil {
			return err
		}
		return b(spaceBucket).Put([]byte(street.String()), space{number: 2}.encode())
	})
	if found := repaired(t, o); found.Worst() != Rebuild {
		t.Errorf("found %+v", found)
	}
	opened(t, o, func(s *Store) {
		if dump(t, s) != before {
			t.Error("the repaired file is not what it was")
		}
	})
}

// successor is the writer that a device mints when its file has none.
func successor(o Options, next device) Options {
	o.Author = func(kept []byte) (Author, error) {
		if kept == nil {
			return next, nil
		}
		return newDevice(1), nil
	}
	return o
}

func TestAfterACutPeersBringTheRestAndNothingForks(t *testing.T) {
	o := worked(t)
	peer := newStore(t, 9)
	opened(t, o, func(s *Store) { pull(t, s, peer) })
	own := newDevice(1).writer
	tamper(t, o, func(b func([]byte) *bolt.Bucket) error { return b(logBucket).Delete(logKey(1, own, 110)) })
	repaired(t, o)
	next := newDevice(1)
	next.writer, next.key = crdt.NewWriter(1, 77), newDevice(7).key
	opened(t, successor(o, next), func(s *Store) {
		if got := s.Held(village, own); got != 93 {
			t.Errorf("held up to %d", got)
		}
		save(t, s, village, recordID(1), "after the repair")
		if got := s.Held(village, own); got != 93 {
			t.Error("the cut stream went on")
		}
		pull(t, peer, s)
		pull(t, s, peer)
		if digest(t, s, village) != digest(t, peer, village) || text(t, s, village, recordID(3)) != text(t, peer, village, recordID(3)) {
			t.Error("the stores differ")
		}
	})
}

func TestAHubsFileIsNotCut(t *testing.T) {
	o := worked(t)
	o.Author = nil
	tamper(t, o, func(b func([]byte) *bolt.Bucket) error {
		return b(logBucket).Delete(logKey(1, newDevice(2).writer, 60))
	})
	before, err := os.ReadFile(o.Path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Repair(o, nil); err == nil || !strings.Contains(err.Error(), "the group bring") {
		t.Errorf("got %v", err)
	}
	if after, _ := os.ReadFile(o.Path); string(after) != string(before) {
		t.Error("the file changed")
	}
}

// Whatever bytes flip, the examination ends with findings or an error, a flip
// that it does not tell changes nothing that the file shows, and a repair leaves
// a file that is sound and holds nothing that was not written.
func TestFlippedBytesAreFoundAndMended(t *testing.T) {
	whole, peer := worked(t), newStore(t, 9)
	var before string
	opened(t, whole, func(s *Store) {
		pull(t, s, peer)
		before = dump(t, s)
	})
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	silent, mended, refused := 0, 0, 0
	for range *flipRounds {
		o := worked(t)
		flips(t, o.Path, r, 1+r.IntN(4))
		found, err := Verify(o, nil)
		if err != nil {
			refused++
			continue
		}
		if len(found.Faults) == 0 {
			silent++
			opened(t, o, func(s *Store) { sameButMeta(t, dump(t, s), before) })
			continue
		}
		mended++
		if _, err := Repair(o, nil); err != nil {
			t.Fatalf("%v after %+v", err, found)
		}
		catchUp(t, o, peer)
	}
	t.Logf("%d hit nothing, %d were mended, %d could not be judged", silent, mended, refused)
	if mended == 0 {
		t.Error("too few flips hit anything")
	}
}

// sameButMeta compares what two files hold but for the levels, which nothing in
// the file vouches for, and the credentials, which carry no signature here.
func sameButMeta(t *testing.T, got, want string) {
	t.Helper()
	keep := func(text string) (lines []string) {
		for line := range strings.Lines(text) {
			if !strings.HasPrefix(line, "meta ") && !strings.HasPrefix(line, "streams ") && !strings.HasPrefix(line, "writers ") {
				lines = append(lines, line)
			}
		}
		return lines
	}
	if strings.Join(keep(got), "") != strings.Join(keep(want), "") {
		t.Error("a damage was not found")
	}
}

// catchUp opens a repaired file, lets a peer bring what is missing, and expects
// that both then hold the same.
func catchUp(t *testing.T, o Options, peer *Store) {
	t.Helper()
	if left := examined(t, o); len(left.Faults) > 0 {
		t.Fatalf("after the repair: %+v", left.Faults)
	}
	next := newDevice(1)
	next.writer, next.key = crdt.NewWriter(1, 77), newDevice(7).key
	opened(t, successor(o, next), func(s *Store) {
		pull(t, peer, s)
		for _, sp := range []crdt.Space{village, street} {
			if digest(t, s, sp) != digest(t, peer, sp) {
				t.Errorf("%s differs from the peer's", sp)
			}
		}
	})
}
