package node

import (
	"fmt"
	"testing"

	"wangge/node/store"
)

// An arm reaches the county after it has made a checkpoint of the space, and a box that has
// trimmed the arm's stem asks for the space anew. A checkpoint from before the arm
// would leave the box where it was, and asking, for a week.
func TestWhoTrimmedAnArmsStemIsGivenACheckpointThatHasTheArm(t *testing.T) {
	p := newProvince(t, 2)
	copied, box := p.boxes[0], p.boxes[1]
	clone := (*party)(nil)
	for record := range 40 {
		if record == 30 {
			clone = p.open(copied.keys, p.copyOf(copied, "clone"))
		}
		p.write(copied, 10+record, "before the fork, and after")
	}
	p.write(clone, 1, "the clone's")
	p.meet(copied, p.hub)
	p.meet(box, p.hub)
	if n, err := box.store.Trim(1 << 63); n != 40 || err != nil {
		t.Fatalf("trimmed %d, %v", n, err)
	}
	if _, ok, err := p.hub.store.Offer(field); !ok || err != nil {
		t.Fatalf("the county makes no checkpoint: %v", err)
	}
	p.meet(clone, p.hub)
	for range 3 {
		p.meet(box, p.hub)
	}
	p.agree(p.hub, box)
	if got := fmt.Sprint(p.shows(box, 1)); got != "[the clone's]" {
		t.Errorf("the box shows %s", got)
	}
}

// count adds to a count in a record, once a batch.
func (m *party) count(n int64) error {
	return m.store.Save(func(d *store.Draft) error {
		rec, err := d.Record(field, recordOf(1))
		d.Write(field, rec.Add(recordOf(1), "visit", 3, d.Writer(), n))
		return err
	})
}

// A count's total says how much its writer had counted in all. Of an arm it is less by what the
// stem counts, which is read from the log; who has trimmed that must not guess.
func TestAnArmThatGrowsIsNotCountedFromALogThatWasTrimmed(t *testing.T) {
	p := newProvince(t, 3)
	copied, box, neighbour := p.boxes[0], p.boxes[1], p.boxes[2]
	p.must(copied.count(5))
	clone := p.open(copied.keys, p.copyOf(copied, "clone"))
	p.must(copied.count(1))
	p.must(clone.count(10))
	p.meet(neighbour, clone)
	p.must(clone.count(100))
	p.meet(copied, p.hub)
	p.settle(neighbour, box)
	if _, err := box.store.Trim(1 << 63); err != nil {
		t.Fatal(err)
	}
	p.meet(clone, p.hub)
	for range 3 {
		p.meet(box, p.hub)
	}
	p.agree(p.hub, box)
	rec, err := box.store.Record(field, recordOf(1))
	if n := rec.Cells[3].Sum(); n != 116 || err != nil {
		t.Errorf("the box counts %d, %v", n, err)
	}
}
