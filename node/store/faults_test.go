package store

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"wangge/crdt"
	"wangge/sync/wire"
)

var errBroken = syscall.EIO

// trial is a way in which a disk refuses one thing, and from which act on.
type trial struct {
	name string
	act  act
	half bool // of what is written
	err  error
}

var trials = []trial{
	{"a write that leaves nothing", didWrite, false, syscall.ENOSPC},
	{"a write that leaves its first half", didWrite, true, errBroken},
	{"an fsync", didFsync, false, errBroken},
	{"a rename", didRename, false, errBroken},
	{"an fsync of the folder", didFsyncFolder, false, errBroken},
}

// on has a disk refuse the n-th act of a trial, once, and reports whether it did.
func (tr trial) on(t *tape, n int) (refused func() bool) {
	done, met := false, 0
	t.half = tr.half
	t.refuse = func(a act) error {
		if a != tr.act || done {
			return nil
		}
		if met++; met < n {
			return nil
		}
		done = true
		return tr.err
	}
	return func() bool { return done }
}

// everywhere lives a life again and again, and has another write, fsync or rename
// of it refused each time.
func everywhere(t *testing.T, live func(t *testing.T, begin func(o Options) *life)) {
	for _, tr := range trials {
		t.Run(tr.name, func(t *testing.T) {
			n, refused := 1, func() bool { return true }
			for ; refused(); n++ {
				t.Run(fmt.Sprint(n), func(t *testing.T) {
					live(t, func(o Options) *life {
						l := unborn(t, o)
						refused = tr.on(l.tape, n)
						return l
					})
				})
			}
			t.Logf("refused %d times", n-2)
		})
	}
}

// insist does what the disk may refuse until it is done. What is refused is told,
// and takes nothing with it.
func (l *life) insist(what string, do func() error) {
	l.t.Helper()
	err := do()
	if err == nil {
		return
	}
	if s := l.Store; s != nil && !errors.Is(err, errClosing) {
		if !errors.Is(err, ErrReadOnly) || s.ReadOnly() == nil || !strings.Contains(err.Error(), "saving goes on by itself") {
			l.t.Fatalf("%s: the failure is told as %v", what, err)
		}
		if again := do(); !errors.Is(again, ErrReadOnly) {
			l.t.Fatalf("%s: tried at once again: %v", what, again)
		}
		l.expect(what + ", refused")
		l.told(what)
	}
	l.tape.mend()
	l.now = l.now.Add(retryAfter)
	if err := do(); err != nil {
		l.t.Fatalf("%s: the disk is well again, and yet: %v", what, err)
	}
	if l.Store != nil && l.ReadOnly() != nil {
		l.t.Fatalf("%s: it has not healed", what)
	}
}

var errClosing = errors.New("closing")

// told has a peer take what the store now shows of its own stream: it must be
// what was acknowledged, or what the disk has not confirmed would go round.
func (l *life) told(what string) {
	l.t.Helper()
	w := newDevice(1).writer
	run, _, err := l.Run(village, w, 0, 1<<20)
	if err != nil || len(run.Batches) > l.acked {
		l.t.Fatalf("%s: %d batches are told to peers, %d were acknowledged: %v", what, len(run.Batches), l.acked, err)
	}
}

// fill saves a form, insisting.
func (l *life) fill(n int, text string) {
	l.t.Helper()
	l.insist(fmt.Sprintf("form %d", n), func() error { return l.Save(visit(village, recordID(n), text)) })
	l.forms[n], l.acked = text, int(l.Held(village, newDevice(1).writer))
	l.expect("saved")
}

// expect checks that all forms that were acknowledged are there.
func (l *life) expect(what string) {
	l.t.Helper()
	for n, want := range l.forms {
		if got := text(l.t, l.Store, village, recordID(n)); got != want && !(strings.HasSuffix(what, "refused") && got != "") {
			l.t.Fatalf("%s: form %d was acknowledged as %.20q and shows %.20q", what, n, want, got)
		}
	}
}

func (l *life) start() {
	l.t.Helper()
	l.Store = nil
	l.insist("opening", func() (err error) {
		s, err := Open(l.o)
		if err == nil {
			l.Store = s
		}
		return err
	})
}

// stop closes the store; what it could not write then were levels.
func (l *life) stop() {
	l.Close()
	l.tape.mend()
	l.Store = nil
}

func TestEveryFailedWriteAndFsyncIsToldAndHeals(t *testing.T) {
	other := neighbour(t, 5)
	theirs := chunk(t, other, village, newDevice(2).writer, 0, 1<<20)
	everywhere(t, func(t *testing.T, begin func(Options) *life) {
		l := begin(newDevice(1).options(""))
		l.start()
		l.fill(50, "家")
		l.fill(51, strings.Repeat("长", 9000))
		l.insist("a neighbour's chunk", func() error { _, _, err := l.Keep(theirs); return err })
		l.fill(50, "again")
		l.stop()
		l.start()
		l.fill(52, "on")
		l.stop()
		l.tape.refuse = nil
		if err := faultless(l.o, false); err != nil {
			t.Fatal(err)
		}
		l.start()
		l.expect("after all")
		fresh := newStore(t, 3)
		pull(t, l.Store, fresh)
		if digest(t, fresh, village) != digest(t, l.Store, village) {
			t.Error("a peer that takes everything has something else")
		}
		l.stop()
		fresh.Close()
	})
}

// A county that was restored from an older backup greets while the disk takes nothing.
func TestALevelThatFellStaysLowWhateverTheDiskRefuses(t *testing.T) {
	w := newDevice(1).writer
	restored := wire.Hello{Device: 9, Epoch: 7, Holds: map[crdt.Space]crdt.Frontier{village: {w: 1}}}
	all := func(crdt.Space) bool { return true }
	everywhere(t, func(t *testing.T, begin func(Options) *life) {
		l := begin(newDevice(1).options(""))
		l.start()
		l.fill(50, "家")
		l.fill(51, "家")
		l.Reached([]wire.Mark{{Space: village, Writer: w, Seq: 2, Level: wire.AtCounty}})
		l.fill(52, "家")
		if l.Save(visit(village, recordID(53), "家")) == nil { // refused or not
			l.acked++
		}
		l.Met(restored, all, wire.AtCounty)
		low := func(when string) {
			if got := l.Level(village, crdt.Dot{Writer: w, Seq: 2}); got >= wire.AtCounty || l.Heard() == 0 {
				t.Fatalf("%s what the county has lost is shown as %s, and the county as heard at %d", when, got, l.Heard())
			}
		}
		low("as soon as it greets")
		l.tape.mend()
		l.now = l.now.Add(retryAfter)
		l.fill(54, "on")
		low("after the next form")
		l.stop()
	})
}

func TestARestoreThatFailsAnywhereLeavesTheOldFileOrTheNew(t *testing.T) {
	from := neighbour(t, 12)
	copied := snapshot(t, from)
	want := ""
	everywhere(t, func(t *testing.T, begin func(Options) *life) {
		l := begin(hubOptions(""))
		l.start()
		before := dump(t, l.Store)
		err := l.Restore(bytes.NewReader(copied))
		if err != nil && dump(t, l.Store) != before && l.ReadOnly() == nil {
			t.Fatalf("after %v it goes on though the folder may name the old file still", err)
		}
		l.tape.mend()
		l.now = l.now.Add(retryAfter)
		if err != nil {
			if got := dump(t, l.Store); got != before && got != want {
				t.Fatalf("after %v it shows neither the old nor the new", err)
			}
			if err := l.Restore(bytes.NewReader(copied)); err != nil {
				t.Fatal(err)
			}
		}
		if want == "" {
			want = dump(t, l.Store)
		}
		if dump(t, l.Store) != want || digest(t, l.Store, village) != digest(t, from, village) {
			t.Fatal("it was restored as something else")
		}
		l.stop()
		if err := faultless(l.o, false); err != nil {
			t.Fatal(err)
		}
	})
}

func TestACompactingThatFailsAnywhereLeavesAWholeFile(t *testing.T) {
	everywhere(t, func(t *testing.T, begin func(Options) *life) {
		l := begin(newDevice(1).options(""))
		l.start()
		for i := range 5 {
			l.fill(i, strings.Repeat("家", 500))
		}
		l.stop()
		for _, rewrite := range []func() error{
			func() error { _, _, err := compact(l.tape, l.o.Path); return err },
			func() error { _, err := Repair(l.o, nil); return err },
		} {
			l.insist("rewriting", rewrite)
			if err := faultless(l.o, false); err != nil {
				t.Fatal(err)
			}
		}
		l.start()
		l.expect("rewritten")
		l.stop()
	})
}

func TestAFileThatCannotGrowIsReadOnlyUntilItCan(t *testing.T) {
	l := unborn(t, newDevice(1).options(""))
	l.start()
	refused := 0
	for i := range 12 {
		l.tape.freeze()
		text := strings.Repeat("长", 4000)
		if err := l.Save(visit(village, recordID(i), text)); err != nil {
			refused++
			if !errors.Is(err, ErrReadOnly) {
				t.Fatal(err)
			}
			l.told("growing")
		}
		l.tape.mend()
		l.now = l.now.Add(retryAfter)
		l.fill(i, text)
	}
	if refused == 0 {
		t.Error("the file never had to grow")
	}
	l.stop()
	if err := faultless(l.o, false); err != nil {
		t.Error(err)
	}
}
