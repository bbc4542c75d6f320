package city

import (
	"fmt"
	"strings"
	"testing"

	"wangge/node/report"
)

func TestALineGoesOverAYearAndSaysWhereOtherAreasAreInIt(t *testing.T) {
	east, west := newCounty(t, "140581", "east"), newCounty(t, "140582", "west")
	f := newCity(t, "1405", east, west)
	for back, n := range map[int]int64{0: 30, 1: 20, 2: 10, 4: 40, 11: 50, 12: 900} {
		month := report.MonthsBefore("2026-11", back)
		f.takes(t, east.file(east.said(month, 1, visits(whole(t, n)))))
		if back != 4 {
			f.takes(t, west.file(west.said(month, 1, visits(whole(t, 30)))))
		}
	}
	line, err := f.Line(kinds(t), f.reports(t, "2026-11", "grid_visit.visits", ""))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range line {
		got = append(got, fmt.Sprint(p.Month, " ", p.Shown, " ", p.Counted, "/", p.Of, " ", p.Other, " ", p.X, ",", p.Y))
	}
	want := "2025-12 80 2/2 false 12,12\n2026-07 40 1/2 true 378,80\n2026-09 40 2/2 false 483,80\n2026-10 50 2/2 false 535,63\n2026-11 60 2/2 false 588,46"
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
	if strokes := strings.Join(line.Strokes(), " | "); strokes != "12,12 | 378,80 | 483,80 535,63 588,46" || !line.Others() {
		t.Errorf("the strokes are %s", strokes)
	}
	if line.Ends() != "2025-12: 80 → 2026-11: 60" {
		t.Errorf("it ends %s", line.Ends())
	}
}

func TestNoLineIsDrawnOfWhatIsNotAddedUpOrOfOneMonth(t *testing.T) {
	east := newCounty(t, "140581", "east")
	f := newCity(t, "1405", east)
	f.takes(t, east.file(east.said("2026-11", 1, visits(whole(t, 30)), own(figure("worker_posting.workers", "", "人", whole(t, 20))))))
	f.takes(t, east.file(east.said("2026-10", 1, own(figure("worker_posting.workers", "", "人", whole(t, 20))))))
	for _, name := range []string{"grid_visit.visits", "worker_posting.workers"} {
		if line, err := f.Line(kinds(t), f.reports(t, "2026-11", name, "")); err != nil || line != nil {
			t.Errorf("of %s are drawn %+v (%v)", name, line, err)
		}
	}
}
