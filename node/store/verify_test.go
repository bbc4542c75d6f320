package store

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	bolt "go.etcd.io/bbolt"

	"wangge/crdt"
	"wangge/sync/wire"
)

// worked returns the options of a closed file with own and foreign work in two
// spaces, some of it known at the county.
func worked(t *testing.T) Options {
	t.Helper()
	workedOnce.Do(func() { workedFile = work(t) })
	o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	if err := os.WriteFile(o.Path, workedFile, 0o600); err != nil {
		t.Fatal(err)
	}
	return o
}

var (
	workedOnce sync.Once
	workedFile []byte // made once, for a fsync a save adds up
)

func work(t *testing.T) []byte {
	t.Helper()
	o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	s, other := open(t, o), newStore(t, 2)
	for i := range 120 { // enough for a tree of several pages
		save(t, s, village, recordID(i%70), strings.Repeat("家", i))
		save(t, other, village, recordID(i%50), strings.Repeat("户", i))
		save(t, other, street, recordID(1000+i), "李家")
	}
	pull(t, other, s)
	save(t, s, village, recordID(3), "after both")
	s.Reached([]wire.Mark{{Space: village, Writer: newDevice(1).writer, Seq: 100, Level: wire.AtCounty}})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(o.Path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func examined(t *testing.T, o Options) Findings {
	t.Helper()
	found, err := Verify(o, nil)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestASoundFileHasNoFaults(t *testing.T) {
	o := worked(t)
	var done, of int64
	found, err := Verify(o, func(d, total int64) { done, of = d, total })
	if err != nil || len(found.Faults) > 0 {
		t.Fatalf("%+v, %v", found, err)
	}
	if found.Spaces != 2 || found.Streams != 3 || found.Batches != 361 || found.Records != 190 {
		t.Errorf("walked %+v", found)
	}
	if done == 0 || done > 2*of {
		t.Errorf("progress ended at %d of %d", done, of)
	}
}

func TestSoundFilesOfEveryFormatHaveNoFaults(t *testing.T) {
	for format := formatOldest; format <= formatVersion; format++ {
		path, _ := goldenFile(format)
		golden, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
		if err := os.WriteFile(o.Path, golden, 0o600); err != nil {
			t.Fatal(err)
		}
		if found := examined(t, o); len(found.Faults) > 0 || found.Records == 0 {
			t.Errorf("the golden file of format %d: %+v", format, found)
		}
		repaired(t, o)
		opened(t, o, func(s *Store) { save(t, s, village, recordID(1), "goes on") })
	}
}

// tamper changes buckets of a closed file.
func tamper(t *testing.T, o Options, do func(bucket func([]byte) *bolt.Bucket) error) {
	t.Helper()
	db, err := bolt.Open(o.Path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Update(func(tx *bolt.Tx) error { return do(tx.Bucket) }); err != nil {
		t.Fatal(err)
	}
}

func TestEachKindOfDamageIsNamedWithItsRemedy(t *testing.T) {
	own, other := newDevice(1).writer, newDevice(2).writer
	for name, c := range map[string]struct {
		remedy Remedy
		want   string
		do     func(bucket func([]byte) *bolt.Bucket) error
	}{
		"a changed record": {Rebuild, "shows something else than the log gives", func(b func([]byte) *bolt.Bucket) error {
			return b(recordBucket).Put(recordKey(1, recordID(3)), wire.AppendRecord(nil, crdt.Record{Kind: "visit"}))
		}},
		"a lost record": {Rebuild, "is missing", func(b func([]byte) *bolt.Bucket) error {
			return b(recordBucket).Delete(recordKey(1, recordID(3)))
		}},
		"a record of no space": {Rebuild, "belongs to no space", func(b func([]byte) *bolt.Bucket) error {
			return b(recordBucket).Put(recordKey(9, recordID(3)), []byte{1})
		}},
		"a lost index entry": {Rebuild, "index of recent changes", func(b func([]byte) *bolt.Bucket) error {
			k, _ := b(recentBucket).Cursor().First()
			return b(recentBucket).Delete(k)
		}},
		"a wrong sum": {Rebuild, "count and sum of " + village.String(), func(b func([]byte) *bolt.Bucket) error {
			return b(spaceBucket).Put([]byte(village.String()), space{number: 1, records: 70}.encode())
		}},
		"a wrong head": {Rebuild, "the head of", func(b func([]byte) *bolt.Bucket) error {
			return b(streamBucket).Put(streamKey(1, own), head{seq: 3}.encode(streamKey(1, own)))
		}},
		"a lost batch of a neighbour": {Refetch, ": batch 60 is missing", func(b func([]byte) *bolt.Bucket) error {
			return b(logBucket).Delete(logKey(1, other, 60))
		}},
		"a changed batch of our own that the county has": {Lost, "is good up to batch 0", func(b func([]byte) *bolt.Bucket) error {
			v := append([]byte{}, b(logBucket).Get(logKey(1, own, 60))...)
			v[len(v)-1] ^= 1
			return b(logBucket).Put(logKey(1, own, 60), v)
		}},
		"a lost end of our own": {Lost, "is good up to batch 93", func(b func([]byte) *bolt.Bucket) error {
			return b(logBucket).Delete(logKey(1, own, 121))
		}},
		"a lost credential": {Refetch, "nobody vouches for the writer", func(b func([]byte) *bolt.Bucket) error {
			return b(writersBucket).Delete(writerKey(other))
		}},
		"our own lost credential": {Rebuild, "the credential of this node's writer 1.0 is missing", func(b func([]byte) *bolt.Bucket) error {
			return b(writersBucket).Delete(writerKey(own))
		}},
		"a lost tree": {Lost, "is good up to batch 93", func(b func([]byte) *bolt.Bucket) error {
			return b(treeBucket).Delete(writerKey(own))
		}},
		"a changed tree": {Lost, "what writer 0000000100000000 signed last proves nothing", func(b func([]byte) *bolt.Bucket) error {
			v := append([]byte{}, b(treeBucket).Get(writerKey(own))...)
			v[len(v)-1] ^= 1
			return b(treeBucket).Put(writerKey(own), v)
		}},
		"a lost name": {Refetch, "a space whose name is lost", func(b func([]byte) *bolt.Bucket) error {
			return b(spaceBucket).Delete([]byte(street.String()))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			o := worked(t)
			tamper(t, o, c.do)
			found := examined(t, o)
			var said []string
			for _, f := range found.Faults {
				said = append(said, f.What)
			}
			if found.Worst() != c.remedy || !strings.Contains(strings.Join(said, "\n"), c.want) {
				t.Errorf("worst %q, want %q; said %q, want %q", found.Worst(), c.remedy, said, c.want)
			}
		})
	}
}

// flips damages a file in n places.
func flips(t *testing.T, path string, r *rand.Rand, n int) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		b[r.IntN(len(b))] ^= 1 << r.IntN(8)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestATornFileIsExaminedWithoutAPanic(t *testing.T) {
	whole := worked(t)
	b, err := os.ReadFile(whole.Path)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, 1, 100, 5000, 9000, len(b) / 4, len(b) / 2} {
		o := whole
		o.Path = filepath.Join(t.TempDir(), "store.db")
		if err := os.WriteFile(o.Path, b[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		if found, err := Verify(o, nil); err == nil && len(found.Faults) == 0 {
			t.Errorf("%d of %d bytes: all is well", size, len(b))
		}
	}
}

func TestAFileInUseIsNotExamined(t *testing.T) {
	o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	open(t, o)
	if _, err := Verify(o, nil); err == nil || !strings.Contains(err.Error(), "stop that node first") {
		t.Errorf("got %v", err)
	}
}
