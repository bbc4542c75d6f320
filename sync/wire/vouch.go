package wire

import (
	"encoding/binary"

	"wangge/crdt"
)

// What vouches for a head is bytes of one of two forms: the writer's signature of
// the head message, or the head's place in a tree that the writer signed. The
// first byte tells: a signature's names its algorithm, which is never 0.

// treeMark is the first byte of a place in a tree.
const treeMark = 0

// Place says where a head stands in a tree that its writer signed. It proves
// that by itself.
type Place struct {
	Leaves    int    // of the tree
	Leaf      int    // the head's place among them, from 0
	Branches  []Hash // as Prove gives them for that one leaf
	Signature []byte // of the TreeMessage
}

// Append appends the place's bytes, which stand where a head's signature does.
func (p Place) Append(b []byte) []byte {
	b = binary.AppendUvarint(append(b, treeMark), uint64(p.Leaves))
	b = binary.AppendUvarint(b, uint64(p.Leaf))
	for _, h := range p.Branches {
		b = append(b, h[:]...)
	}
	return append(b, p.Signature...)
}

// ReadPlace reads what Append wrote; ok is false for bytes of any other form.
// How many branches there are follows from the place.
func ReadPlace(b []byte) (p Place, ok bool) {
	if len(b) == 0 || b[0] != treeMark || len(b) > SignatureMax {
		return p, false
	}
	r := &reader{b: b[1:]}
	p.Leaves = int(r.uint("a number of leaves", leavesMax))
	p.Leaf = int(r.uint("a leaf's place", leavesMax))
	if p.Leaf >= p.Leaves {
		return Place{}, false
	}
	p.Branches = make([]Hash, height(p.Leaves, p.Leaf))
	for i := range p.Branches {
		copy(p.Branches[i][:], r.bytes("a branch", len(Hash{})))
	}
	p.Signature = r.b
	return p, r.err == nil && len(p.Signature) > 0 && len(p.Signature) <= signatureMax
}

// height returns how many branches stand between a leaf and the root.
func height(leaves, leaf int) (n int) {
	for ; leaves > 1; n++ {
		if left := leftOf(leaves); leaf < left {
			leaves = left
		} else {
			leaves, leaf = leaves-left, leaf-left
		}
	}
	return n
}

// Vouches reports whether signature, in either form, says that w stands behind
// its stream in a space up to batch seq, after which the chain's hash is h.
// signed tells w's own signatures.
func Vouches(signed func(message, signature []byte) bool, county County, space crdt.Space, w crdt.Writer, seq uint64, h Hash, signature []byte) bool {
	if len(signature) == 0 || signature[0] != treeMark {
		return signed(HeadMessage(county, space, w, seq, h), signature)
	}
	p, ok := ReadPlace(signature)
	if !ok {
		return false
	}
	root, err := Proven(p.Leaves, []int{p.Leaf}, []Hash{Leaf(county, space, w, seq, h)}, p.Branches)
	return err == nil && signed(TreeMessage(county, w, uint64(p.Leaves), root), p.Signature)
}
