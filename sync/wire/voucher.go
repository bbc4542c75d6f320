package wire

// vouchers is what was learned of what vouches for heads.
type vouchers struct {
	trees    [3]number // trees, their leaves, their branches
	leans    odds
	tree     number // from the one before it
	last     int
	leaf     number      // from the one after the one before it in its tree
	next     map[int]int // in each tree that is leant on; 0: in those that are told run by run
	place    odds
	size     number
	marks    [4][256]odds // first bytes of signatures
	ends     repeats
	branches repeats
}

// repeats are bytes that nothing predicts but themselves: those that stood before
// are told by how far back they stand.
type repeats struct {
	again  odds
	back   number
	list   []string
	places map[string]int
}

const repeatsMax = 1 << 12

func (p *packer) trunks(list []trunk) []trunk {
	v := &p.header.vouchers
	v.next = map[int]int{}
	list = sized(p, list, p.count(&v.trees[0], len(list), trunksMax, trunkMin, "a number of trees"))
	for i := range list {
		t := &list[i]
		t.leaves = int(p.upTo(&v.trees[1], uint64(t.leaves), leavesMax, "a number of leaves"))
		t.branches = p.hashes(t.branches, p.count(&v.trees[2], len(t.branches), leavesMax, len(Hash{}), "a number of branches"))
		t.signature = p.signature(t.signature, signatureMax)
		if p.err != nil {
			return nil
		}
	}
	return list
}

// footing codes what vouches for a run.
func (p *packer) footing(r Run, trunks []trunk) Run {
	v := &p.header.vouchers
	if len(trunks) == 0 || !p.flag(&v.leans, r.trunk > 0) {
		r.Signature = p.voucher(r.Signature)
		return r
	}
	r.trunk = v.last + int(p.signed(&v.tree, int64(r.trunk-v.last)))
	if r.trunk < 1 || r.trunk > len(trunks) {
		p.fail("the number of a tree")
		return r
	}
	v.last = r.trunk
	r.leaf = p.leaf(r.trunk, r.leaf, leavesMax)
	return r
}

// leaf codes a place in a tree of so many leaves.
func (p *packer) leaf(trunk, leaf, leaves int) int {
	v := &p.header.vouchers
	leaf = v.next[trunk] + int(p.signed(&v.leaf, int64(leaf-v.next[trunk])))
	if leaf < 0 || leaf >= leaves {
		p.fail("a leaf's place")
		return 0
	}
	v.next[trunk] = leaf + 1
	return leaf
}

// voucher codes what vouches for a head by itself. Proofs from one tree share
// much of it.
func (p *packer) voucher(b []byte) []byte {
	v := &p.header.vouchers
	place, ok := ReadPlace(b)
	if !p.flag(&v.place, ok && string(place.Append(nil)) == string(b)) {
		return p.signature(b, SignatureMax)
	}
	place.Leaves = int(p.upTo(&v.trees[1], uint64(place.Leaves), leavesMax, "a number of leaves"))
	place.Leaf = p.leaf(0, place.Leaf, place.Leaves)
	if p.err != nil {
		return nil
	}
	place.Branches = p.hashes(place.Branches, height(place.Leaves, place.Leaf))
	place.Signature = p.signature(place.Signature, signatureMax)
	if !p.reading || p.err != nil {
		return b
	}
	return place.Append(nil)
}

func (p *packer) hashes(list []Hash, n int) []Hash {
	p.spend(n * len(Hash{}))
	if p.err != nil {
		return nil
	}
	list = sized(p, list, n)
	for i := range list {
		copy(list[i][:], p.repeated(&p.header.branches, string(list[i][:]), len(Hash{})))
	}
	return list
}

// ending is the part of a signature that nothing predicts but itself.
const ending = 64

// signature codes a signature. Streams that were signed together share its end.
func (p *packer) signature(b []byte, limit uint64) []byte {
	v := &p.header.vouchers
	n := int(p.upTo(&v.size, uint64(len(b)), limit, "a signature"))
	out := sized(p, b, n)
	first := max(n-ending, 0)
	if n < ending {
		first = n
	}
	for i := range out[:first] {
		out[i] = byte(p.tree(v.marks[min(i, 3)][:], int(out[i]), 8))
	}
	p.spend(n)
	if first < n {
		copy(out[first:], p.repeated(&v.ends, string(out[first:]), ending))
	}
	return out
}

// repeated codes n bytes.
func (p *packer) repeated(r *repeats, s string, n int) string {
	place, known := r.places[s]
	if p.flag(&r.again, known && !p.reading) {
		back := p.upTo(&r.back, uint64(len(r.list)-1-place), repeatsMax, "what stood before")
		if int(back) >= len(r.list) {
			p.fail("what stood before")
			return ""
		}
		return r.list[len(r.list)-1-int(back)]
	}
	out := make([]byte, n)
	copy(out, s)
	for i := range out {
		out[i] = byte(p.plain(uint64(out[i]), 8))
	}
	if len(r.list) < repeatsMax {
		if r.places == nil {
			r.places = map[string]int{}
		}
		r.places[string(out)] = len(r.list)
		r.list = append(r.list, string(out))
	}
	return string(out)
}
