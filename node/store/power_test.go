package store

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wangge/sync/wire"
)

// life is a store on a tape, which hears of every commit what is acknowledged
// by it.
type life struct {
	*Store
	t    *testing.T
	tape *tape
	o    Options
	now  time.Time

	forms map[int]string // that were acknowledged
	acked int            // batches of its own in the village
}

// born begins a life in a folder of its own; o says whose.
func born(t *testing.T, o Options) *life {
	t.Helper()
	l := unborn(t, o)
	l.o.Committed = func(Event) { l.answered() }
	l.o.Reloaded = l.answered
	l.begin()
	return l
}

// quick is a folder in memory, if the system has one: thousands of images are
// opened, and no real disk is what is tried there.
func quick(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "wangge")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// unborn is a life before its store is opened, which keeps no note of answers.
func unborn(t *testing.T, o Options) *life {
	t.Helper()
	l := &life{t: t, now: morning, forms: map[int]string{}}
	l.tape = newTape(quick(t))
	l.o = o
	l.o.Path, l.o.disk = filepath.Join(l.tape.folder, "store.db"), l.tape
	l.o.Now = func() time.Time { return l.now }
	return l
}

// begin opens the store, as after every start.
func (l *life) begin() {
	l.t.Helper()
	s, err := Open(l.o)
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { s.Close() })
	l.Store = s
	l.answered()
}

func (l *life) end() {
	l.t.Helper()
	before := dump(l.t, l.Store)
	if err := l.Close(); err != nil {
		l.t.Fatal(err)
	}
	l.begin() // what was written at the end is known once it is read
	if after := dump(l.t, l.Store); after != before {
		l.t.Log("levels were written at the end")
	}
}

// answered puts on the tape what is on file when the writers are answered.
func (l *life) answered() { l.tape.note(didAnswer, dump(l.t, l.Store)) }

// crowd has many people save at once: they queue while the writer is held.
func (l *life) crowd(n int) {
	l.t.Helper()
	l.turn.Lock()
	failed := make(chan error, n)
	for i := range n {
		go func() { failed <- l.Save(visit(street, recordID(100+i%7), strings.Repeat("众", i))) }()
	}
	for queued := 0; queued < n; {
		l.waiting.mu.Lock()
		queued = len(l.waiting.queue)
		l.waiting.mu.Unlock()
	}
	l.turn.Unlock()
	for range n {
		if err := <-failed; err != nil {
			l.t.Fatal(err)
		}
	}
}

func (l *life) save(n int, text string) {
	l.t.Helper()
	save(l.t, l.Store, village, recordID(n), text)
}

// grow fills the file with trees of several pages: in one of a page or two, what
// is half old and half new looks whole.
func (l *life) grow() {
	l.t.Helper()
	err := l.Save(func(d *Draft) error {
		for i := range 40 {
			if err := visit(village, recordID(i), strings.Repeat("村", 60))(d); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		l.t.Fatal(err)
	}
}

// cutEverywhere plays every cut of the life's tape.
func (l *life) cutEverywhere() {
	l.t.Helper()
	l.Close()
	l.t.Logf("%d steps", len(l.tape.steps))
	if err := l.tape.play(l.o, 1, func() string { return quick(l.t) }); err != nil {
		l.t.Error(err)
	}
}

// neighbour is another box that has written n forms into the village.
func neighbour(t *testing.T, n int) *Store {
	t.Helper()
	other := newStore(t, 2)
	for i := range n {
		save(t, other, village, recordID(i), strings.Repeat("邻", 40*i))
	}
	return other
}

func TestABoxSurvivesAPowerCutAtAnyMoment(t *testing.T) {
	l := born(t, newDevice(1).options(""))
	for i := range 4 {
		l.save(i, "家")
	}
	l.crowd(12)
	other := neighbour(t, 8)
	pull(t, other, l.Store)
	l.Reached([]wire.Mark{{Space: village, Writer: newDevice(1).writer, Seq: 3, Level: wire.AtCounty}})
	l.save(3, "levels go along")
	for i := range 3 { // over several pages, and the file grows
		l.save(20+i, strings.Repeat("长", 9000))
	}
	l.Reached([]wire.Mark{{Space: village, Writer: newDevice(1).writer, Seq: 6, Level: wire.AtBox}})
	l.end() // levels are written with the file's end
	l.save(1, "on again")
	third := newStore(t, 3)
	pull(t, l.Store, third)
	if err := l.Restore(bytes.NewReader(snapshot(t, third))); err != nil { // whose key and epoch must not come along
		t.Fatal(err)
	}
	if own := fmt.Sprintf("meta author %x\n", newDevice(1).Keep()); !strings.Contains(dump(t, l.Store), own) {
		t.Error("another box's key came along with its file")
	}
	l.save(2, "after the snapshot")
	l.Reached([]wire.Mark{{Space: village, Writer: newDevice(1).writer, Seq: 6, Level: wire.AtCounty}})
	if n, err := l.Trim(1 << 62); err != nil || n == 0 {
		t.Fatalf("%d batches were taken out of the log: %v", n, err)
	}
	l.answered()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := compact(l.tape, l.o.Path); err != nil {
		t.Fatal(err)
	}
	l.begin()
	l.save(4, "over what is packed")
	l.Close()
	if _, err := Repair(l.o, nil); err != nil {
		t.Fatal(err)
	}
	l.begin()
	l.save(2, "the last")
	l.cutEverywhere()
}

func TestAHubSurvivesAPowerCutAtAnyMoment(t *testing.T) {
	a, from := newStore(t, 1), newHub(t)
	parts := make([]wire.Chunk, 4)
	for n := range parts {
		for i := range 10 {
			save(t, a, village, recordID(i+5*n), strings.Repeat("x", 200))
		}
		parts[n] = chunk(t, a, village, newDevice(1).writer, uint64(10*n), 1<<20)
	}
	l := born(t, hubOptions(""))
	entry := func(s *Store, index uint64, m ...wire.Message) {
		t.Helper()
		indexes := make([]uint64, len(m))
		for i := range m {
			indexes[i] = index + uint64(i)
		}
		if _, _, err := s.Apply(indexes, m); err != nil {
			t.Fatal(err)
		}
		if s == l.Store {
			l.answered() // also of what changed no stream
		}
	}
	entry(l.Store, 1, parts[0])
	entry(l.Store, 2, wire.Complete{Device: 1, Name: "城东站", At: 5}, parts[1])
	entry(l.Store, 4, nil)
	entry(from, 10, parts[0], parts[1], parts[2])
	if err := l.Restore(bytes.NewReader(snapshot(t, from))); err != nil {
		t.Fatal(err)
	}
	entry(l.Store, 50, parts[3])
	l.cutEverywhere()
}

// A process that is killed leaves its last commit in the system's memory, where
// the next start finds it. What that start builds on it must not be the end of
// both when the power is cut then.
func TestAKilledStoreSurvivesAPowerCutAfterItsNextStart(t *testing.T) {
	l := born(t, newDevice(1).options(""))
	l.grow()
	l.save(1, "家")
	l.save(1, "家庄")
	l.Close()
	for killed := 1; killed <= len(l.tape.steps); killed++ {
		if s := l.tape.steps[killed-1]; s.act != didRename && (s.act != didWrite || s.at > 4096 && killed%5 > 0) {
			continue // all renames and meta pages, and some others
		}
		next := newTape(quick(t))
		image := next.adopt(l.tape.steps[:killed])
		if err := lay(next.folder, image); err != nil {
			t.Fatal(err)
		}
		again := &life{t: t, tape: next, o: l.o, now: morning}
		again.o.Path, again.o.disk = filepath.Join(next.folder, "store.db"), next
		again.o.Committed = func(Event) { again.answered() }
		again.begin()
		again.save(1, "after the kill")
		again.save(2, "and on")
		again.Close()
		if err := next.play(again.o, killed, func() string { return quick(t) }); err != nil {
			t.Fatalf("killed after step %d: %v", killed, err)
		}
	}
}

// adopt begins a tape where another process was killed, and returns what the
// system shows of its files.
func (t *tape) adopt(steps []step) map[string][]byte {
	t.steps = append(t.steps, steps...)
	for _, s := range steps {
		switch s.act {
		case didCreate:
			for len(t.files) <= s.inode {
				t.files = append(t.files, &taped{tape: t, inode: len(t.files)})
			}
			t.inodes[s.name] = s.inode
		case didRename:
			t.inodes[s.to] = t.inodes[s.name]
			delete(t.inodes, s.name)
		case didRemove:
			delete(t.inodes, s.name)
		}
	}
	return t.image(steps, chance{all: true})
}

// A failed fsync may take with it what a later one does not bring back.
func TestHealingAfterAFailedFsyncSurvivesAPowerCut(t *testing.T) {
	for fails := 1; fails <= 2; fails++ { // the one after the data pages, the one after the meta page
		l := born(t, newDevice(1).options(""))
		l.grow()
		n := 0
		l.tape.refuse = func(a act) error {
			if a == didFsync {
				n++
			}
			if a == didFsync && n == fails {
				return errBroken
			}
			return nil
		}
		if err := l.Save(visit(village, recordID(2), "refused")); err == nil {
			t.Fatal("saved though the disk took nothing")
		}
		l.tape.refuse = nil
		l.tape.mend()
		l.tape.note(didShow, dump(t, l.Store))
		l.now = l.now.Add(retryAfter)
		for i := range 4 {
			l.save(i, "healed")
		}
		l.cutEverywhere()
	}
}

// The tests of power cuts find what they are for: a store that answers before
// its fsync.
func TestAStoreThatAnswersBeforeItsFsyncIsFoundOut(t *testing.T) {
	l := born(t, newDevice(1).options(""))
	l.db.NoSync = true
	l.save(1, "家")
	l.save(2, "家")
	l.Close()
	if err := l.tape.play(l.o, 1, func() string { return quick(t) }); err == nil {
		t.Error("nobody noticed")
	}
}
