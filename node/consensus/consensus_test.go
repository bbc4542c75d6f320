package consensus

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/raft"
)

func TestEntriesAreCommittedThroughAnyReplica(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGroup(t).startAll()
		leader := g.leader()
		for _, m := range members {
			g.propose(m, numbered(fmt.Sprint("through", m), 5)...)
		}
		g.agree()
		if n := len(g.ledgers[leader].copy()); n != 15 {
			t.Errorf("the leader holds %d entries, want 15", n)
		}
		s := g.replicas[leader].Status()
		if s.Role != "leader" || s.Leader != leader || s.Applied != g.ledgers[leader].Applied() || s.LastContact.IsZero() {
			t.Errorf("the leader sees %+v", s)
		}
	})
}

func TestLargestEntryIsCommittedThroughAFollower(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGroup(t).startAll()
		c := g.replicas[g.follower()]
		_, err := c.Propose(t.Context(), make([]byte, EntryMax+1))
		if err == nil || !strings.Contains(err.Error(), "split it") {
			t.Errorf("an entry that is too large got %v", err)
		}
		// Its answer is four bytes longer, which is too large in turn.
		_, err = c.Propose(t.Context(), make([]byte, EntryMax))
		if err == nil || !strings.Contains(err.Error(), "was committed") {
			t.Errorf("an answer that is too large got %v", err)
		}
		if answer, err := c.Propose(t.Context(), make([]byte, EntryMax-4)); err != nil || len(answer) != EntryMax {
			t.Errorf("the largest entry got %d bytes, %v", len(answer), err)
		}
	})
}

func TestNoAcknowledgedEntryIsLostWhenTheLeaderIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGroup(t).startAll()
		old := g.leader()
		acknowledged := make(chan string, 1000)
		var proposers sync.WaitGroup
		for _, m := range members {
			for p := range 4 {
				proposers.Go(func() {
					for _, entry := range numbered(fmt.Sprintf("%d.%d", m, p), 40) {
						g.propose(m, entry)
						acknowledged <- entry
					}
				})
			}
		}
		g.until("some acknowledgements", func() bool { return len(acknowledged) > 60 })
		g.net.isolate(old)
		if g.leader(old) == old {
			t.Error("the leader that was cut off still leads the others")
		}
		time.Sleep(20 * time.Second)
		g.net.heal()
		proposers.Wait()
		g.agree()
		close(acknowledged)
		for entry := range acknowledged {
			if !g.ledgers[old].holds(entry) {
				t.Errorf("%s was acknowledged and is lost", entry)
			}
		}
	})
}

func TestGroupGoesOnWhenItsLeaderStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGroup(t).startAll()
		through, entries := g.follower(), numbered("go on", 60)
		done := make(chan struct{})
		go func() {
			defer close(done)
			g.propose(through, entries...)
		}()
		old := g.leader()
		g.until("some entries", func() bool { return len(g.ledgers[old].copy()) > 5 })
		g.stop(old)
		<-done
		g.start(old)
		g.agree()
		for _, entry := range entries {
			if !g.ledgers[old].holds(entry) {
				t.Errorf("%s was acknowledged and is lost", entry)
			}
		}
	})
}

func TestReplicaThatWasDownCatchesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGroup(t).startAll()
		away := g.follower()
		g.stop(away)
		g.propose(g.leader(), numbered("while away", 50)...)
		g.start(away)
		g.agree()
		if g.ledgers[away].restored != 0 {
			t.Error("a snapshot was sent where the log was enough")
		}
	})
}

// snapshotsEarly makes a replica that misses a few dozen entries need a
// snapshot.
func (g *group) snapshotsEarly() *group {
	g.tuning = tuning{snapshotEvery: time.Second, snapshotAfter: 20, trailing: 5, segmentSizeBytes: 4 << 10}
	return g
}

// proposeUntilCut proposes until the entry after an index is gone everywhere.
// Only whole segments go; until then an entry that was cut can still be read.
func (g *group) proposeUntilCut(index uint64) {
	for i := 0; ; i++ {
		g.propose(g.leader(), numbered(fmt.Sprint("to be cut ", i), 25)...)
		time.Sleep(3 * time.Second)
		gone := true
		for _, c := range g.replicas {
			err := c.replica.stores.log.GetLog(index+1, new(raft.Log))
			gone = gone && errors.Is(err, raft.ErrLogNotFound)
		}
		if gone {
			return
		}
	}
}

func TestReplicaBehindTheLogGetsASnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGroup(t).snapshotsEarly().startAll()
		g.propose(g.leader(), numbered("before", 10)...)
		g.agree()
		away := g.follower()
		g.stop(away)
		g.proposeUntilCut(g.ledgers[away].Applied())
		g.start(away)
		g.agree()
		if g.ledgers[away].restored == 0 {
			t.Error("the replica caught up without a snapshot; the test shows nothing")
		}
		g.propose(away, "after")
		g.agree()
	})
}

func TestRestartAppliesNothingTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGroup(t).startAll()
		g.propose(g.leader(), numbered("first life", 20)...)
		g.agree()
		for _, m := range members {
			g.stop(m)
		}
		g.startAll()
		g.propose(g.leader(), numbered("second life", 20)...)
		g.agree()
		if n := len(g.ledgers[1].copy()); n != 40 {
			t.Errorf("%d entries are held, want 40", n)
		}
	})
}

// What is copied while a replica runs is what kill -9 would leave. It says
// nothing from then on: a replica that forgot what it had vouched for would
// make the others lose it.
func TestOpensWhatAKillLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGroup(t).startAll()
		killed := g.leader()
		g.propose(killed, numbered("before", 20)...)
		left := filepath.Join(g.dir, "left")
		copyDir(t, g.home(killed), left)
		ledger := &ledger{pages: g.ledgers[killed].copy()}
		g.stop(killed)
		g.propose(g.leader(), numbered("after", 20)...)
		copyDir(t, left, g.home(killed))
		g.ledgers[killed] = ledger
		g.start(killed)
		g.agree()
		if n := len(ledger.copy()); n != 40 {
			t.Errorf("%d entries are held, want 40", n)
		}
	})
}

func TestMachineFromAnOldCopyIsBroughtUpToTheSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGroup(t).snapshotsEarly().startAll()
		g.proposeUntilCut(10)
		g.agree()
		old := g.follower()
		g.stop(old)
		g.ledgers[old] = &ledger{pages: g.ledgers[old].copy()[:3]}
		unfinished := filepath.Join(g.home(old), "snapshots", "9-9-9.tmp")
		if err := os.Mkdir(unfinished, 0o700); err != nil {
			t.Fatal(err)
		}
		g.start(old)
		g.agree()
		if g.ledgers[old].restored != 1 {
			t.Errorf("the machine was restored %d times, want once", g.ledgers[old].restored)
		}
		if _, err := os.Stat(unfinished); !errors.Is(err, os.ErrNotExist) {
			t.Error("a snapshot that was cut short is still there")
		}
	})
}

func TestCurrentSeesWhatAnotherReplicaWrote(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGroup(t).startAll()
		g.leader()
		for i := range 30 {
			writer, reader := members[i%3], members[(i+1+i/3%2)%3]
			entry := fmt.Sprint("write ", i)
			g.propose(writer, entry)
			if err := g.replicas[reader].Current(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !g.ledgers[reader].holds(entry) {
				t.Fatalf("%d does not see what %d wrote: %s", reader, writer, entry)
			}
		}
	})
}

func TestReplicaThatIsCutOffIsNotCurrent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGroup(t).startAll()
		cut := g.leader()
		g.net.isolate(cut)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if err := g.replicas[cut].Current(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Current returned %v where nobody could be asked", err)
		}
		if _, err := g.replicas[cut].Propose(ctx, []byte("x")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Propose returned %v where nobody could be asked", err)
		}
		g.net.heal()
		g.agree()
	})
}

func TestStrangerIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGroup(t).startAll()
		leader := g.leader()
		for _, p := range []Purpose{Raft, Propose} {
			conn, err := port{g.net, 9}.Open(t.Context(), leader, p)
			if err != nil {
				t.Fatal(err)
			}
			if err := writeFrame(conn, askPropose, []byte("let me in")); err == nil {
				t.Errorf("a stranger's words were read for %s", p)
			}
			conn.Close()
		}
		g.agree()
		if len(g.ledgers[leader].copy()) != 0 {
			t.Error("a stranger wrote into the county's order")
		}
	})
}

func TestNonsenseIsAnsweredOrCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGroup(t).startAll()
		leader := g.leader()
		other := g.follower()
		open := func() interface {
			Read([]byte) (int, error)
			Write([]byte) (int, error)
			Close() error
		} {
			conn, err := port{g.net, other}.Open(t.Context(), leader, Propose)
			if err != nil {
				t.Fatal(err)
			}
			return conn
		}
		unknown := open()
		defer unknown.Close()
		if err := writeFrame(unknown, 77, nil); err != nil {
			t.Fatal(err)
		}
		if says, reason, err := readFrame(unknown); err != nil || says != saysRefused {
			t.Errorf("an unknown request got %d %q, %v", says, reason, err)
		}
		silent := open()
		defer silent.Close()
		began := time.Now()
		if _, _, err := readFrame(silent); err == nil || time.Since(began) > time.Minute {
			t.Errorf("a silent conversation ended after %s with %v", time.Since(began), err)
		}
	})
}

func TestEndOfContextEndsEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGroup(t).startAll()
		leader := g.leader()
		c := g.replicas[leader]
		for _, m := range members {
			if m != leader {
				g.net.isolate(m)
			}
		}
		failed := make(chan error, 20)
		for i := range cap(failed) {
			go func() {
				_, err := c.Propose(context.Background(), fmt.Append(nil, "stuck ", i))
				failed <- err
			}()
		}
		synctest.Wait()
		began := time.Now()
		g.stop(leader)
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("the end took %s", took)
		}
		for range cap(failed) {
			if err := <-failed; !errors.Is(err, errStopped) {
				t.Errorf("a proposal ended with %v", err)
			}
		}
		if err := c.Current(context.Background()); !errors.Is(err, errStopped) {
			t.Errorf("Current after the end: %v", err)
		}
		if s := c.Status(); s.Role != "shutdown" {
			t.Errorf("the role after the end is %s", s.Role)
		}
		g.net.heal()
	})
}

func TestLogOfAnotherGroupIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGroup(t).startAll()
		g.propose(g.leader(), "founded")
		g.agree()
		g.stop(1)
		o := g.options(1)
		o.Members = []uint32{1, 2, 3, 4, 5}
		refuses(t, o, "was founded by other members")
		o = g.options(1)
		o.Dir = t.TempDir()
		refuses(t, o, "holds no log of them")
	})
}

func refuses(t *testing.T, o Options, why string) {
	t.Helper()
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Run(t.Context()); err == nil || !strings.Contains(err.Error(), why) {
		t.Errorf("Run returned %v, want: %s", err, why)
	}
	if _, err := c.Propose(t.Context(), nil); !errors.Is(err, errStopped) {
		t.Errorf("Propose after a failed start returned %v", err)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	good := newGroup(t).options(1)
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Options){
		"no directory":    func(o *Options) { o.Dir = "" },
		"no machine":      func(o *Options) { o.Machine = nil },
		"no rule":         func(o *Options) { o.May = nil },
		"not a member":    func(o *Options) { o.Device = 4 },
		"device 0":        func(o *Options) { o.Members = []uint32{0, 1, 2} },
		"named twice":     func(o *Options) { o.Members = []uint32{1, 2, 2} },
		"an even group":   func(o *Options) { o.Members = []uint32{1, 2, 3, 4} },
		"hasty timeouts":  func(o *Options) { o.Timeouts = -1 },
		"nobody at all":   func(o *Options) { o.Members = nil },
		"a huge group":    func(o *Options) { o.Members = slices.Repeat([]uint32{1}, 99) },
		"endless waiting": func(o *Options) { o.Timeouts = 1000 },
	} {
		o := good
		spoil(&o)
		if _, err := New(o); err == nil {
			t.Errorf("%s: not noticed", name)
		}
	}
}
