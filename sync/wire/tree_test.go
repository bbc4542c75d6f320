package wire_test

import (
	"slices"
	"testing"

	"wangge/crdt"
	. "wangge/sync/wire"
)

// heads returns n leaves of different streams.
func heads(n int) []Hash {
	leaves := make([]Hash, n)
	for i := range leaves {
		leaves[i] = Leaf(county, village, crdt.NewWriter(7, uint32(i)), uint64(i+1), Hash{byte(i)})
	}
	return leaves
}

// pick returns a random choice of n places, and the leaves there.
func (g generator) pick(leaves []Hash) (places []int, chosen []Hash) {
	every := 1 + g.IntN(4)
	for i, leaf := range leaves {
		if g.IntN(every) == 0 {
			places, chosen = append(places, i), append(chosen, leaf)
		}
	}
	return places, chosen
}

func TestAnyLeavesAndTheirProofGiveTheRoot(t *testing.T) {
	g := newGenerator(1)
	for n := 1; n <= 70; n++ {
		leaves := heads(n)
		for range 20 {
			places, chosen := g.pick(leaves)
			proof := Prove(leaves, places)
			root, err := Proven(n, places, chosen, proof)
			if err != nil || root != Root(leaves) {
				t.Fatalf("leaves %v of %d with %d branches: %v", places, n, len(proof), err)
			}
			if len(chosen) == n && len(proof) != 0 {
				t.Fatalf("all %d leaves need %d branches", n, len(proof))
			}
		}
	}
}

func TestANeighbourhoodOfLeavesNeedsFewBranches(t *testing.T) {
	leaves := heads(1000)
	places := make([]int, 100)
	for i := range places {
		places[i] = 333 + i
	}
	if n := len(Prove(leaves, places)); n > 18 {
		t.Errorf("100 of 1000 leaves in a row need %d branches, want twice the tree's height at most", n)
	}
}

func TestAnythingElseGivesAnotherRootOrNone(t *testing.T) {
	leaves := heads(13)
	places := []int{2, 3, 9}
	chosen := []Hash{leaves[2], leaves[3], leaves[9]}
	branches := Prove(leaves, places)
	swapped := slices.Clone(chosen)
	swapped[0], swapped[2] = swapped[2], swapped[0]
	for what, test := range map[string]struct {
		n                int
		places           []int
		leaves, branches []Hash
	}{
		"another leaf":          {13, places, []Hash{leaves[2], leaves[4], leaves[9]}, branches},
		"leaves in wrong order": {13, places, swapped, branches},
		"another place":         {13, []int{2, 3, 8}, chosen, branches},
		"a place twice":         {13, []int{2, 3, 3}, chosen, branches},
		"a place outside":       {13, []int{2, 3, 13}, chosen, branches},
		"a smaller tree":        {12, places, chosen, branches},
		"no tree":               {0, nil, nil, nil},
		"a tree beyond limits":  {1 << 20, places, chosen, branches},
		"a branch left out":     {13, places, chosen, branches[1:]},
		"a branch too many":     {13, places, chosen, append(slices.Clone(branches), Hash{})},
		"a leaf left out":       {13, places, chosen[:2], branches},
	} {
		if root, err := Proven(test.n, test.places, test.leaves, test.branches); err == nil && root == Root(leaves) {
			t.Errorf("%s gives the same root", what)
		}
	}
}

func TestABranchIsNoLeaf(t *testing.T) {
	leaves := heads(4)
	inner := []Hash{Root(leaves[:2]), Root(leaves[2:])}
	same := Root(inner) == Root(leaves)
	a := TreeMessage(county, anna, 4, Root(leaves))
	b := TreeMessage(county, anna, 2, Root(inner))
	if !same || slices.Equal(a, b) {
		t.Error("a tree of two branches passes for one of four leaves: the number of leaves must be signed")
	}
}

func TestTreesKeepTheirBytes(t *testing.T) {
	leaves := heads(5)
	root := Root(leaves)
	golden(t, "tree_leaf", leaves[4][:])
	golden(t, "tree_root", root[:])
	golden(t, "tree_message", TreeMessage(county, boris, 5, root))
}
