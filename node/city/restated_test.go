package city

import (
	"strings"
	"testing"
)

// A county that restates a month publishes again: the city shows what it said before, the
// province what the city did.
func TestARestatedMonthSaysWhatItSaidBefore(t *testing.T) {
	p := newProvince(t)
	p.says("140521", "2026-11", 1, visits(whole(t, 20)))
	p.says("140581", "2026-11", 1, visits(whole(t, 30)))
	p.up("1405", "2026-11")
	p.says("140581", "2026-11", 2, visits(whole(t, 33)))
	r := p.city["1405"].reports(t, "2026-11", "grid_visit.visits", "")
	if r.Areas[0].Restated != nil || r.Areas[1].Restated == nil || *r.Areas[1].Restated != (Restated{1, "30", "33", "+3"}) {
		t.Errorf("at the city: %+v", r.Areas)
	}
	if says := r.Areas[1].Says(); !strings.HasSuffix(says.Zh, "；重述：第 1 号为 30，现为 33（+3）") || !strings.HasSuffix(says.En, "; restated: number 1 said 30, this 33 (+3)") {
		t.Errorf("it says %+v", says)
	}
	if again := p.up("1405", "2026-11"); again.Number != 2 {
		t.Errorf("the city publishes number %d", again.Number)
	}
	if r := p.top.reports(t, "2026-11", "grid_visit.visits", ""); r.Areas[1].Restated == nil || *r.Areas[1].Restated != (Restated{1, "50", "53", "+3"}) || r.Rows[0].Sum.Shown != "53" {
		t.Errorf("at the province: %+v", r.Areas)
	}
	p.says("140581", "2026-11", 3, visits(whole(t, 3)))
	if r := p.city["1405"].reports(t, "2026-11", "grid_visit.visits", ""); *r.Areas[1].Restated != (Restated{2, "33", "", ""}) || !strings.Contains(r.Lacking().Zh, "重述：第 2 号为 33，现为 无") {
		t.Errorf("withheld since: %+v, %s", r.Areas[1], r.Lacking().Zh)
	}
	if m, err := p.city["1405"].Month("2026-11"); err != nil || len(m.Restated()) != 1 || m.Restated()[0].Number != 3 {
		t.Errorf("restated are %+v: %v", m.Restated(), err)
	}
}
