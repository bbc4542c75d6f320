package store

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"wangge/crdt"
	"wangge/sync/wire"
)

// plant signs a tree over the heads of a device's runs, each the first of its
// stream, instead of every head.
func plant(d device, runs ...wire.Run) []wire.Run {
	var leaves []wire.Hash
	for _, run := range runs {
		h := origin(d, run.Space)
		for _, b := range run.Batches {
			h = h.Next(b)
		}
		leaves = append(leaves, wire.Leaf(county, run.Space, d.writer, run.Last(), h))
	}
	signature := d.Sign(wire.TreeMessage(county, d.writer, uint64(len(leaves)), wire.Root(leaves)))
	for i := range runs {
		p := wire.Place{Leaves: len(leaves), Leaf: i, Branches: wire.Prove(leaves, []int{i}), Signature: signature}
		runs[i].Signature = p.Append(nil)
	}
	return runs
}

func unsigned(d device, sp crdt.Space, batches ...[]byte) wire.Run {
	return wire.Run{Space: sp, Writer: d.writer, First: 1, Batches: batches}
}

func TestARunIsBelievedByItsPlaceInATreeAndTravelsOnWithIt(t *testing.T) {
	s, next, d := newStore(t, 1), newStore(t, 3), newDevice(2)
	runs := plant(d, unsigned(d, village, batch(1, "a"), batch(2, "b")), unsigned(d, street, batch(3, "c")))
	keep(t, s, wire.Chunk{Credentials: [][]byte{d.Credential()}, Runs: runs})
	pull(t, s, next)
	for _, run := range runs {
		got, _, err := next.Run(run.Space, d.writer, 0, 1<<20)
		if err != nil || string(got.Signature) != string(run.Signature) {
			t.Errorf("%s travels on with %x, %v", run.Space, got.Signature, err)
		}
	}
}

func TestOfATreesRunsOnlyThatOneIsRefusedWhichWasChanged(t *testing.T) {
	s, d := newStore(t, 1), newDevice(2)
	runs := plant(d, unsigned(d, village, batch(1, "a")), unsigned(d, street, batch(3, "c")))
	runs[0].Batches = [][]byte{batch(1, "changed")}
	_, refusals, err := s.Keep(wire.Chunk{Credentials: [][]byte{d.Credential()}, Runs: slices.Clone(runs)})
	if err != nil || len(refusals) != 1 || refusals[0].Mark.Space != village || !strings.Contains(refusals[0].Reason, "signature") {
		t.Errorf("refused %v, %v", refusals, err)
	}
	if s.Held(street, d.writer) != 1 || s.Held(village, d.writer) != 0 {
		t.Error("not just the sound run was kept")
	}
}

// notary is an author that counts its signatures.
type notary struct {
	device
	signed *int
}

func (n notary) Sign(message []byte) []byte { *n.signed++; return n.device.Sign(message) }

// counted lets a store's author count its signatures.
func counted(o *Options) *int {
	n := new(int)
	o.Author = func([]byte) (Author, error) { return notary{newDevice(1), n}, nil }
	return n
}

// hamlet is one of many spaces.
func hamlet(n int) crdt.Space {
	return crdt.Space{Area: fmt.Sprintf("1405%08d", n), Class: crdt.Personal}
}

// proven fails unless every own head of a store is vouched for, and with nothing
// but what the store hands on.
func proven(t *testing.T, s *Store) {
	t.Helper()
	w, hub := newDevice(1).writer, newHub(t)
	var all wire.Chunk
	for sp, f := range s.Frontiers(func(crdt.Space) bool { return true }) {
		for after := uint64(0); after < f[w]; {
			run, ok, err := s.Run(sp, w, after, 1)
			if err != nil || !ok {
				t.Fatalf("nothing vouches for %s after batch %d of %d: %v", sp, after, f[w], err)
			}
			after = run.Last()
			all.Runs = append(all.Runs, run)
		}
	}
	all.Credentials = [][]byte{newDevice(1).Credential()}
	keep(t, hub, all)
	there := hub.Spaces()
	for i, sp := range s.Spaces() {
		if there[i].Digest != sp.Digest {
			t.Fatalf("the county has another state of %s", sp.Space)
		}
	}
}

func TestAHundredFormsTogetherCostOneSignature(t *testing.T) {
	o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	_, held, release := hold(&o)
	signed := counted(&o)
	s := open(t, o)
	var g sync.WaitGroup
	one := func(i int) { g.Go(func() { save(t, s, hamlet(i%30), recordID(i), "x") }) }
	one(0)
	<-held
	for i := 1; i < 101; i++ {
		one(i)
	}
	queued(s, 100)
	close(release)
	g.Wait()
	if *signed != 2 {
		t.Errorf("the first form and a hundred together took %d signatures", *signed)
	}
	proven(t, s)
}

func TestADaysFormsTravelWithOneSignature(t *testing.T) {
	s := newStore(t, 1)
	w := newDevice(1).writer
	for i := range 40 {
		save(t, s, hamlet(i), recordID(i), "x")
	}
	ends := map[string]bool{}
	for i := range 40 {
		run, _, err := s.Run(hamlet(i), w, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		ends[string(run.Signature[len(run.Signature)-64:])] = true
	}
	if len(ends) != 1 {
		t.Errorf("40 streams are vouched for by %d signatures", len(ends))
	}
}

// TestEveryHeadIsVouchedForWhateverHappens saves, lets the county have some of
// it, has own work brought back, reopens, and asks a stranger each time.
func TestEveryHeadIsVouchedForWhateverHappens(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	s := open(t, o)
	w := newDevice(1).writer
	for round := range 60 {
		switch r.IntN(6) {
		case 0:
			s.Reached([]wire.Mark{{Space: hamlet(r.IntN(9)), Writer: w, Seq: r.Uint64N(9), Level: wire.AtCounty}})
		case 1:
			s.Close()
			s = open(t, o)
		default:
			err := s.Save(func(d *Draft) error {
				for range 1 + r.IntN(3) {
					sp, text := hamlet(r.IntN(9)), strings.Repeat("x", r.IntN(9000))
					if err := visit(sp, recordID(r.IntN(5)), text)(d); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if round%10 == 9 {
			proven(t, s)
		}
	}
	s.Close()
	if found := examined(t, o); len(found.Faults) > 0 {
		t.Errorf("found %+v", found)
	}
	repaired(t, o)
	opened(t, o, func(s *Store) { proven(t, s) })
}

func TestAHeadThatLeavesTheTreeIsSignedByItself(t *testing.T) {
	s := newStore(t, 1)
	w := newDevice(1).writer
	save(t, s, village, recordID(1), "a")
	save(t, s, street, recordID(2), "b")
	s.Reached([]wire.Mark{{Space: village, Writer: w, Seq: 1, Level: wire.AtCounty}})
	save(t, s, street, recordID(2), "c")
	for sp, want := range map[crdt.Space]byte{village: 1, street: 0} {
		if run, _, err := s.Run(sp, w, 0, 1); err != nil || run.Signature[0] != want {
			t.Errorf("%s is vouched for by %x, %v", sp, run.Signature, err)
		}
	}
	proven(t, s)
}

func TestALongStreamIsSignedOnTheWay(t *testing.T) {
	s := newStore(t, 1)
	w := newDevice(1).writer
	err := s.Save(func(d *Draft) error {
		for i := range 3000 {
			d.Write(village, crdt.Record{}.Assign(recordID(i), "visit", 1, crdt.Text(strings.Repeat("家", 40))))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for after := uint64(0); after < s.Held(village, w); {
		run, _, err := s.Run(village, w, after, 1)
		size := 0
		for _, b := range run.Batches {
			size += len(b)
		}
		if err != nil || size == 0 || size > tailMax+wire.BatchMax {
			t.Fatalf("a run of %d bytes, %v", size, err)
		}
		after = run.Last()
	}
	proven(t, s)
}

func TestATreeThatGrewTooLargeBeginsAnew(t *testing.T) {
	o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	signed := counted(&o)
	s := open(t, o)
	err := s.Save(func(d *Draft) error {
		for i := range treeMax {
			d.Write(hamlet(i), crdt.Record{}.Assign(recordID(i), "visit", 1, crdt.Text("x")))
		}
		return nil
	})
	if err != nil || *signed != 1 {
		t.Fatal(*signed, err)
	}
	save(t, s, village, recordID(1), "one more")
	if *signed != 2+treeMax {
		t.Errorf("%d signatures", *signed)
	}
	save(t, s, village, recordID(1), "and one")
	if *signed != 3+treeMax {
		t.Errorf("%d signatures", *signed)
	}
	proven(t, s)
}

// A peer may hold more of an own stream than this store: it was copied by hand.
func TestAnOwnStreamThatAPeerBringsFurtherStaysProven(t *testing.T) {
	d := newDevice(1)
	one, two := newStore(t, 1), newStore(t, 1)
	first := func(s *Store) { save(t, s, village, recordID(1), "a"); save(t, s, street, recordID(1), "a") }
	first(one)
	first(two)
	save(t, two, village, recordID(2), strings.Repeat("x", 60_000))
	save(t, two, village, recordID(2), strings.Repeat("y", 60_000))
	keep(t, one, chunk(t, two, village, d.writer, 1, 1))
	proven(t, one)
	save(t, one, street, recordID(3), "b")
	proven(t, one)
}
