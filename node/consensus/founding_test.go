package consensus

import (
	"os"
	"testing"
)

// inherited is the machine of a group that was lost, as a backup brings it back.
func inherited() *ledger { return &ledger{pages: []page{{Founding, []byte("before the group")}}} }

// A group is founded anew from a backup; then a replica loses its disk. The log says
// nothing of what the backup held.
func TestReplicaThatLosesItsDiskGetsWhatTheGroupWasFoundedWith(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newGroup(t)
		for _, m := range members {
			g.ledgers[m] = inherited()
		}
		g.startAll()
		g.propose(g.leader(), numbered("after", 10)...)
		g.agree()
		lost := g.follower()
		g.stop(lost)
		if err := os.RemoveAll(g.home(lost)); err != nil {
			t.Fatal(err)
		}
		g.ledgers[lost] = new(ledger)
		g.start(lost)
		g.agree()
		if !g.ledgers[lost].holds("before the group") {
			t.Error("the replica lacks what the group was founded with")
		}
		g.propose(lost, "and after that")
		g.agree()
	})
}

// What a group was founded with is given to nobody again, and its restarts are as any.
func TestGroupThatWasFoundedAnewRestarts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newGroup(t)
		for _, m := range members {
			g.ledgers[m] = inherited()
		}
		for _, life := range []string{"first life", "second life"} {
			g.startAll()
			g.propose(g.leader(), numbered(life, 10)...)
			g.agree()
			for _, m := range members {
				g.stop(m)
			}
		}
		for m, l := range g.ledgers {
			if len(l.copy()) != 21 || l.restored != 0 {
				t.Errorf("replica %d holds %d entries after %d restores; want 21 and none", m, len(l.copy()), l.restored)
			}
		}
	})
}
