package gossip_test

import (
	"testing"
	"time"

	"wangge/sync/weaklink"
)

func TestHalvesOfARingThatWereApartForDaysFindEachOther(t *testing.T) {
	bubble(t, func(t *testing.T) {
		town := virtual(t, 16, weaklink.Village())
		ring := town.ring(6)
		day := time.Duration(*restDays / 2 * 24 * float64(time.Hour))
		town.wait("the ring is whole", time.Hour, time.Second, func() bool { return whole(ring) })
		cut := func(way func(*weaklink.Way)) {
			for _, a := range ring[:3] {
				for _, b := range ring[3:] {
					for _, w := range town.wire.Between(placeOf(a.device), placeOf(b.device)) {
						way(w)
					}
				}
			}
		}
		cut((*weaklink.Way).Cut)
		<-time.After(day)
		if alive(ring[0]) != 2 || alive(ring[5]) != 2 {
			t.Fatalf("after so long apart %d and %d others are near", alive(ring[0]), alive(ring[5]))
		}
		// Half of a ring is away: the calls that nobody answers come to less than the goal for a ring at rest.
		if cost := town.cost(func() { <-time.After(day) }) / 6 / day.Seconds(); cost > 50 {
			t.Errorf("waiting for the others costs a box %.1f bytes a second", cost)
		} else {
			t.Logf("waiting for the others costs a box %.1f bytes a second", cost)
		}
		cut((*weaklink.Way).Mend)
		healed := time.Now()
		town.wait("the ring is whole again", 40*time.Minute, time.Second, func() bool { return whole(ring) })
		t.Logf("whole %v after the cut was mended", time.Since(healed))
	})
}

func TestHundredsOfAbsentBoxesCostNoStorm(t *testing.T) {
	bubble(t, func(t *testing.T) {
		town := virtual(t, 17, weaklink.Village())
		for device := uint32(100); device < 400; device++ {
			town.absent = append(town.absent, device)
		}
		town.box(1, "ring", town.box(2, "ring"))
		<-time.After(time.Hour) // at first it calls more often

		if cost := town.cost(func() { <-time.After(6 * time.Hour) }) / 2 / (6 * 3600); cost > 50 {
			t.Errorf("three hundred absent boxes cost %.1f bytes a second", cost)
		} else {
			t.Logf("three hundred absent boxes cost %.1f bytes a second", cost)
		}
	})
}
