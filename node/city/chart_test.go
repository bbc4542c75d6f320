package city

import (
	"fmt"
	"testing"
)

func TestAChartDrawsTheLargestAreaFirstAndTheMonthBefore(t *testing.T) {
	east, west, south := newCounty(t, "140581", "east"), newCounty(t, "140582", "west"), newCounty(t, "140583", "south")
	f := newCity(t, "1405", east, west, south)
	f.takes(t, east.file(east.said("2026-10", 1, visits(whole(t, 40)))))
	f.takes(t, east.file(east.said("2026-11", 1, visits(whole(t, 20)))))
	f.takes(t, west.file(west.said("2026-11", 1, visits(whole(t, 30)))))
	got := fmt.Sprint(f.reports(t, "2026-11", "grid_visit.visits", "").Chart())
	if want := "[{west 30 30 75 0} {east 20 20, 2026-10: 40 50 100}]"; got != want {
		t.Errorf("drawn are %s, want %s", got, want)
	}
	if bars := f.reports(t, "2026-10", "grid_visit.visits", "").Chart(); bars != nil {
		t.Errorf("one area is drawn as %+v", bars)
	}
}
