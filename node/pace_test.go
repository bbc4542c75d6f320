package node

import (
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
