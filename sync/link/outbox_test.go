package link

import (
	"testing"
	"time"
)

func TestWhoOnlyHearsRemembersABoundedNumberOfItsReports(t *testing.T) {
	now := time.Now()
	var x outbox
	x.pace.presume(50*time.Millisecond, true)
	for range 10 * flownMax {
		x.left(nil, 60, now)
		now = now.Add(time.Millisecond)
	}
	if len(x.flown) > flownMax {
		t.Errorf("%d packets are remembered", len(x.flown))
	}
	x.put(letter{frame: []byte("at last")}, now)
	now = now.Add(time.Second)
	o, _ := x.next()
	if o == nil {
		t.Fatal("a letter is never sent after so many reports")
	}
	x.left(o, 100, now)
	x.take(report{top: x.number - 1, came: uint64(x.number), next: 1}, now.Add(50*time.Millisecond))
	if len(x.flown) != 0 || x.flying != 0 || len(x.parcels) != 0 || x.pace.lost != 0 {
		t.Errorf("after a report on all: %d out, %d bytes, %d parcels, %v lost", len(x.flown), x.flying, len(x.parcels), x.pace.lost)
	}
}

func TestAReportOfPacketsThatWereGivenUpChangesNothing(t *testing.T) {
	now := time.Now()
	var x outbox
	for range flownMax {
		x.left(nil, 60, now)
	}
	x.take(report{top: 3, came: 4}, now)
	if len(x.flown) != flownMax/2 {
		t.Errorf("%d packets are out", len(x.flown))
	}
}
