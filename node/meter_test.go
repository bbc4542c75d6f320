package node

import (
	"testing"
	"time"
)

func TestAMeteredLinkIsSpentOnceADay(t *testing.T) {
	var m meter
	morning := time.Date(2026, 3, 1, 8, 0, 0, 0, time.Local)
	if m.budget(0, morning) != 0 {
		t.Error("a link that is not metered has a budget")
	}
	if got := m.budget(1000, morning); got != 500 {
		t.Errorf("in the morning %d bytes each way of 1000 a day", got)
	}
	m.add(100, 300, morning)
	if got := m.budget(1000, morning.Add(time.Hour)); got != 200 {
		t.Errorf("after 300 %d are left", got)
	}
	m.add(0, 900, morning.Add(2*time.Hour))
	if got := m.budget(1000, morning.Add(3*time.Hour)); got != 1 {
		t.Errorf("overspent, the budget is %d", got)
	}
	if got := m.budget(1000, morning.Add(24*time.Hour)); got != 500 {
		t.Errorf("the next day %d", got)
	}
}
