package store

import (
	"slices"
	"strings"
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
