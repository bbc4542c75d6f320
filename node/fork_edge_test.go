package node

import (
	"context"
	"slices"
	"strings"
	"testing"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/sync/wire"
)

// What others replaced of a forked number means the county's branch, also where
// that had not come and the number was taken for the other one.
func TestWhatOthersReplacedOfTheCountysBranchStaysReplaced(t *testing.T) {
	p := newProvince(t, 2)
	box, other := p.boxes[0], p.boxes[1]
	p.write(box, 1, "common")
	clone := p.open(box.keys, p.copyOf(box, "clone"))
	p.write(box, 2, "the box's")
	p.write(clone, 3, "the clone's")
	p.meet(box, p.hub)
	p.meet(other, p.hub)
	p.write(other, 2, "the neighbour's, who had seen the box's")
	p.meet(other, clone)
	p.settle(clone, other, box)
	p.agree(p.hub, box, clone, other)
	if got := p.shows(clone, 2); !slices.Equal(got, []string{"the neighbour's, who had seen the box's"}) {
		t.Errorf("the clone shows %q", got)
	}
}

// Whoever offers the county's own branch as an arm of itself would have it
// counted twice.
func TestTheCountysOwnBranchIsNoArm(t *testing.T) {
	p := newProvince(t, 1)
	box := p.boxes[0]
	p.write(box, 1, "common")
	clone := p.open(box.keys, p.copyOf(box, "clone"))
	p.write(box, 2, "the box's")
	p.write(clone, 2, "the clone's")
	p.settle(box, clone)
	w := p.hub.store.Forks()[0].Writer
	common, _, err := p.hub.store.Run(field, w, 0, 0)
	run, ok, err2 := p.hub.store.Run(field, w, 1, 0)
	credential, err3 := p.hub.store.Credential(w)
	if err != nil || err2 != nil || err3 != nil || !ok {
		t.Fatal(err, err2, err3, ok)
	}
	before := wire.Origin(p.hub.id.County, field, w).Next(common.Batches[0])
	arm := wire.Arm{Of: credential, Space: field, After: 1, Before: before, First: before.Next(run.Batches[0])}
	run.Writer, _ = arm.Name(p.hub.id.County, w)
	run.First = 1
	entry := wire.Encode(wire.Chunk{Credentials: [][]byte{arm.Append(nil)}, Runs: []wire.Run{run}})
	_, refusals, err := readAnswer(machine{p.hub.store}.Apply(*p.hub.at+1, entry))
	if err != nil || len(refusals) != 1 || !strings.Contains(refusals[0].Reason, "as the stream of") {
		t.Errorf("got %+v, %v", refusals, err)
	}
	if got := p.hub.store.Held(field, run.Writer); got != 0 {
		t.Errorf("the county holds %d batches of it", got)
	}
}

// What was checked before the county closed a stream is refused all the same
// where it is committed behind that.
func TestAStreamThatWasClosedStaysClosed(t *testing.T) {
	p := newProvince(t, 1)
	box := p.boxes[0]
	p.write(box, 1, "common")
	clone := p.open(box.keys, p.copyOf(box, "clone"))
	p.write(box, 2, "the box's")
	twin := p.open(box.keys, p.copyOf(box, "twin"))
	p.write(clone, 2, "the clone's")
	p.write(twin, 3, "behind the end")
	p.settle(box, clone)
	w := p.hub.store.Forks()[0].Writer
	run, ok, err := twin.store.Run(field, w, 2, 0)
	if err != nil || !ok {
		t.Fatal(err, ok)
	}
	_, refusals, err := readAnswer(machine{p.hub.store}.Apply(*p.hub.at+1, wire.Encode(wire.Chunk{Runs: []wire.Run{run}})))
	if err != nil || len(refusals) != 1 || !strings.Contains(refusals[0].Reason, "closed the stream") {
		t.Errorf("got %+v, %v", refusals, err)
	}
	*p.hub.at++
	p.settle(twin, box, clone)
	p.agree(p.hub, box, clone, twin)
	if got := p.shows(box, 3); !slices.Equal(got, []string{"behind the end"}) {
		t.Errorf("the box shows %q", got)
	}
}

func TestWhatWasCountedBeforeAForkStaysThoughOnlyTheCopyCountsOn(t *testing.T) {
	p := newProvince(t, 2)
	box, other := p.boxes[0], p.boxes[1]
	p.add(box, 5)
	clone := p.open(box.keys, p.copyOf(box, "clone"))
	p.write(box, 2, "the box goes on with something else")
	p.add(clone, 20)
	p.add(clone, 300)
	p.settle(box, clone, other)
	p.agree(p.hub, box, clone, other)
	p.counted(325, p.hub, box, clone, other)
	p.verified(p.hub, box, clone, other)
}

// Points that a copied device spends twice are not made more by it: the stem
// keeps its rights, and what the copy spent shows as overdrawn.
func TestACopyBringsNoPointsOfItsOwn(t *testing.T) {
	p := newProvince(t, 2)
	box, other := p.boxes[0], p.boxes[1]
	deal := func(m *party, make func(crdt.Record, crdt.Writer) (crdt.Op, error)) {
		t.Helper()
		err := m.store.Save(func(d *store.Draft) error {
			rec, err := d.Record(field, recordOf(1))
			if err != nil {
				return err
			}
			op, err := make(rec, d.Writer())
			d.Write(field, op)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	spend := func(n int64) func(crdt.Record, crdt.Writer) (crdt.Op, error) {
		return func(r crdt.Record, w crdt.Writer) (crdt.Op, error) { return r.Spend(recordOf(1), "visit", 3, w, n) }
	}
	deal(box, func(r crdt.Record, w crdt.Writer) (crdt.Op, error) { return r.Earn(recordOf(1), "visit", 3, w, 100) })
	clone := p.open(box.keys, p.copyOf(box, "clone"))
	deal(box, spend(10))
	deal(clone, spend(30))
	deal(clone, spend(1))
	p.settle(box, clone, other)
	p.agree(p.hub, box, clone, other)
	for _, m := range []*party{p.hub, box, clone, other} {
		rec, err := m.store.Record(field, recordOf(1))
		l := rec.Cells[3].Ledger()
		var earned, spent, overdrawn int64
		for _, h := range l {
			earned, spent, overdrawn = earned+h.Earned, spent+h.Spent, overdrawn+h.Overdrawn()
		}
		if err != nil || earned != 100 || spent != 41 || l.Balance()-overdrawn != 59 || overdrawn == 0 {
			t.Errorf("%s: earned %d, spent %d, balance %d, overdrawn %d, %v", m.id.Device.Name, earned, spent, l.Balance(), overdrawn, err)
		}
	}
	p.verified(p.hub, box, clone, other)
}

// A box is copied twice. Neighbours meet two branches and keep the proof between
// them; the county takes the third. What they tell then must be of use to it.
func TestAProofBetweenBranchesThatBothLostDoesNotStandInTheWayOfTheCountys(t *testing.T) {
	p := newProvince(t, 3)
	box, one, two := p.boxes[0], p.boxes[1], p.boxes[2]
	p.write(box, 1, "common")
	clone := p.open(box.keys, p.copyOf(box, "clone"))
	twin := p.open(box.keys, p.copyOf(box, "twin"))
	p.write(box, 2, "the box's")
	p.write(clone, 2, "the clone's")
	p.write(twin, 2, "the twin's")
	p.meet(one, clone)
	p.meet(two, twin)
	p.meet(one, two)
	p.meet(clone, two)
	p.meet(twin, one)
	p.meet(box, p.hub)
	p.meet(one, p.hub)
	if got := p.shows(p.hub, 2); len(got) != 2 {
		t.Errorf("what a neighbour brought of another branch, the county shows as %q", got)
	}
	for _, m := range []*party{two, clone, twin, box, one, two, clone, twin} {
		p.meet(m, p.hub)
	}
	p.agree(p.hub, box, clone, twin, one, two)
	for _, m := range []*party{p.hub, box, clone, twin, one, two} {
		got := p.shows(m, 2)
		slices.Sort(got)
		if !slices.Equal(got, []string{"the box's", "the clone's", "the twin's"}) {
			t.Errorf("%s shows %q", m.id.Device.Name, got)
		}
		if got := p.level(m, 2); got != wire.AtCounty {
			t.Errorf("%s shows the record at level %s", m.id.Device.Name, got)
		}
	}
	p.verified(p.hub, box, clone, twin, one, two)
}

// Who has taken out of its log what came before a fork cannot look up where an arm
// leaves its stem. That its branch is the county's it can.
func TestAnArmThatLeavesBehindTheLogIsTakenFromTheCounty(t *testing.T) {
	p := newProvince(t, 1)
	box := p.boxes[0]
	p.write(box, 1, "common")
	clone := p.open(box.keys, p.copyOf(box, "clone"))
	p.write(box, 2, "the box's")
	p.write(box, 3, "the box's too")
	p.meet(box, p.hub)
	p.meet(box, p.hub)
	if n, err := box.store.Trim(1 << 63); err != nil || n != 3 {
		t.Fatalf("%d batches are taken out, %v", n, err)
	}
	p.write(clone, 4, "the clone's")
	p.settle(clone, box)
	p.agree(p.hub, box, clone)
	if got := p.shows(box, 4); !slices.Equal(got, []string{"the clone's"}) {
		t.Errorf("the box shows %q of what its copy wrote", got)
	}
}

// A visit ends when the visitor has nothing to wait for. Its doubt of a stream of
// which the neighbour has shown as much is something.
func TestAVisitWaitsForTheAnswerToADoubt(t *testing.T) {
	p := newProvince(t, 3)
	box, one, two := p.boxes[0], p.boxes[1], p.boxes[2]
	p.write(box, 1, "common")
	clone := p.open(box.keys, p.copyOf(box, "clone"))
	p.write(box, 2, "the box's")
	p.write(clone, 2, "the clone's")
	p.meet(one, box)
	p.meet(two, clone)
	visit := p.call(one, two)
	for !visit.sides[0].Finished() && (visit.hears(0) || visit.hears(1)) {
	}
	for visit.hears(1) { // what was said before the visitor left
	}
	if !visit.sides[0].Finished() {
		t.Error("the visitor waits for ever")
	}
	for _, m := range []*party{one, two} {
		if forks := m.store.Forks(); len(forks) != 1 {
			t.Errorf("%s knows of the forks %+v", m.id.Device.Name, forks)
		}
	}
}

// The proof that moves a branch may be all that comes before the link is cut.
func TestWhatABranchLeavesBehindIsVouchedForAtOnce(t *testing.T) {
	p := newProvince(t, 1)
	box := p.boxes[0]
	p.write(box, 1, "common")
	clone := p.open(box.keys, p.copyOf(box, "clone"))
	p.write(box, 2, "the box's")
	p.write(clone, 3, "the clone's")
	p.write(clone, 4, "the clone's too")
	p.meet(box, p.hub)
	if _, err := clone.store.Hear(p.proofOf(clone), true); err != nil {
		t.Fatal(err)
	}
	o := clone.storeOptions()
	clone.store.Close()
	found, err := store.Verify(o, nil)
	if err != nil || len(found.Faults) > 0 {
		t.Errorf("its file: %+v, %v", found.Faults, err)
	}
}

// A stream may be closed before its batches are held under that name: they stand
// there once their branch has moved, and what goes on behind the end moves on.
func TestWhatComesBehindAClosedArmMovesOn(t *testing.T) {
	p := newProvince(t, 2)
	box, other := p.boxes[0], p.boxes[1]
	p.write(box, 1, "common")
	clone := p.open(box.keys, p.copyOf(box, "clone"))
	p.write(clone, 2, "both copies'")
	twin := p.open(box.keys, p.copyOf(clone, "twin"))
	p.write(box, 3, "the box's")
	p.write(twin, 4, "the twin's")
	p.meet(other, twin)
	p.write(twin, 5, "the twin's too")
	p.write(clone, 6, "the clone's")
	for range 4 {
		for _, m := range []*party{box, other, clone, twin} {
			p.meet(m, p.hub)
		}
	}
	p.agree(p.hub, box, clone, twin, other)
	if got := p.shows(box, 5); !slices.Equal(got, []string{"the twin's too"}) {
		t.Errorf("of what came behind the closed arm the box shows %q", got)
	}
}

// So may the arm to which it gives way.
func TestWhatABranchLeavesWhenItGivesWayIsVouchedForAtOnce(t *testing.T) {
	p := newProvince(t, 2)
	box, other := p.boxes[0], p.boxes[1]
	p.write(box, 1, "common")
	clone := p.open(box.keys, p.copyOf(box, "clone"))
	p.write(box, 2, "the box's")
	p.write(clone, 3, "the clone's")
	p.meet(box, p.hub)
	p.meet(other, clone)
	p.write(clone, 4, "the clone's, alone")
	p.meet(other, p.hub)
	w := p.hub.store.Forks()[0].Arms[0].Writer
	run, _, err := p.hub.store.Run(field, w, 0, 1<<20)
	credential, err2 := p.hub.store.Credential(w)
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	o := clone.storeOptions()
	if err := clone.store.Yield(wire.Chunk{Credentials: [][]byte{credential}, Runs: []wire.Run{run}}); err != nil {
		t.Fatal(err)
	}
	clone.store.Close()
	if found, err := store.Verify(o, nil); err != nil || len(found.Faults) > 0 {
		t.Errorf("its file: %+v, %v", found.Faults, err)
	}
}

// Two replicas may look at two branches at one time, and the county commits one of
// them first. Who brought the other is not left with a bare no.
func TestAForkThatComesToLightInTheCommitIsProvenAllTheSame(t *testing.T) {
	p := newProvince(t, 1)
	box := p.boxes[0]
	p.write(box, 1, "common")
	p.meet(box, p.hub)
	clone := p.open(box.keys, p.copyOf(box, "clone"))
	p.write(box, 2, "the box's")
	p.write(clone, 3, "the clone's")
	branch := func(m *party) wire.Chunk {
		run, _, err := m.store.Run(field, writers(m)[0], 1, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		return wire.Chunk{Runs: []wire.Run{run}}
	}
	log := p.hub.hubLog(t.Context())
	commit := log.propose
	log.propose = func(ctx context.Context, entry []byte) ([]byte, error) {
		log.propose = commit
		p.hub.commit(wire.Encode(branch(box))) // by another replica
		return commit(ctx, entry)
	}
	ack, refusals, err := log.Keep(branch(clone))
	if err != nil || len(ack.Marks) != 0 || len(refusals) != 1 {
		t.Fatalf("%+v, %+v, %v", ack, refusals, err)
	}
	if _, proven := refusals[0].Beside.(wire.Fork); !proven || len(p.hub.store.Forks()) != 1 {
		t.Errorf("the clone hears %+v, the county knows of %+v", refusals[0], p.hub.store.Forks())
	}
	p.settle(clone, box)
	p.agree(p.hub, box, clone)
}
