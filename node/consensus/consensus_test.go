package consensus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestEntriesAreCommittedThroughAnyReplica(t *testing.T) {
	bubble(t, func(t *testing.T) {
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
	bubble(t, func(t *testing.T) {
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

func TestCurrentSeesWhatAnotherReplicaWrote(t *testing.T) {
	bubble(t, func(t *testing.T) {
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
	bubble(t, func(t *testing.T) {
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

func TestEndOfContextEndsEverything(t *testing.T) {
	bubble(t, func(t *testing.T) {
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
