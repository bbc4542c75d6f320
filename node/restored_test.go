package node

import (
	"slices"
	"testing"

	"wangge/crdt"
	"wangge/sync/wire"
)

// writers returns who has written in the field, as a machine holds it.
func writers(m *party) []crdt.Writer {
	return m.store.Frontiers(func(crdt.Space) bool { return true })[field].Writers()
}

// A disk comes back from a copy by hand, with the writer's key in it. Whoever is
// met first, by whoever calls first, what the machine had written comes back,
// and its next form is another writer's.
func TestAMachineThatMeetsItsOwnLaterWorkTakesItBackAndWritesUnderANewName(t *testing.T) {
	for _, first := range []string{"the hub", "a neighbour", "a neighbour that calls"} {
		t.Run(first, func(t *testing.T) {
			p := newProvince(t, 2)
			box, other := p.boxes[0], p.boxes[1]
			p.write(box, 1, "before the copy")
			copied := p.copyOf(box, "copy")
			p.write(box, 2, "after the copy")
			p.write(box, 1, "after the copy")
			p.meet(box, p.hub)
			p.meet(other, p.hub)
			box.store.Close()

			box = p.open(box.keys, copied)
			old := writers(box)
			switch first {
			case "the hub":
				p.meet(box, p.hub)
			case "a neighbour":
				p.meet(box, other)
			default:
				p.meet(other, box)
			}
			if got := p.shows(box, 1); !slices.Equal(got, []string{"after the copy"}) || len(p.shows(box, 2)) != 1 {
				t.Errorf("the work did not come back: %q, %q", got, p.shows(box, 2))
			}
			p.write(box, 3, "after all")
			if got := writers(box); len(got) != 2 || box.store.Held(field, old[0]) != 3 {
				t.Errorf("its next form was signed as %v, after %v", got, old)
			}
			p.meet(box, p.hub)
			p.meet(other, p.hub)
			p.agree(p.hub, box, other)
			if got := p.level(box, 3); got != wire.AtCounty {
				t.Errorf("the new form is at level %s", got)
			}
		})
	}
}

// The name is given up on the peer's greeting already, and durably: a crash
// between greeting and batches must not leave a writer that goes on.
func TestAGreetingAloneEndsARestoredWriter(t *testing.T) {
	p := newProvince(t, 1)
	box := p.boxes[0]
	p.write(box, 1, "before")
	copied := p.copyOf(box, "copy")
	p.write(box, 2, "after")
	p.meet(box, p.hub)
	box.store.Close()

	box = p.open(box.keys, copied)
	old := writers(box)[0]
	greeting := wire.Hello{Device: 1, Epoch: 5, Holds: p.hub.store.Frontiers(func(crdt.Space) bool { return true })}
	box.store.Met(greeting, func(crdt.Space) bool { return true }, wire.AtCounty)
	box.store.Close()
	box = p.open(box.keys, copied)
	p.write(box, 3, "under another name")
	if got := box.store.Held(field, old); got != 1 {
		t.Errorf("the old writer went on to batch %d", got)
	}
	p.meet(box, p.hub)
	p.agree(p.hub, box)
}

// A peer that lies costs a new name once, not one with every greeting.
func TestAPeersWordAloneIsBelievedOnce(t *testing.T) {
	p := newProvince(t, 1)
	box := p.boxes[0]
	p.write(box, 1, "mine")
	for range 3 {
		lie := wire.Hello{Device: 9, Epoch: 5, Holds: map[crdt.Space]crdt.Frontier{field: {}}}
		for _, w := range writers(box) {
			lie.Holds[field][w] = 100
		}
		box.store.Met(lie, func(crdt.Space) bool { return true }, wire.AtBox)
		p.write(box, 1, "mine still")
	}
	if got := writers(box); len(got) != 2 {
		t.Errorf("three lies made %d writers", len(got))
	}
}

// The hub's replicas lose a week, by a backup or by copies of their disks. No
// box shows county for what the county has lost, and what boxes hold it is
// given again.
func TestAHubThatLostAWeekIsFedAgainAndNothingShowsCountyMeanwhile(t *testing.T) {
	p := newProvince(t, 2)
	box, other := p.boxes[0], p.boxes[1]
	p.write(box, 1, "last week")
	p.meet(box, p.hub)
	copied := p.copyOf(p.hub, "copy")
	p.write(box, 2, "this week")
	p.write(other, 3, "this week")
	p.meet(box, p.hub)
	p.meet(other, p.hub)
	if got := p.level(box, 2); got != wire.AtCounty {
		t.Fatalf("at first: level %s", got)
	}
	p.hub.store.Close()
	p.hub = p.open(p.hub.keys, copied)

	greeting := wire.Hello{Device: 1, Epoch: p.hub.store.Epoch(), Holds: p.hub.store.Frontiers(func(crdt.Space) bool { return true })}
	box.store.Met(greeting, func(crdt.Space) bool { return true }, wire.AtCounty)
	if got := p.level(box, 2); got != wire.Saved {
		t.Errorf("what the county has lost is shown at level %s", got)
	}
	if got := p.level(box, 1); got != wire.AtCounty {
		t.Errorf("what the county still has is shown at level %s", got)
	}
	if got := box.store.Waiting(); got != 1 {
		t.Errorf("%d batches wait for the county, want 1", got)
	}
	p.meet(box, p.hub)
	p.meet(other, p.hub)
	p.meet(box, p.hub)
	p.agree(p.hub, box, other)
	for record := 1; record <= 3; record++ {
		if got := p.level(box, record); got != wire.AtCounty {
			t.Errorf("record %d is at level %s in the end", record, got)
		}
	}
}

// A neighbour that began anew from an older file no longer vouches for what it
// does not show; one that only holds less does not lower anything.
func TestALevelBoxFallsWhenTheBoxThatProvedItBeganAnew(t *testing.T) {
	p := newProvince(t, 2)
	box, other := p.boxes[0], p.boxes[1]
	p.write(box, 1, "mine")
	p.meet(box, other)
	for _, c := range []struct {
		epoch uint64
		want  wire.Level
	}{{other.store.Epoch(), wire.AtBox}, {7, wire.Saved}} {
		greeting := wire.Hello{Device: other.id.Device.Index, Epoch: c.epoch}
		box.store.Met(greeting, func(crdt.Space) bool { return true }, wire.AtBox)
		if got := p.level(box, 1); got != c.want {
			t.Errorf("after a greeting of epoch %d the record is at level %s, want %s", c.epoch, got, c.want)
		}
		data := box.config.Data
		box.store.Close()
		box = p.open(box.keys, data)
		if got := p.level(box, 1); got != c.want {
			t.Errorf("after a restart the record is at level %s, want %s", got, c.want)
		}
	}
}

// Batches of its own that come unannounced, as from a file, do the same.
func TestOwnBatchesFromOutsideEndAWriterToo(t *testing.T) {
	p := newProvince(t, 1)
	box := p.boxes[0]
	p.write(box, 1, "before")
	copied := p.copyOf(box, "copy")
	p.write(box, 2, "after")
	own := writers(box)[0]
	run, ok, err := box.store.Run(field, own, 1, 1000)
	if err != nil || !ok {
		t.Fatal(err)
	}
	restored := p.open(box.keys, copied)
	if _, refusals, err := restored.store.Keep(wire.Chunk{Runs: []wire.Run{run}}); err != nil || len(refusals) > 0 {
		t.Fatal(refusals, err)
	}
	p.write(restored, 3, "under another name")
	if got := restored.store.Held(field, own); got != 2 || len(writers(restored)) != 2 {
		t.Errorf("the old writer is held up to %d, of %d", got, len(writers(restored)))
	}
}
