package store

import (
	"bytes"
	"testing"

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
