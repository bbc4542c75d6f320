package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/node/web"
	"wangge/schema"
)

var (
	killRounds = flag.Int("kill-rounds", 6, "rounds of kills and cuts in TestNothingAcknowledgedIsLost")
	killSeed   = flag.Uint64("kill-seed", 0, "seed of its random choices (default: by the clock, and printed)")
)

// scribe saves one visit after the other at a box, as a person with the patience
// to press the button again does, and remembers what was acknowledged.
type scribe struct {
	box  uint32
	rng  *rand.Rand
	told chan struct{} // a value for every acknowledgement, if anyone takes it

	mu    sync.Mutex
	acked []string
}

func (s *scribe) write(ctx context.Context, c *county, community string) {
	for ctx.Err() == nil {
		form := visit(community, s.rng.IntN(1000))
		id := ulid(s.rng, 1730448085841)
		form["id"] = id
		line, _ := json.Marshal(form)
		for !s.post(ctx, c, line) && ctx.Err() == nil {
		}
		if ctx.Err() != nil {
			return
		}
		s.mu.Lock()
		s.acked = append(s.acked, recordID("grid_visit", id))
		s.mu.Unlock()
		select {
		case s.told <- struct{}{}:
		case <-ctx.Done():
		}
	}
}

// post reports whether the box said that it has the line.
func (s *scribe) post(ctx context.Context, c *county, line []byte) bool {
	a, err := c.actor(s.box)
	if err != nil {
		return false
	}
	cl, err := a.client()
	if err != nil {
		return false
	}
	b, err := cl.do(ctx, "POST", "/api/import?kind=grid_visit", "application/x-ndjson", line)
	if err != nil {
		return false
	}
	var answer struct{ Outcomes []web.Outcome }
	return json.Unmarshal(b, &answer) == nil && len(answer.Outcomes) == 1 && answer.Outcomes[0].State != "refused"
}

// Three people write without pause while the hub's leader and boxes are killed
// and links are cut at random moments.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	seed := *killSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d: repeat with -kill-seed", seed)
	rng := rand.New(rand.NewPCG(seed, 7))
	c := newCounty(t)
	ctx, cancel := context.WithCancel(t.Context())
	scribes := []*scribe{}
	var writing sync.WaitGroup
	for box, community := range map[uint32]string{eastBox: "140581105211", westBox: "140581105212", riverBox: "140581108213"} {
		s := &scribe{box: box, rng: rand.New(rand.NewPCG(seed, uint64(box))), told: make(chan struct{})}
		scribes = append(scribes, s)
		writing.Go(func() { s.write(ctx, c, community) })
	}
	defer writing.Wait()
	defer cancel()
	acks := make(chan struct{})
	for _, s := range scribes {
		writing.Go(func() { s.pass(ctx, acks) })
	}
	for round := range *killRounds {
		awaitAcks(t, acks, 5+rng.IntN(60))
		c.harm(rng, round, func() { awaitAcks(t, acks, 5+rng.IntN(40)) })
	}
	awaitAcks(t, acks, 10)
	cancel()
	writing.Wait()
	c.expectAll(scribes)
}

// pass hands acknowledgements on to whoever counts them.
func (s *scribe) pass(ctx context.Context, acks chan<- struct{}) {
	for {
		select {
		case <-s.told:
		case <-ctx.Done():
			return
		}
		select {
		case acks <- struct{}{}:
		case <-ctx.Done():
			return
		}
	}
}

func awaitAcks(t *testing.T, acks <-chan struct{}, n int) {
	t.Helper()
	late := time.After(waitMax)
	for range n {
		select {
		case <-acks:
		case <-late:
			t.Fatalf("nobody could write for %s", waitMax)
		}
	}
}

// harm does one bad thing, lets people write on, and mends it.
func (c *county) harm(rng *rand.Rand, round int, meanwhile func()) {
	c.t.Helper()
	victim := []uint32{eastBox, westBox, riverBox}[rng.IntN(3)]
	switch rng.IntN(3) {
	case 0:
		victim = max(c.leader(), 1)
		c.t.Logf("round %d: the leader, device %d, is killed", round, victim)
		c.Stop(victim)
	case 1:
		c.t.Logf("round %d: box %d is killed", round, victim)
		c.Stop(victim)
	default:
		c.t.Logf("round %d: box %d is cut off", round, victim)
		if err := c.Cut(victim, true); err != nil {
			c.t.Fatal(err)
		}
	}
	meanwhile()
	if err := c.Start(victim); err != nil {
		c.t.Fatal(err)
	}
	if err := c.Cut(victim, false); err != nil {
		c.t.Fatal(err)
	}
}

// expectAll checks that the county counts exactly what was acknowledged, and
// that every box still has every visit that it acknowledged.
func (c *county) expectAll(scribes []*scribe) {
	c.t.Helper()
	c.until("all nodes agree", c.agreed)
	acked := 0
	for _, s := range scribes {
		s.mu.Lock()
		acked += len(s.acked)
		s.mu.Unlock()
	}
	// One line a scribe may have been saved without its answer having come.
	for hub := uint32(1); hub <= 3; hub++ {
		if n := c.total(hub, "grid_visit.visits"); n < int64(acked) || n > int64(acked+len(scribes)) {
			c.t.Errorf("hub %d counts %d visits, %d were acknowledged", hub, n, acked)
		}
	}
	c.t.Logf("%d visits acknowledged", acked)
	for _, s := range scribes {
		held := c.held(s.box)
		for _, id := range s.acked {
			if !held[id] {
				c.t.Errorf("box %d has lost visit %s", s.box, id)
			}
		}
	}
}

// held returns the ids of all visits at a box.
func (c *county) held(box uint32) map[string]bool {
	c.t.Helper()
	all := map[string]bool{}
	for next := ""; ; {
		var list struct {
			Items []web.Item
			Next  string
		}
		path := "/api/records?kind=grid_visit&limit=200&after=" + next
		if err := c.ask(box).getJSON(c.t.Context(), path, &list); err != nil {
			c.t.Fatal(err)
		}
		for _, item := range list.Items {
			all[item.ID] = true
		}
		if next = list.Next; next == "" {
			return all
		}
	}
}

// The leader, the box and the import itself are killed while 6,000 visits come in.
func TestAnImportThatIsKilledAndRunAgainIsExact(t *testing.T) {
	c := newCounty(t)
	c.until("the hub has a leader", func() bool { return c.leader() != 0 })
	const lines = 6000
	file := t.TempDir() + "/visits.ndjson"
	if err := os.WriteFile(file, visitLines(2, lines), 0o600); err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	for _, kill := range []string{"leader", "box", "import"} {
		records := c.recordsAt(eastBox) + uint64(100+rng.IntN(900))
		importing := exec.Command(os.Args[0], "import", "--kind", "grid_visit", "--node", c.ask(eastBox).base, "--quiet", file)
		var said bytes.Buffer
		importing.Stderr = &said
		if err := importing.Start(); err != nil {
			t.Fatal(err)
		}
		c.until("the import is under way", func() bool { return c.recordsAt(eastBox) >= min(records, lines) })
		switch kill {
		case "leader":
			leader := max(c.leader(), 1)
			c.Stop(leader)
			defer c.Start(leader)
			importing.Process.Kill()
			importing.Wait()
			if err := c.Start(leader); err != nil {
				t.Fatal(err)
			}
		case "box":
			c.Stop(eastBox)
			importing.Process.Kill()
			importing.Wait()
			if err := c.Start(eastBox); err != nil {
				t.Fatal(err)
			}
		default:
			importing.Process.Kill()
			importing.Wait()
		}
	}
	code, out, bad := wangge(t, nil, "import", "--kind", "grid_visit", "--node", c.ask(eastBox).base, "--quiet", file)
	if code != 0 || !strings.Contains(out, "6000 lines") {
		t.Fatalf("the last import: code %d, %s%s", code, out, bad)
	}
	c.until("all nodes agree", c.agreed)
	for hub := uint32(1); hub <= 3; hub++ {
		if n := c.total(hub, "grid_visit.visits"); n != lines {
			t.Errorf("hub %d counts %d visits, want %d", hub, n, lines)
		}
	}
}

func (c *county) recordsAt(device uint32) uint64 {
	s, err := c.Status(c.t.Context(), device)
	if err != nil {
		return 0
	}
	var n uint64
	for _, sp := range s.Spaces {
		n += sp.Records
	}
	return n
}

// A box of another county, which knows every address, gets nothing and changes
// nothing.
func TestABoxOfAnotherCountyGetsNothing(t *testing.T) {
	c := newCounty(t)
	c.save(eastBox, "grid_visit", visit("140581105211", 1))
	c.until("all nodes agree", c.agreed)

	strangers, err := setStage(t.TempDir(), os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(strangers.end)
	stranger := strangers.actors[eastBox-1]
	for i, a := range strangers.actors {
		a.link = c.actors[i].link // it calls this county's machines
	}
	stranger.link = "127.0.0.1:0"
	if err := stranger.configure(strangers.actors); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(stranger.start(), stranger.awaitReady(t.Context())); err != nil {
		t.Fatal(err)
	}
	foreign := &county{strangers, t, ""}
	foreign.save(eastBox, "grid_visit", visit("140581105211", 2))
	c.until("the stranger has been refused", func() bool {
		b, _ := os.ReadFile(stranger.dir + "/log.txt")
		return bytes.Count(b, []byte("no contact with the hub replica")) >= 3
	})
	if s := foreign.status(eastBox); s.Waiting == 0 || len(s.Spaces) != 1 || s.Spaces[0].Records != 1 || !s.HeardHub.IsZero() {
		t.Errorf("the stranger got something: %+v", s)
	}
	if n := c.total(1, "grid_visit.visits"); n != 1 {
		t.Errorf("the county counts %d visits, want its own one", n)
	}
	if !c.agreed() {
		t.Error("the county no longer agrees")
	}
}

// recordID returns the id of the record of a kind that a form makes which brings a ULID.
func recordID(kind, ulid string) string {
	id, _ := schema.ParseULID(ulid)
	return id.Of(kind).String()
}

// A box whose disk died starts with its old keys and an empty folder. What it
// had pushed comes back to it, and what it writes now is a new writer's work.
func TestABoxWithAnEmptyDiskContinuesNothingAndLosesNothing(t *testing.T) {
	c := newCounty(t)
	old := c.save(riverBox, "grid_visit", visit("140581108213", 1))
	abroad := c.save(riverBox, "grid_visit", visit("140581105211", 2)) // of an area that it does not hold
	c.until("all nodes agree", c.agreed)
	c.Stop(riverBox)
	if err := os.RemoveAll(c.actors[riverBox-1].dir + "/data"); err != nil {
		t.Fatal(err)
	}
	if err := c.Start(riverBox); err != nil {
		t.Fatal(err)
	}
	fresh := c.save(riverBox, "grid_visit", visit("140581105211", 3))
	c.until("its old work is back and its new work at the county", func() bool {
		_, _, ok := c.look(riverBox, old)
		_, level, held := c.look(riverBox, fresh)
		_, _, there := c.look(eastBox, abroad)
		return ok && held && level == "county" && there && c.agreed()
	})
	if n := c.total(2, "grid_visit.visits"); n != 3 {
		t.Errorf("the county counts %d visits, want 3", n)
	}
}
