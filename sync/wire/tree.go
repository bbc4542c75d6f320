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
	return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
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
	root, err := t.root(n, places)
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

// proof is what is left of the leaves and branches that a root is made of.
type proof struct{ leaves, branches []Hash }

func (t *proof) root(n int, places []int) (Hash, error) {
	switch {
	case len(places) == 0 && len(t.branches) == 0:
		return Hash{}, errProof
	case len(places) == 0:
		h := t.branches[0]
		t.branches = t.branches[1:]
		return h, nil
	case n == 1:
		h := t.leaves[0]
		t.leaves = t.leaves[1:]
		return h, nil
	}
	left := leftOf(n)
	l, r := part(places, left)
	a, err := t.root(left, l)
	if err != nil {
		return Hash{}, err
	}
	b, err := t.root(n-left, r)
	return branch(a, b), err
}
