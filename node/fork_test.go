package node

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wangge/node/store"
	"wangge/sync/wire"
)

// settle lets all machines meet until nothing changes any more.
func (p *province) settle(boxes ...*party) {
	p.t.Helper()
	for range 3 {
		for _, b := range boxes {
			p.meet(b, p.hub)
		}
	}
}

// A box is copied, both write on, and both meet the county: whoever comes first
// keeps the name, the other's work stands beside it, and both write on as others.
func TestTwoMachinesOfOneWriterBothKeepWhatTheyWrote(t *testing.T) {
	for _, more := range []int{0, 1, 2} { // batches that one has more than the other
		for _, second := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d more, second %t", more, second), func(t *testing.T) {
				p := newProvince(t, 2)
				box, other := p.boxes[0], p.boxes[1]
				p.write(box, 1, "common")
				clone := p.open(box.keys, p.copyOf(box, "clone"))
				p.write(box, 1, "the box's")
				p.write(box, 2, "the box's second")
				p.write(clone, 1, "the clone's")
				p.write(clone, 3, "the clone's second")
				longer := box
				if second {
					longer = clone
				}
				for i := range more {
					p.write(longer, 4, fmt.Sprintf("more %d", i))
				}
				old := writers(box)[0]
				p.meet(box, p.hub)
				p.meet(clone, p.hub)
				p.write(box, 5, "after all")
				p.write(clone, 6, "after all too")
				p.settle(box, clone, other)
				p.agree(p.hub, box, clone, other)
				for _, m := range []*party{p.hub, box, clone, other} {
					got := p.shows(m, 1)
					slices.Sort(got)
					if !slices.Equal(got, []string{"the box's", "the clone's"}) {
						t.Errorf("%s shows %q", m.id.Device.Name, got)
					}
					for record := 2; record <= 6; record++ {
						if record == 4 && more == 0 {
							continue
						}
						if len(p.shows(m, record)) != 1 {
							t.Errorf("%s shows %q of record %d", m.id.Device.Name, p.shows(m, record), record)
						}
						if got := p.level(m, record); got != wire.AtCounty {
							t.Errorf("%s shows record %d at level %s", m.id.Device.Name, record, got)
						}
					}
					if forks := m.store.Forks(); len(forks) != 1 || forks[0].Writer != old || len(forks[0].Arms) == 0 || forks[0].Frozen == 0 {
						t.Errorf("%s knows of the forks %+v", m.id.Device.Name, forks)
					}
				}
				p.verified(box, clone, other, p.hub)
			})
		}
	}
}

// verified closes all stores and has each judged whole.
func (p *province) verified(all ...*party) {
	p.t.Helper()
	for _, m := range all {
		m.store.Close()
		o := m.storeOptions()
		found, err := store.Verify(o, nil)
		if err != nil || len(found.Faults) > 0 {
			p.t.Errorf("%s: %+v, %v", m.id.Device.Name, found, err)
		}
	}
}

// In worlds of boxes that are copied at any moment, write and meet at random, all
// that was written and not replaced is shown everywhere in the end, once.
func TestWorldsWithClonesEndAlike(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 1))
			p := newProvince(t, 2)
			machines := slices.Clone(p.boxes)
			written := 0
			for range 60 {
				m := machines[rng.IntN(len(machines))]
				switch k := rng.IntN(12); {
				case k < 6:
					written++
					record := 100 + written
					if rng.IntN(3) == 0 {
						record = 1 + rng.IntN(3)
					}
					p.write(m, record, fmt.Sprintf("w%d", written))
				case k == 6 && len(machines) < 5:
					machines = append(machines, p.open(m.keys, p.copyOf(m, fmt.Sprintf("clone %d", len(machines)))))
				case k < 10:
					p.meet(m, p.hub)
				default:
					if o := machines[rng.IntN(len(machines))]; o != m && o.id.Device.Index != m.id.Device.Index {
						p.meet(m, o)
					}
				}
			}
			p.settle(machines...)
			p.settle(machines...)
			p.agree(append(machines, p.hub)...)
			for record := 101; record <= 100+written; record++ {
				want := p.shows(p.hub, record)
				for _, m := range machines {
					if got := p.shows(m, record); !slices.Equal(got, want) {
						t.Errorf("record %d: %s shows %q, the county %q", record, m.id.Device.Name, got, want)
					}
				}
			}
			p.verified(append(machines, p.hub)...)
		})
	}
}

// A proof that proves nothing changes nothing and is not kept.
func TestAFalseProofChangesNothing(t *testing.T) {
	p := newProvince(t, 2)
	box := p.boxes[0]
	p.write(box, 1, "common")
	clone := p.open(box.keys, p.copyOf(box, "clone"))
	p.write(box, 1, "the box's")
	p.write(clone, 1, "the clone's")
	p.meet(box, p.hub)
	proof := p.proofOf(clone)
	foreign := newProvince(t, 1)
	for name, change := range map[string]func(*wire.Fork){
		"the same twice": func(f *wire.Fork) { f.Branches[1] = f.Branches[0] },
		"a changed batch": func(f *wire.Fork) {
			f.Branches[1].Batches = [][]byte{append(slices.Clone(f.Branches[1].Batches[0]), 0)}
		},
		"a changed signature": func(f *wire.Fork) { f.Branches[1].Signature = f.Branches[0].Signature },
		"another number":      func(f *wire.Fork) { f.Seq++ },
		"another beginning":   func(f *wire.Fork) { f.Before[0]++ },
		"another space":       func(f *wire.Fork) { f.Space.Area = "140581105212" },
		"another writer":      func(f *wire.Fork) { f.Writer++ },
		"another's credential": func(f *wire.Fork) {
			foreign.write(foreign.boxes[0], 1, "x")
			f.Credential, _ = foreign.boxes[0].store.Credential(writers(foreign.boxes[0])[0])
		},
	} {
		f := proof
		change(&f)
		before := box.store.Spaces()[0]
		if _, err := box.store.Hear(f, true); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := p.hub.store.Proves(f); err == nil {
			t.Errorf("%s is taken by the county", name)
		}
		p.write(box, 9, name)
		if got := box.store.Spaces()[0]; got.Streams != before.Streams || len(box.store.Forks()) > 0 {
			t.Errorf("%s: %+v after %+v, %+v", name, got, before, box.store.Forks())
		}
	}
	if err := p.hub.store.Proves(proof); err != nil {
		t.Errorf("the true proof: %v", err)
	}
}

// proofOf returns the proof that the hub makes of what a machine offers it.
func (p *province) proofOf(m *party) wire.Fork {
	p.t.Helper()
	run, _, err := m.store.Run(field, writers(m)[0], 0, 1<<20)
	if err != nil {
		p.t.Fatal(err)
	}
	_, refusals := p.hub.store.Check(wire.Chunk{Runs: []wire.Run{run}})
	proof, ok := refusals[0].Beside.(wire.Fork)
	if !ok {
		p.t.Fatalf("no proof: %+v", refusals)
	}
	return proof
}

// A counter is a running total, and up to the fork both branches have counted
// the same: it is counted once.
// add counts in field 2 of record 1 at a machine, and counted compares what all
// count there.
func (p *province) add(m *party, n int64) {
	p.t.Helper()
	err := m.store.Save(func(d *store.Draft) error {
		rec, err := d.Record(field, recordOf(1))
		d.Write(field, rec.Add(recordOf(1), "visit", 2, d.Writer(), n))
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *province) counted(want int64, all ...*party) {
	p.t.Helper()
	for _, m := range all {
		rec, err := m.store.Record(field, recordOf(1))
		if got := rec.Cells[2].Sum(); err != nil || got != want {
			p.t.Errorf("%s counts %d, %v; want %d", m.id.Device.Name, got, err, want)
		}
	}
}

func TestWhatBothBranchesHadCountedIsCountedOnce(t *testing.T) {
	p := newProvince(t, 2)
	box, other := p.boxes[0], p.boxes[1]
	p.add(box, 2)
	p.add(box, 3)
	clone := p.open(box.keys, p.copyOf(box, "clone"))
	for _, n := range []int64{10, 20} {
		p.add(box, n)
		p.add(clone, 10*n)
	}
	p.settle(box, clone, other)
	p.add(box, 1000)
	p.add(clone, 1000)
	p.settle(box, clone, other)
	p.agree(p.hub, box, clone, other)
	p.counted(5+30+300+2000, p.hub, box, clone, other)
	p.verified(p.hub, box, clone, other)
}

// Packs are never changed: what stands in one behind the head of a stream that
// was moved is passed over.
func TestABranchThatWasCompactedIsMovedAsWell(t *testing.T) {
	p := newProvince(t, 2)
	box, other := p.boxes[0], p.boxes[1]
	for i := range 40 {
		p.write(box, 1, fmt.Sprintf("common %d", i))
	}
	data := p.copyOf(box, "clone")
	clone := p.open(box.keys, data)
	p.write(box, 2, "the box's")
	for i := range 400 {
		p.write(clone, 10+i%20, fmt.Sprintf("the clone's %d", i))
	}
	clone.store.Close()
	if _, _, err := store.Compact(filepath.Join(data, "store.db")); err != nil {
		t.Fatal(err)
	}
	clone = p.open(box.keys, data)
	p.settle(box, clone, other)
	p.agree(p.hub, box, clone, other)
	for _, m := range []*party{p.hub, box, clone, other} {
		if a, b := p.shows(m, 2), p.shows(m, 29); len(a) != 1 || !slices.Equal(b, []string{"the clone's 399"}) {
			t.Errorf("%s shows %q and %q", m.id.Device.Name, a, b)
		}
	}
	p.verified(p.hub, box, clone, other)
}

// A copy of a copy leaves the branch that had left.
func TestACopyOfACopyIsAnArmOfAnArm(t *testing.T) {
	p := newProvince(t, 2)
	box, other := p.boxes[0], p.boxes[1]
	p.write(box, 1, "common")
	clone := p.open(box.keys, p.copyOf(box, "clone"))
	p.write(box, 2, "the box's")
	p.write(clone, 2, "the clone's")
	twin := p.open(box.keys, p.copyOf(clone, "twin"))
	p.write(clone, 3, "the clone's second")
	p.write(twin, 3, "the twin's second")
	p.settle(box, clone, twin, other)
	p.settle(box, clone, twin, other)
	p.agree(p.hub, box, clone, twin, other)
	depths := map[int]int{}
	for _, w := range writers(p.hub) {
		depths[wire.ArmDepth(w)]++
	}
	if depths[1] != 1 || depths[2] != 1 {
		t.Errorf("arms by depth: %v", depths)
	}
	for _, m := range []*party{p.hub, box, clone, twin, other} {
		if a, b := p.shows(m, 2), p.shows(m, 3); len(a) != 2 || len(b) != 2 {
			t.Errorf("%s shows %q and %q", m.id.Device.Name, a, b)
		}
	}
	p.verified(p.hub, box, clone, twin, other)
}

// Neighbours cannot settle a fork, but they tell of it: the writer ends, and
// other streams go on.
func TestNeighboursThatHoldTwoBranchesTellTheWriterAndGoOn(t *testing.T) {
	p := newProvince(t, 3)
	box, one, two := p.boxes[0], p.boxes[1], p.boxes[2]
	p.write(box, 1, "common")
	clone := p.open(box.keys, p.copyOf(box, "clone"))
	p.write(box, 2, "the box's")
	p.write(clone, 2, "the clone's")
	p.write(one, 3, "a neighbour's")
	p.meet(one, box)
	p.meet(two, clone)
	p.meet(one, two)
	if got := p.shows(two, 3); len(got) != 1 {
		t.Error("the fork held another stream up")
	}
	if got := two.store.Refusals(); len(got) != 1 || !strings.Contains(got[0].Reason, "signed two different batches 2") {
		t.Errorf("the neighbour is told %+v", got)
	}
	for _, m := range []*party{one, two} {
		if got := m.store.Forks(); len(got) != 1 || got[0].Frozen != 0 {
			t.Errorf("%s knows of the forks %+v", m.id.Device.Name, got)
		}
	}
	p.meet(two, box)
	p.write(box, 4, "under another name")
	if got := len(writers(box)); got != 3 { // the box's two and the neighbour's
		t.Errorf("the box holds %d writers", got)
	}
	p.settle(box, clone, one, two)
	p.agree(p.hub, box, clone, one, two)
}

// Eight arms are an accident, nine are none.
func TestAStreamHasAtMostEightArms(t *testing.T) {
	p := newProvince(t, 1)
	box := p.boxes[0]
	p.write(box, 1, "common")
	var clones []*party
	for i := range 10 {
		clones = append(clones, p.open(box.keys, p.copyOf(box, fmt.Sprint("clone ", i))))
	}
	p.write(box, 2, "the box's")
	p.meet(box, p.hub)
	refused := 0
	for i, c := range clones {
		p.write(c, 3, fmt.Sprint("clone ", i))
		p.meet(c, p.hub)
		p.meet(c, p.hub)
		for _, r := range c.store.Refusals() {
			if strings.Contains(r.Reason, "has 8 arms already") {
				refused++
			}
		}
	}
	if got := len(p.shows(p.hub, 3)); got != 8 || refused != 2 {
		t.Errorf("the county took %d arms and refused %d", got, refused)
	}
}
