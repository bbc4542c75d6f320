package store

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"wangge/sync/wire"
)

func snapshot(t *testing.T, s *Store) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := s.Snapshot(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestASnapshotBringsBackEverything(t *testing.T) {
	a := newStore(t, 1)
	for i := range 30 {
		save(t, a, village, recordID(i), "x")
	}
	from, o := newHub(t), hubOptions(filepath.Join(t.TempDir(), "store.db"))
	if _, _, err := from.Apply([]uint64{7}, []wire.Message{chunk(t, a, village, newDevice(1).writer, 0, 1<<20)}); err != nil {
		t.Fatal(err)
	}
	reloaded := 0
	o.Reloaded = func() { reloaded++ }
	to := open(t, o)
	epoch := to.Epoch()
	if err := to.Restore(bytes.NewReader(snapshot(t, from))); err != nil {
		t.Fatal(err)
	}
	if reloaded != 1 || to.Epoch() != epoch || to.Applied() != 7 || dump(t, to) != dump(t, from) {
		t.Errorf("reloaded %d times, epoch %d of %d, applied %d", reloaded, to.Epoch(), epoch, to.Applied())
	}
	save(t, a, village, recordID(99), "after")
	for _, s := range []*Store{from, to} {
		if _, _, err := s.Apply([]uint64{8}, []wire.Message{chunk(t, a, village, newDevice(1).writer, 30, 1000)}); err != nil {
			t.Fatal(err)
		}
	}
	to.Close()
	o.Reloaded = nil
	to = open(t, o)
	if dump(t, to) != dump(t, from) || digest(t, to, village) != recount(t, to, village) {
		t.Error("the stores differ")
	}
}

func TestASnapshotThatIsNotWholeOrNotOursLeavesTheOldFile(t *testing.T) {
	o := hubOptions(filepath.Join(t.TempDir(), "store.db"))
	o.Reloaded = func() { t.Error("told of a reload") }
	s, from := open(t, o), newStore(t, 2)
	for i := range 100 {
		save(t, from, village, recordID(i), strings.Repeat("x", 500))
	}
	keep(t, s, chunk(t, from, village, newDevice(2).writer, 0, 2000))
	before := dump(t, s)
	whole := snapshot(t, from)

	foreign := newDevice(3)
	foreign.county = wire.County{2}
	fo := foreign.options(filepath.Join(t.TempDir(), "store.db"))
	fo.County, fo.Signatory = foreign.county, func([]byte) (Signatory, error) { return signatory{writer: foreign.writer}, nil }
	newer := filepath.Join(t.TempDir(), "store.db")
	if err := os.WriteFile(newer, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	meta(t, newer, "format", []byte{formatVersion + 1})
	future, err := os.ReadFile(newer)
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]io.Reader{
		"empty":            strings.NewReader(""),
		"garbage":          strings.NewReader(strings.Repeat("garbage", 10_000)),
		"torn at a page":   bytes.NewReader(whole[:3*4096]),
		"torn near start":  bytes.NewReader(whole[:5000]),
		"torn in half":     bytes.NewReader(whole[:len(whole)/2]),
		"one byte short":   bytes.NewReader(whole[:len(whole)-1]),
		"a broken reader":  io.MultiReader(bytes.NewReader(whole[:9000]), cutReader{}),
		"another county's": bytes.NewReader(snapshot(t, open(t, fo))),
		"a newer format":   bytes.NewReader(future),
	} {
		if err := s.Restore(r); err == nil {
			t.Errorf("%s: restored", name)
		}
		if dump(t, s) != before {
			t.Errorf("%s: the store changed", name)
		}
		if _, err := os.Stat(o.Path + ".new"); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: a copy was left behind", name)
		}
	}
	keep(t, s, chunk(t, from, village, newDevice(2).writer, s.Held(village, newDevice(2).writer), 2000))
}

// What was unpacked of the old file says nothing of the new one.
func TestASnapshotReplacesWhatIsPackedToo(t *testing.T) {
	packed := func(index uint32, text string) *Store {
		o := newDevice(index).options(filepath.Join(t.TempDir(), "store.db"))
		opened(t, o, func(s *Store) {
			for i := range 40 {
				save(t, s, village, recordID(i), text)
			}
		})
		if _, _, err := Compact(o.Path); err != nil {
			t.Fatal(err)
		}
		return open(t, o)
	}
	s, other := packed(1, "old"), packed(2, "new")
	if got := text(t, s, village, recordID(3)); got != "old" {
		t.Fatalf("shows %q", got)
	}
	if err := s.Restore(bytes.NewReader(snapshot(t, other))); err != nil {
		t.Fatal(err)
	}
	if got := text(t, s, village, recordID(3)); got != "new" {
		t.Errorf("shows %q after the snapshot", got)
	}
}

type cutReader struct{}

func (cutReader) Read([]byte) (int, error) { return 0, errors.New("the connection was cut") }

func TestReadersAndWritersGoOnAroundARestore(t *testing.T) {
	from := newStore(t, 2)
	for i := range 10 {
		save(t, from, village, recordID(i), "x")
	}
	s := newStore(t, 1)
	pull(t, from, s)
	copied := snapshot(t, s)
	var g sync.WaitGroup
	stop := make(chan struct{})
	loop := func(do func() error) {
		g.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := do(); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	loop(func() error { return s.Walk(func(l Listed) bool { return l.Space == village }) })
	loop(func() error { return s.Recent("visit", nil, func(Listed, []byte) bool { return true }) })
	loop(func() error { s.Spaces(); s.Epoch(); _, err := s.Record(village, recordID(1)); return err })
	loop(func() error { _, _, err := s.Keep(chunk(t, from, village, newDevice(2).writer, 0, 1000)); return err })
	loop(func() error { return s.Save(visit(street, recordID(50), "y")) })
	for range 10 {
		if err := s.Restore(bytes.NewReader(copied)); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	g.Wait()
	if digest(t, s, village) != recount(t, s, village) {
		t.Error("the digest is not what a recount gives")
	}
}

func TestCloseWaitsForACommitThatReads(t *testing.T) {
	o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	var s *Store
	var closing sync.WaitGroup
	once := sync.OnceFunc(func() { closing.Go(func() { s.Close() }) })
	o.Committed = func(e Event) {
		once()
		for range 100 { // Close comes in between
			if _, err := s.Record(village, recordID(1)); err != nil {
				t.Errorf("closed under a commit: %v", err)
				return
			}
			runtime.Gosched()
		}
	}
	s = open(t, o)
	save(t, s, village, recordID(1), "x")
	closing.Wait()
	if err := s.Save(visit(village, recordID(2), "y")); err == nil {
		t.Error("saved after close")
	}
}
