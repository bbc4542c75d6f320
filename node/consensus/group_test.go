package consensus

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

// ledger is a machine whose disk is the test: it outlives its replica.
type ledger struct {
	mu       sync.Mutex
	pages    []page
	faults   []string // what the contract forbids and was done
	restored int
}

type page struct {
	Index uint64
	Entry []byte
}

func (l *ledger) Apply(index uint64, entry []byte) []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.pages); n > 0 && index <= l.pages[n-1].Index {
		l.faults = append(l.faults, fmt.Sprintf("entry %d was applied after %d", index, l.pages[n-1].Index))
	}
	l.pages = append(l.pages, page{index, bytes.Clone(entry)})
	return append([]byte("did "), entry...)
}

func (l *ledger) Applied() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.pages) == 0 {
		return 0
	}
	return l.pages[len(l.pages)-1].Index
}

func (l *ledger) Snapshot(w io.Writer) error { return json.NewEncoder(w).Encode(l.copy()) }

func (l *ledger) Restore(r io.Reader) error {
	var pages []page
	if err := json.NewDecoder(r).Decode(&pages); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pages = pages
	l.restored++
	return nil
}

func (l *ledger) copy() []page {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.pages)
}

func (l *ledger) holds(entry string) bool {
	return slices.ContainsFunc(l.copy(), func(p page) bool { return string(p.Entry) == entry })
}

// group is three replicas, some of which may be down.
type group struct {
	testing.TB
	net      *memory
	dir      string
	tuning   tuning
	ledgers  map[uint32]*ledger
	replicas map[uint32]*Consensus // those that are up
	stops    map[uint32]func()
}

var members = []uint32{1, 2, 3}

func newGroup(t testing.TB) *group {
	g := &group{
		TB: t, net: newMemory(), dir: t.TempDir(), tuning: defaultTuning(),
		ledgers: map[uint32]*ledger{}, replicas: map[uint32]*Consensus{}, stops: map[uint32]func(){},
	}
	g.tuning.segmentSizeBytes = 1 << 20
	for _, m := range members {
		g.ledgers[m] = new(ledger)
	}
	t.Cleanup(func() {
		for _, m := range members {
			g.stop(m)
		}
		for m, l := range g.ledgers {
			for _, fault := range l.faults {
				t.Errorf("replica %d: %s", m, fault)
			}
		}
	})
	return g
}

// startAll starts the replicas that are down.
func (g *group) startAll() *group {
	for _, m := range members {
		if g.replicas[m] == nil {
			g.start(m)
		}
	}
	return g
}

func (g *group) options(device uint32) Options {
	return Options{
		Device: device, Members: members, Dir: g.home(device),
		Network: port{g.net, device}, Machine: g.ledgers[device],
		May: func(device uint32, _ Purpose) bool { return slices.Contains(members, device) },
	}
}

func (g *group) home(device uint32) string { return filepath.Join(g.dir, fmt.Sprint(device)) }

func (g *group) start(device uint32) { g.run(g.options(device)) }

func (g *group) run(o Options) {
	c, err := New(o)
	if err != nil {
		g.Fatal(err)
	}
	c.tuning = g.tuning
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	g.replicas[o.Device] = c
	g.stops[o.Device] = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			g.Errorf("replica %d ended with: %v", o.Device, err)
		}
		delete(g.replicas, o.Device)
	})
}

func (g *group) stop(device uint32) {
	if stop := g.stops[device]; stop != nil {
		stop()
	}
}

// until polls a condition; in a bubble the waiting costs nothing.
func (g *group) until(what string, condition func() bool) {
	g.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !condition(); <-time.After(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			g.Fatalf("never came: %s", what)
		}
	}
}

// leader waits until the replicas that are up, but those named, agree on a
// leader among them.
func (g *group) leader(but ...uint32) (leader uint32) {
	g.Helper()
	g.until("a leader", func() bool {
		seen := map[uint32]bool{}
		for m, c := range g.replicas {
			if !slices.Contains(but, m) {
				leader = c.Status().Leader
				seen[leader] = true
			}
		}
		return len(seen) == 1 && leader != 0 && g.replicas[leader] != nil && !slices.Contains(but, leader)
	})
	return leader
}

// follower returns a replica that is up and does not lead.
func (g *group) follower() uint32 {
	leader := g.leader()
	for _, m := range members {
		if m != leader && g.replicas[m] != nil {
			return m
		}
	}
	panic("no follower is up")
}

func (g *group) propose(through uint32, entries ...string) {
	g.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	for _, entry := range entries {
		answer, err := g.replicas[through].Propose(ctx, []byte(entry))
		if err != nil || string(answer) != "did "+entry {
			g.Fatalf("Propose(%s) through %d answered %q, %v", entry, through, answer, err)
		}
	}
}

// agree waits until the replicas that are up are current, and compares them.
func (g *group) agree() {
	g.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	var first []page
	for m, c := range g.replicas {
		if err := c.Current(ctx); err != nil {
			g.Fatalf("replica %d: %v", m, err)
		}
		pages := g.ledgers[m].copy()
		if first == nil {
			first = pages
		}
		if !slices.EqualFunc(first, pages, func(a, b page) bool { return a.Index == b.Index && bytes.Equal(a.Entry, b.Entry) }) {
			g.Fatalf("replica %d holds another order: %d and %d entries", m, len(pages), len(first))
		}
	}
}

func numbered(prefix string, n int) []string {
	entries := make([]string, n)
	for i := range entries {
		entries[i] = fmt.Sprintf("%s-%d", prefix, i)
	}
	return entries
}

// copyDir makes to a copy of from as it is now.
func copyDir(t testing.TB, from, to string) {
	t.Helper()
	if err := os.RemoveAll(to); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}
