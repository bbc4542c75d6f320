package node

import (
	"slices"
	"testing"
	"time"

	"wangge/node/policy"
	"wangge/node/web"
)

func TestAnAreaIsCompleteWithTheBoxesThatHoldWorkOfIt(t *testing.T) {
	box := policy.Device{Role: policy.Box, Holds: []policy.Pattern{"140581105*/personal", "140581108213/open", "140581/personal"}}
	for area, want := range map[string]bool{
		"": true, "140581": true, "14": true, "140581105": true, "140581105211": true, "140581108": true, "140581108213": true,
		"140581106": false, "140581108213001": false, "140581108214": false, "140582": false,
	} {
		if concerns(box, area) != want {
			t.Errorf("the box concerns %q: %t", area, !want)
		}
	}
	if !concerns(policy.Device{Role: policy.Box}, "140581106") {
		t.Error("a box that was never met is left out")
	}
}

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
