package node

import (
	"fmt"
	"testing"
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
