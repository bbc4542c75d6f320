package gossip

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestARumourMissesNobody tells thousands of rumours among thirty boxes that lose every fifth packet, in steps of 100 ms.
// With three tellings instead of four, some five of them would miss somebody.
func TestARumourMissesNobody(t *testing.T) {
	missed := 0
	for range 4000 {
		if heard := tellAll(30, 0.2); heard < 30 {
			missed++
		}
	}
	if missed > 1 {
		t.Errorf("%d of 4000 rumours missed somebody", missed)
	}
}

// tellAll has the first of n boxes tell a rumour, and returns how many know it in the end.
func tellAll(n int, loss float64) (heard int) {
	type message struct {
		to  int
		one rumour
	}
	boxes, knows := make([]whisper, n), make([]bool, n)
	for i := range boxes {
		boxes[i] = newWhisper(uint32(i), func() []uint32 {
			var near []uint32
			for j := range n {
				if j != i {
					near = append(near, uint32(j))
				}
			}
			return near
		})
	}
	arriving := make(map[int][]message) // by step
	arriving[0] = []message{{0, rumour{}}}
	now := time.Unix(0, 0)
	for step := range 100 {
		for _, m := range arriving[step] {
			if knows[m.to] {
				boxes[m.to].knows(m.one.teller, m.one.id)
				continue
			}
			knows[m.to] = true
			heard++
			boxes[m.to].passOn(m.one)
		}
		for i := range boxes {
			if len(boxes[i].telling) == 0 {
				continue
			}
			boxes[i].round(now, func(to uint32, b []byte) {
				if one, ok := decodeRumour(b); ok && rand.Float64() >= loss {
					arriving[step+3] = append(arriving[step+3], message{int(to), one})
				}
			})
		}
		now = now.Add(100 * time.Millisecond)
	}
	return heard
}
