package consensus

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/raft"
)

func TestNoAcknowledgedEntryIsLostWhenTheLeaderIsCutOff(t *testing.T) {
	bubble(t, func(t *testing.T) {
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
		<-time.After(20 * time.Second)
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
	bubble(t, func(t *testing.T) {
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
	bubble(t, func(t *testing.T) {
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
		<-time.After(3 * time.Second)
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
	bubble(t, func(t *testing.T) {
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
	bubble(t, func(t *testing.T) {
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
	bubble(t, func(t *testing.T) {
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
	bubble(t, func(t *testing.T) {
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
