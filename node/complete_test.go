package node

import (
	"slices"
	"testing"
	"time"

	"wangge/node/web"
)

func TestFiguresAreCompleteUpToTheBoxFurthestBehindThatIsNotLate(t *testing.T) {
	now := time.Date(2026, 11, 26, 10, 33, 0, 0, time.UTC)
	boxes := []web.Heard{
		{Name: "east", At: now.Add(-time.Minute)}, {Name: "west", At: now.Add(-59 * time.Minute)},
		{Name: "south", At: now.Add(-61 * time.Minute)}, {Name: "north"},
	}
	c := completeness(boxes, now)
	if c.Boxes != 2 || c.Of != 4 || !c.At.Equal(boxes[1].At) || !slices.Equal(c.Late, []string{"south", "north"}) {
		t.Errorf("got %+v", c)
	}
	if c = completeness(boxes[2:], now); c.Boxes != 0 || !c.At.IsZero() || len(c.Late) != 2 {
		t.Errorf("of boxes that are all late: %+v", c)
	}
}
