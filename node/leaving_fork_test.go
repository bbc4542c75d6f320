package node

import (
	"testing"

	"wangge/node/policy"
)

// A neighbour's device was copied, and this box holds the branch that lost, in a space that
// it may hold no more. It is not sent the county's branch of that: the county's word
// alone must let it hand its own in.
func TestASpaceThatGoesHandsInANeighboursBranchThatLost(t *testing.T) {
	for _, closed := range []bool{false, true} { // before the box meets the county
		p := newProvince(t, 2)
		copied, box := p.boxes[0], p.boxes[1]
		p.must(copied.fill(far, 1, "一起写的"))
		clone := p.open(copied.keys, p.copyOf(copied, "clone"))
		p.must(copied.fill(far, 2, "一边写的"))
		p.must(clone.fill(far, 3, "另一边写的"))
		p.must(clone.fill(far, 4, "另一边又写的"))
		p.meet(box, clone)
		p.meet(copied, p.hub)
		if closed {
			other := p.open(copied.keys, p.copyOf(clone, "another clone"))
			p.must(other.fill(far, 5, "第三边写的"))
			p.meet(other, p.hub)
		}
		box = p.renew(box, own, own)
		p.meet(box, p.hub)
		p.meet(box, p.hub)
		if goes := box.leaving(); len(goes) != 1 || !goes[0].drained() {
			t.Fatalf("closed before %t: leaving %+v", closed, goes)
		}
		box = p.dropped(box)
		for record := 1; record <= 4; record++ {
			if rec, err := p.hub.store.Record(far, recordOf(record)); err != nil || len(rec.Cells[1].Values()) != 1 {
				t.Errorf("closed before %t: the county shows %+v of record %d, %v", closed, rec, record, err)
			}
		}
		if _, n := box.digest(far); n > 0 {
			t.Errorf("%d batches stay", n)
		}
	}
}

// Of another's stream this box holds the beginning and the county more. The rest is not
// sent to it any more, so it must learn otherwise that the county has the beginning.
func TestASpaceThatGoesDrainsThoughTheCountyHasMoreOfItsStreams(t *testing.T) {
	for _, rights := range [][]policy.Pattern{own, nil} {
		p := newProvince(t, 2)
		writes, box := p.boxes[0], p.boxes[1]
		p.must(writes.fill(far, 1, "先写的"))
		p.meet(box, writes)
		p.must(writes.fill(far, 2, "后写的"))
		p.meet(writes, p.hub)
		box = p.renew(box, rights, rights)
		p.meet(box, p.hub)
		if goes := box.leaving(); len(goes) != 1 || !goes[0].drained() {
			t.Errorf("with rights to %v: leaving %+v", rights, goes)
		}
	}
}

// Of a hollow space a box names nothing, so that it is given all of it anew. One that goes it is
// not given, and must name, or it hears of no stream there that the county has it.
func TestAHollowSpaceThatGoesDrains(t *testing.T) {
	p := newProvince(t, 2)
	copied, box := p.boxes[0], p.boxes[1]
	p.must(copied.fill(far, 1, "一起写的"))
	clone := p.open(copied.keys, p.copyOf(copied, "clone"))
	p.must(copied.fill(far, 2, "一边写的"))
	p.must(clone.fill(far, 3, "另一边写的"))
	p.meet(copied, p.hub)
	p.meet(box, p.hub)
	if n, err := box.store.Trim(1 << 63); n != 2 || err != nil {
		t.Fatalf("trimmed %d, %v", n, err)
	}
	p.meet(clone, p.hub)
	p.meet(box, p.hub)
	if !box.store.Hollow(far) {
		t.Fatal("the space is not hollow")
	}
	box = p.renew(box, own, own)
	p.meet(box, p.hub)
	if goes := box.leaving(); len(goes) != 1 || !goes[0].drained() {
		t.Errorf("leaving %+v", goes)
	}
}
