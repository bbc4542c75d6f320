package node

import (
	"fmt"
	"testing"

	"wangge/crdt"
)

// outside is a space for which the province's boxes may write, and which they do not hold.
var outside = crdt.Space{Area: "140581106211", Class: crdt.Personal}

// delivered fails unless the county is known to have all that a machine holds.
func (p *province) delivered(all ...*party) {
	p.t.Helper()
	for _, m := range all {
		if n := m.store.Waiting(); n > 0 {
			p.t.Errorf("%s: %d batches wait for the county", m.config.Data, n)
		}
		if refusals := m.store.Refusals(); len(refusals) > 0 {
			p.t.Errorf("%s is refused %+v", m.config.Data, refusals)
		}
	}
}

// texts counts the values of a record's field at a machine.
func (p *province) texts(m *party, sp crdt.Space, record int) int {
	p.t.Helper()
	rec, err := m.store.Record(sp, recordOf(record))
	p.must(err)
	return len(rec.Cells[1].Values())
}

func TestACopiedBoxSettlesWhatItWroteForAnAreaThatItDoesNotHold(t *testing.T) {
	for _, more := range [][2]int{{0, 0}, {2, 0}, {0, 2}} { // batches that one of the two has more
		t.Run(fmt.Sprint(more), func(t *testing.T) {
			p := newProvince(t, 2)
			box, other := p.boxes[0], p.boxes[1]
			p.must(box.fill(outside, 1, "common"))
			p.must(other.fill(outside, 9, "another's"))
			clone := p.open(box.keys, p.copyOf(box, "clone"))
			p.must(box.fill(outside, 1, "the box's"))
			p.must(clone.fill(outside, 1, "the clone's"))
			for i := range more[0] {
				p.must(box.fill(outside, 2, fmt.Sprint(i)))
			}
			for i := range more[1] {
				p.must(clone.fill(outside, 2, fmt.Sprint(i)))
			}
			p.meet(box, p.hub)
			p.meet(clone, p.hub)
			if got := p.texts(p.hub, outside, 1); got != 2 {
				t.Errorf("the county shows %d values of two", got)
			}
			p.settle(box, clone, other)
			p.delivered(box, clone, other)
			for _, m := range []*party{box, clone} {
				if forks := m.store.Forks(); len(forks) != 1 || forks[0].Frozen == 0 {
					t.Errorf("%s knows of the forks %+v", m.config.Data, forks)
				}
			}
			if p.texts(box, outside, 9) != 0 || p.texts(clone, outside, 9) != 0 {
				t.Error("a box was sent another's work in a space that is not for it")
			}
			p.verified(p.hub, box, clone, other)
		})
	}
}

func TestARestoredBoxLearnsAgainWhatItWroteForAnAreaThatItDoesNotHold(t *testing.T) {
	for _, lost := range []bool{false, true} { // the right to write there, too
		t.Run(fmt.Sprint("lost ", lost), func(t *testing.T) {
			p := newProvince(t, 1)
			box := p.boxes[0]
			for record := range 2 {
				p.must(box.fill(outside, record, "before the copy"))
			}
			copied := p.copyOf(box, "copy")
			for record := range 4 {
				p.must(box.fill(outside, record, "after the copy"))
			}
			p.meet(box, p.hub)
			p.must(box.store.Close())
			box = p.open(box.keys, copied)
			if lost {
				box = p.renew(box, own, own)
			}
			p.meet(box, p.hub)
			p.delivered(box)
			if p.texts(box, outside, 3) != 1 {
				t.Error("its later work did not come back")
			}
			if lost {
				return
			}
			p.must(box.fill(outside, 5, "after all"))
			p.meet(box, p.hub)
			p.delivered(box)
			if p.texts(p.hub, outside, 5) != 1 {
				t.Error("its next work did not arrive")
			}
		})
	}
}
