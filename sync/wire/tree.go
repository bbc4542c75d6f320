package wire

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math/bits"

	"wangge/crdt"
)

// A writer that signs for many streams at once signs the root of a tree over
// their heads, of which the tree's order is the writer's choice. Whoever has
// some of the heads needs the hashes of the branches that hold none of them.
//
// The shape is that of RFC 9162: a tree of n leaves has on its left the largest
// power of two below n.

// Leaf returns a tree's leaf: the head of a stream after batch seq.
func Leaf(county County, space crdt.Space, w crdt.Writer, seq uint64, h Hash) Hash {
	return sha256.Sum256(append([]byte{0}, HeadMessage(county, space, w, seq, h)...))
}

// TreeMessage returns what a writer signs: that it stands behind the heads of a
// tree of so many leaves.
func TreeMessage(county County, w crdt.Writer, leaves uint64, root Hash) []byte {
	b := append([]byte("wangge tree 1\x00"), county[:]...)
	b = appendWriter(b, w)
	b = binary.AppendUvarint(b, leaves)
	return append(b, root[:]...)
}

// Root returns the root of a tree, of which there is at least one leaf.
func Root(leaves []Hash) Hash {
	if len(leaves) == 1 {
		return leaves[0]
	}
	left := leftOf(len(leaves))
	return branch(Root(leaves[:left]), Root(leaves[left:]))
}

// leftOf returns how many of n leaves, two or more, stand on the left.
func leftOf(n int) int { return 1 << (bits.Len(uint(n-1)) - 1) }

func branch(left, right Hash) Hash {
	var b [1 + 2*len(Hash{})]byte
	b[0] = 1
	copy(b[1:], left[:])
	copy(b[1+len(left):], right[:])
	return sha256.Sum256(b[:])
}

// Prove returns the branches that whoever has only the leaves at some places,
// in order, lacks of a tree. For all leaves there are none.
func Prove(leaves []Hash, places []int) []Hash {
	switch {
	case len(places) == 0:
		return []Hash{Root(leaves)}
	case len(leaves) == 1:
		return nil
	}
	left := leftOf(len(leaves))
	l, r := part(places, left)
	return append(Prove(leaves[:left], l), Prove(leaves[left:], r)...)
}

// part parts places into those below left, and those above, counted from there.
func part(places []int, left int) (l, r []int) {
	for _, p := range places {
		if p < left {
			l = append(l, p)
		} else {
			r = append(r, p-left)
		}
	}
	return l, r
}

// leavesMax bounds a tree: more streams than a device has.
const leavesMax = 1 << 16

// errProof says that leaves and branches make no tree of the size given.
var errProof = errors.New("the heads do not make the tree that was signed")

// Proven returns the root of a tree of n leaves from the leaves at some places,
// in order, and the branches that Prove gave.
func Proven(n int, places []int, leaves, branches []Hash) (Hash, error) {
	if n < 1 || n > leavesMax || len(places) != len(leaves) || !ascend(places, n) {
		return Hash{}, errProof
	}
	t := proof{leaves, branches}
	root, _, err := t.part(n, places)
	if err != nil || len(t.branches) > 0 {
		return Hash{}, errProof
	}
	return root, nil
}

func ascend(places []int, n int) bool {
	last := -1
	for _, p := range places {
		if p <= last || p >= n {
			return false
		}
		last = p
	}
	return true
}

// Part returns for each of the leaves at some places what Prove would give for it
// alone, from the branches that Prove gave for all of them.
func Part(n int, places []int, leaves, branches []Hash) ([][]Hash, error) {
	if n < 1 || n > leavesMax || len(places) != len(leaves) || !ascend(places, n) {
		return nil, errProof
	}
	t := proof{leaves, branches}
	_, each, err := t.part(n, places)
	if err != nil || len(t.branches) > 0 {
		return nil, errProof
	}
	return each, nil
}

// union is the way back: it returns what Prove would give for all places, from
// what it gave for each. All that a place's branches hold stands in order from
// left to right, so that the nearest to the root is the first, where the way
// goes right, or else the last.
func union(n int, places []int, branches [][]Hash) []Hash {
	if n == 1 {
		return nil
	}
	left := leftOf(n)
	l, r := part(places, left)
	ll, rr := make([][]Hash, len(l)), make([][]Hash, len(r))
	for i := range ll {
		ll[i] = branches[i][:len(branches[i])-1]
	}
	for i := range rr {
		rr[i] = branches[len(l)+i][1:]
	}
	switch {
	case len(r) == 0:
		return append(union(left, l, ll), branches[0][len(branches[0])-1])
	case len(l) == 0:
		return append([]Hash{branches[0][0]}, union(n-left, r, rr)...)
	}
	return append(union(left, l, ll), union(n-left, r, rr)...)
}

// proof is what is left of the leaves and branches that a root is made of.
type proof struct{ leaves, branches []Hash }

// part returns the root of n leaves and, for each of those at some places, the
// branches beside its way there.
func (t *proof) part(n int, places []int) (root Hash, each [][]Hash, err error) {
	switch {
	case len(places) == 0 && len(t.branches) == 0:
		return Hash{}, nil, errProof
	case len(places) == 0:
		root, t.branches = t.branches[0], t.branches[1:]
		return root, nil, nil
	case n == 1:
		root, t.leaves = t.leaves[0], t.leaves[1:]
		return root, [][]Hash{nil}, nil
	}
	left := leftOf(n)
	l, r := part(places, left)
	a, all, err := t.part(left, l)
	if err != nil {
		return Hash{}, nil, err
	}
	b, others, err := t.part(n-left, r)
	if err != nil {
		return Hash{}, nil, err
	}
	for i := range all {
		all[i] = append(all[i], b)
	}
	for _, o := range others {
		all = append(all, append([]Hash{a}, o...))
	}
	return branch(a, b), all, nil
}
