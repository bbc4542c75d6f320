package node

import (
	"slices"
	"testing"
	"time"

	"wangge/sync/wire"
)

// travel sends chunks of 8 KB over a way of so many bytes a second, one after the
// other or all at once, and returns what is measured.
func travel(rate int, trip time.Duration, atOnce bool) float64 {
	const size = 8 << 10
	var p pace
	now := time.Unix(0, 0)
	took := time.Second * size / time.Duration(rate)
	for n := range uint64(20) {
		if !atOnce || n == 0 {
			p.sends(wire.Chunk{Number: n + 1}, size, now)
			now = now.Add(trip)
		}
		if atOnce {
			p.sends(wire.Chunk{Number: n + 2}, size, now)
		}
		now = now.Add(took)
		p.hears(wire.Kept{Chunk: n + 1}, trip, now)
	}
	return p.rate
}

func TestThePaceOfAWayIsMeasuredByItsAnswers(t *testing.T) {
	for _, atOnce := range []bool{false, true} {
		for _, rate := range []int{8000, 250_000} {
			if got := travel(rate, 600*time.Millisecond, atOnce); got < 0.9*float64(rate) || got > 1.1*float64(rate) {
				t.Errorf("%d bytes a second, at once %v, are measured as %.0f", rate, atOnce, got)
			}
		}
	}
	var p pace
	if p.hears(wire.Kept{Chunk: 3}, 0, time.Now()); p.carries(time.Second) != 0 {
		t.Error("an answer to nothing was measured")
	}
}

func TestOnlyAWayAsQuickAsACableIsNear(t *testing.T) {
	at := time.Unix(100, 0)
	for what, test := range map[string]struct {
		trips []time.Duration // of a packet a second
		near  bool
	}{
		"nothing was sent":               {nil, false},
		"a cable":                        {[]time.Duration{time.Millisecond}, true},
		"a cable and a busy machine":     {[]time.Duration{300 * time.Microsecond, 80 * time.Millisecond, 90 * time.Millisecond}, true},
		"a mobile network":               {[]time.Duration{40 * time.Millisecond, 12 * time.Millisecond}, false},
		"the house was left":             {append([]time.Duration{time.Millisecond}, slices.Repeat([]time.Duration{30 * time.Millisecond}, 90)...), false},
		"and the machine is there again": {append(slices.Repeat([]time.Duration{30 * time.Millisecond}, 90), 2*time.Millisecond), true},
	} {
		var p pace
		for i, trip := range test.trips {
			p.passes(trip, slices.Min(test.trips[:i+1]), at.Add(time.Duration(i)*time.Second))
		}
		if p.near() != test.near {
			t.Errorf("%s: near %v", what, p.near())
		}
	}
}

func TestAWayIsNearThatWasQuickBetweenTwoAnswers(t *testing.T) {
	at := time.Unix(100, 0)
	var p pace
	p.passes(30*time.Millisecond, 12*time.Millisecond, at)
	if p.passes(40*time.Millisecond, 12*time.Millisecond, at.Add(time.Second)); p.near() {
		t.Error("a way is near on which nothing was quick")
	}
	if p.passes(40*time.Millisecond, time.Millisecond, at.Add(2*time.Second)); !p.near() {
		t.Error("a packet was back within a millisecond, and the way is not near")
	}
	for i := range 90 {
		p.passes(40*time.Millisecond, time.Millisecond, at.Add(time.Duration(3+i)*time.Second))
	}
	if p.near() {
		t.Error("a minute later the way is near still, whatever packets take")
	}
}
