package node

import (
	"testing"
	"time"

	"wangge/node/web"
	"wangge/schema"
)

// What is to be done follows from the records, at the box where they were written, at
// the one that they came to, and after a start.
func TestWorkFollowsFromTheRecords(t *testing.T) {
	desks := newDesks(t, "城东站", "城西站")
	east, west := desks[0], desks[1]
	all := web.DueQuery{States: []schema.State{schema.Escalated, schema.Overdue, schema.Open, schema.Undated}, Limit: 10}
	due := func(d desk) web.Due {
		t.Helper()
		due, err := planner(d).Due(all)
		if err != nil {
			t.Fatal(err)
		}
		return due
	}
	china := time.FixedZone("", 8*3600)
	pact := east.mustSave(t, "elder_pact", map[string]any{
		"grid": "14058110521101", "name": "王桂英", "home": "东街小区 3 号楼", "since": time.Now().In(china).AddDate(0, 0, -3).Format(time.DateOnly),
		"companion": "李雷", "companion_mobile": "13835612203", "consent": true, "status": "在约",
	})
	newCall(t, east, west).finishes()
	for _, d := range desks {
		got := due(d)
		if len(got.Items) != 1 || got.Counts[schema.Escalated] != 1 {
			t.Fatalf("at %s: %+v", d.id.Device.Name, got)
		}
		i := got.Items[0]
		if i.ID != pact.ID || i.Missed < 5 || i.By.Kind != "curtain_check" || i.To != schema.Township || i.Raise.Link != "elder" || i.Slot == 0 {
			t.Errorf("%+v", i)
		}
		if i.Values["name"] != "王**" || i.Values["home"] != nil {
			t.Errorf("the list shows %v", i.Values)
		}
	}
	all.To = schema.County
	if got := due(east); len(got.Items) != 0 {
		t.Errorf("the county is told %+v", got)
	}
	all.To, all.Area = 0, "140581106"
	if got := due(east); len(got.Items) != 0 {
		t.Errorf("another township has %+v", got)
	}
	all.Area = ""
	west.mustSave(t, "curtain_check", map[string]any{
		"grid": "14058110521101", "elder": pact.ID, "day": time.Now().In(china).Format(time.DateOnly), "slot": "早",
		"checked_at": time.Now().UnixMilli(), "state": "正常",
	})
	newCall(t, west, east).finishes()
	for _, d := range desks {
		d.recount() // as after a start
		if got := due(d); got.Counts[schema.Escalated] != 0 || got.Counts[schema.Overdue] != 0 {
			t.Errorf("at %s, seen: %+v", d.id.Device.Name, got.Items)
		}
	}
}

func TestTheListOfWorkComesInPagesAndItsCountsAreOfAll(t *testing.T) {
	d := newDesk(t)
	for range 5 {
		f := form(map[string]any{"status": "待跟进"})
		delete(f, "id")
		d.mustSave(t, "grid_visit", f)
	}
	seen := map[web.Name]bool{}
	for skip, want := range map[int][2]int{0: {3, 2}, 3: {2, 0}, 5: {0, 0}} {
		due, err := planner(d).Due(web.DueQuery{States: []schema.State{schema.Escalated}, Limit: 3, Skip: skip})
		if err != nil || len(due.Items) != want[0] || due.More != want[1] || due.Counts[schema.Escalated] != 5 || due.Late["grid_visit"] != 5 || due.Told[schema.Township] != 5 {
			t.Errorf("behind %d: %+v, %v", skip, due, err)
		}
		for _, i := range due.Items {
			seen[i.Name] = true
		}
	}
	if len(seen) != 5 {
		t.Errorf("all pages list %d things", len(seen))
	}
}
