package store

import (
	"bytes"
	"testing"

	"wangge/crdt"
	"wangge/sync/wire"
)

// branches returns chunks in which a device goes on from one batch in several ways.
func branches(d device, words ...string) (all []wire.Chunk) {
	for _, word := range words {
		all = append(all, wire.Chunk{
			Credentials: [][]byte{d.Credential()},
			Runs:        []wire.Run{forge(d, village, 1, origin(d, village), batch(1, "one"), batch(2, word))},
		})
	}
	return all
}

// Of a proof between two branches that are not the county's it can make nothing.
func TestTheProofWithTheCountysBranchIsKeptInsteadOfAnother(t *testing.T) {
	all := branches(newDevice(2), "the county's", "held here", "a neighbour's")
	s := newStore(t, 1)
	keep(t, s, all[1])
	if _, refusals, err := s.Keep(all[2]); err != nil || len(refusals) != 1 {
		t.Fatal(refusals, err)
	}
	if err := s.Yield(all[0]); err != nil {
		t.Fatal(err)
	}
	proofs := s.Proofs()
	if len(proofs) != 1 {
		t.Fatalf("%d proofs", len(proofs))
	}
	for i, want := range [][]byte{all[1].Runs[0].Batches[1], all[0].Runs[0].Batches[1]} {
		if got := proofs[0].(wire.Fork).Branches[i].Batches[0]; !bytes.Equal(got, want) {
			t.Errorf("branch %d of the proof is %q", i, got)
		}
	}
}

// The county takes no arm of a stream that it knows of no fork of. It may know of none
// after it came back from a backup.
func TestTheCountyIsToldOfAForkAgainWhoseArmItLacks(t *testing.T) {
	all := branches(newDevice(2), "the county's", "held here")
	s := newStore(t, 1)
	keep(t, s, all[1])
	if err := s.Yield(all[0]); err != nil {
		t.Fatal(err)
	}
	keep(t, s, all[0])
	run := all[0].Runs[0]
	end := s.headOf(stream{run.Space, run.Writer})
	if _, err := s.Hear(wire.Freeze{Space: run.Space, Writer: run.Writer, Seq: end.seq, Hash: end.hash, Signature: run.Signature}, true); err != nil {
		t.Fatal(err)
	}
	arm := s.Forks()[0].Arms[0]
	if arm.Level = wire.AtCounty; len(s.Proofs()) != 1 {
		t.Errorf("a county that closed the stream and has no arm is told of %d forks", len(s.Proofs()))
	}
	if s.Reached([]wire.Mark{arm}); len(s.Proofs()) != 0 {
		t.Error("a county that has the arm is told of the fork")
	}
	hello := wire.Hello{Device: 9, Epoch: 2, Holds: map[crdt.Space]crdt.Frontier{run.Space: {run.Writer: 1}}}
	if s.present(hello, func(crdt.Space) bool { return true }, wire.AtCounty, 1); len(s.Proofs()) != 1 {
		t.Errorf("a county that has lost the arm is told of %d forks", len(s.Proofs()))
	}
}
