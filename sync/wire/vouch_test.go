package wire_test

import (
	"bytes"
	"slices"
	"testing"

	"wangge/crdt"
	. "wangge/sync/wire"
)

// sign stands in for a writer's signature: everybody could forge it, nobody does.
func sign(message []byte) []byte {
	sum := Hash{}.Next(message)
	return append([]byte{1}, slices.Concat(sum[:], sum[:])...)
}

func signed(message, signature []byte) bool { return bytes.Equal(sign(message), signature) }

// head is the end of a stream.
type head struct {
	space crdt.Space
	seq   uint64
	hash  Hash
}

func (h head) leaf() Hash { return Leaf(county, h.space, anna, h.seq, h.hash) }

func (h head) vouchedBy(signature []byte) bool {
	return Vouches(signed, county, h.space, anna, h.seq, h.hash, signature)
}

// forest returns n heads of anna's, and what vouches for each: her signature of
// a tree over all.
func forest(n int) (all []head, signatures [][]byte) {
	var leaves []Hash
	for i := range n {
		h := head{crdt.Space{Area: "1405811052", Class: crdt.Class(i % 3)}, uint64(i + 1), Hash{byte(i), byte(i >> 8)}}
		all, leaves = append(all, h), append(leaves, h.leaf())
	}
	root := sign(TreeMessage(county, anna, uint64(n), Root(leaves)))
	for i := range leaves {
		p := Place{Leaves: n, Leaf: i, Branches: Prove(leaves, []int{i}), Signature: root}
		signatures = append(signatures, p.Append(nil))
	}
	return all, signatures
}

func TestATreesSignatureVouchesForEachOfItsHeadsAndNoOther(t *testing.T) {
	for _, n := range []int{1, 2, 3, 5, 8, 13} {
		all, signatures := forest(n)
		for i, h := range all {
			for k, signature := range signatures {
				if h.vouchedBy(signature) != (i == k) {
					t.Errorf("of %d: place %d vouches for head %d: %v", n, k, i, i != k)
				}
			}
			later, elsewhere, other := h, h, h
			later.seq++
			elsewhere.space.Area += "7"
			other.hash[31]++
			for _, wrong := range []head{later, elsewhere, other} {
				if wrong.vouchedBy(signatures[i]) {
					t.Errorf("of %d: place %d vouches for %v too", n, i, wrong)
				}
			}
		}
	}
}

func TestASignatureOfTheHeadItselfVouchesForIt(t *testing.T) {
	h := head{village, 7, Hash{1}}
	signature := sign(HeadMessage(county, village, anna, 7, h.hash))
	if !h.vouchedBy(signature) || h.vouchedBy(nil) || h.vouchedBy(signature[1:]) {
		t.Error("not just the whole signature vouches for the head")
	}
}

func TestAPlaceThatIsChangedAnywhereVouchesForNothing(t *testing.T) {
	all, signatures := forest(13)
	for i, good := range signatures {
		for at := range good {
			for _, flip := range []byte{1, 0x80, 0xff} {
				bad := slices.Clone(good)
				bad[at] ^= flip
				if all[i].vouchedBy(bad) {
					t.Fatalf("place %d with byte %d changed by %02x", i, at, flip)
				}
			}
			if all[i].vouchedBy(good[:at]) {
				t.Fatalf("place %d cut after %d bytes", i, at)
			}
		}
	}
}

func TestPlacesThatMakeNoTreeVouchForNothing(t *testing.T) {
	all, signatures := forest(4)
	good := signatures[2]
	rest := string(good[3:])
	for what, b := range map[string][]byte{
		"no leaves":             list(0, 0, 0, rest),
		"a tree beyond limits":  list(0, 1<<16+1, 2, rest),
		"leaves without end":    list(0, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 2, rest),
		"a place outside":       list(0, 4, 4, rest),
		"a place far outside":   list(0, 4, 1<<40, rest),
		"a second spelling":     list(0, "\x84\x00", 2, rest),
		"a branch too many":     append(list(0, 4, 2, rest[:64], rest[:32]), rest[64:]...),
		"a branch left out":     list(0, 4, 2, rest[32:]),
		"branches changed over": list(0, 4, 2, rest[32:64], rest[:32], rest[64:]),
		"no signature":          list(0, 4, 2, rest[:64]),
		"an endless signature":  list(0, 4, 2, rest, string(make([]byte, 128))),
		"a place alone":         {0},
		"another tree's place":  append(slices.Clone(good[:3]), signatures[1][3:]...),
	} {
		if all[2].vouchedBy(b) {
			t.Errorf("%s vouches", what)
		}
	}
	if !all[2].vouchedBy(list(0, 4, 2, rest)) {
		t.Error("the place that the others are made of does not vouch")
	}
}

func TestTheLargestTreesPlaceFits(t *testing.T) {
	p := Place{Leaves: 1 << 16, Leaf: 1<<16 - 1, Branches: make([]Hash, 16), Signature: make([]byte, 128)}
	if n := len(p.Append(nil)); n > SignatureMax {
		t.Errorf("it takes %d bytes of %d", n, SignatureMax)
	}
}

func FuzzVouches(f *testing.F) {
	all, signatures := forest(13)
	for _, s := range signatures {
		f.Add(s)
	}
	f.Add(list(0, 1<<16, 65535))
	f.Fuzz(func(t *testing.T, b []byte) {
		for i, h := range all {
			if h.vouchedBy(b) && !bytes.Equal(b, signatures[i]) {
				t.Errorf("%x vouches for head %d, of which there is another proof", b, i)
			}
		}
	})
}

func TestPlacesKeepTheirBytes(t *testing.T) {
	_, signatures := forest(5)
	golden(t, "tree_place", signatures[2])
}
