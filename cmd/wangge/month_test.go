package main

import (
	"strings"
	"testing"
)

// The analyst closes November; a visit of November that comes later is told as a
// restatement, wherever the figure is shown, and the visit itself is named.
func TestAnAnalystClosesAMonthAndIsToldWhatCameLate(t *testing.T) {
	c := newCounty(t)
	c.save(eastBox, "grid_visit", visit("140581105211", 1))
	counts := func(n int64) func() bool {
		return func() bool { return c.counts("grid_visit.visits", n) }
	}
	c.until("the county counts the visit", counts(1))
	at := "--node=" + c.ask(2).base
	if out := c.ok("month", "list", at); !strings.Contains(out, "还没有结账") {
		t.Errorf("before it the list says %s", out)
	}
	if out := c.ok("month", "close", at, "--lang=en", "--by=王秀英", "2024-11"); !strings.Contains(out, "2024-11 closed by 王秀英") || !strings.Contains(out, "boxes") {
		t.Errorf("closing says %s", out)
	}
	if out := c.ok("month", "close", at, "--by=another", "2024-11"); !strings.Contains(out, "王秀英") {
		t.Errorf("closing it again says %s", out)
	}
	late := c.save(riverBox, "grid_visit", visit("140581108213", 2))
	c.until("the county counts the late visit", counts(2))
	other := "--node=" + c.ask(3).base
	if out := c.ok("report", other, "--lang=en", "--month=2024-11", "--current", "--by=area:9", "grid_visit.visits"); !strings.Contains(out, "total 1") ||
		!strings.Contains(out, "restated: total 1 → 2 (+1)") || !strings.Contains(out, "140581108 – → 1 (+1)") || !strings.Contains(out, "period before (2024-10-01 – 2024-10-31): 0, +1") {
		t.Errorf("the report says %s", out)
	}
	if out := c.ok("report", other, "--month=2024-11", "--records", "--changed", "grid_visit.visits"); !strings.Contains(out, late.ID) || !strings.Contains(out, "late") || strings.Count(out, "\n") != 1 {
		t.Errorf("what changed since: %s", out)
	}
	if out := c.ok("export", other, "--quiet", "--format=csv", "-o=-", "--month=2024-11"); !strings.Contains(out, "\n2024-11,grid_visit.visits,,,走访次数,,1,2,1,") {
		t.Errorf("the month as a file says %.600s", out)
	}
	if out := c.ok("export", other, "--quiet", "--format=csv", "--lang=en", "-o=-", "--month=2024-11", "--report=grid_visit.visits", "--by=area:9"); !strings.Contains(out, ",Now,Restated\r\n") || !strings.Contains(out, "\r\n140581108,,,,,,,,,1,1\r\n") {
		t.Errorf("the frozen report as a file says %s", out)
	}
	if out := c.ok("month", "show", other, "--lang=en", "2024-11"); !strings.Contains(out, "grid_visit.visits") || !strings.Contains(out, "+1") {
		t.Errorf("the month shows %s", out)
	}
	if code, _, bad := wangge(t, nil, "month", "close", at, "--by=王秀英", "2199-11"); code == 0 || !strings.Contains(bad, "is not over") {
		t.Errorf("closing a month to come: code %d, %s", code, bad)
	}
}
