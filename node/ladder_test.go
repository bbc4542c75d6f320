package node

import (
	"errors"
	"testing"

	"wangge/node/web"
	"wangge/schema"
)

func TestACaseGoesOnAsItsLadderHasIt(t *testing.T) {
	desks := newDesks(t, "城东站", "城西站")
	east, west := desks[0], desks[1]
	f := map[string]any{
		"id": "01JBKBWMTHMAYKD5KYCGABX5KG", "grid": "140581105211003", "reported_at": 1730448085841,
		"category": "消防", "severity": "一般", "status": "待处置",
	}
	var problems schema.Problems
	f["status"] = "已消除"
	if _, err := east.Save("hazard_report", f); !errors.As(err, &problems) || problems[0].Field != "status" {
		t.Errorf("a case that begins at its end: %v", err)
	}
	f["status"] = map[string]any{"step": "待处置", "note": "楼道堆物"}
	name := east.mustSave(t, "hazard_report", f)
	east.mustSave(t, "hazard_report", f) // a form that is sent again takes no step
	newCall(t, east, west).finishes()

	step := func(d desk, rung, note string) error {
		return d.Edit(name, []web.Edit{{Field: "status", Append: map[string]any{"step": rung, "note": note}}})
	}
	for what, err := range map[string]error{
		"a closing at the east": step(east, "已消除", "已清走"),
		"and at the west":       step(west, "已消除", "清完了"),
	} {
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	if err := step(east, "待处置", ""); err == nil {
		t.Error("a closed case is begun again")
	}
	newCall(t, east, west).finishes()
	for _, d := range desks {
		status := d.fields(t, name)["status"]
		if status.Stands != "已消除" || len(status.Versions) != 3 {
			t.Fatalf("%+v", status)
		}
		for i, want := range []schema.Standing{schema.Moved, schema.Moved, schema.Again} {
			if got := status.Versions[i].Value.(web.Step); got.Standing != want || got.At == 0 || got.Note == "" {
				t.Errorf("step %d at %s: %+v, want %s", i, d.id.Device.Name, got, want)
			}
		}
		list, err := d.List("hazard_report", nil, 1)
		if err != nil || list.Items[0].Values["status"] != "已消除" || list.Items[0].Labels["status"].En != "Removed" {
			t.Errorf("the list shows %+v, %v", list, err)
		}
	}
	if err := west.Edit(name, []web.Edit{{Field: "status", Set: "待处置"}}); err == nil {
		t.Error("a ladder is written over")
	}
	early := map[string]any{"step": "处置中", "at": 1730448085841}
	if err := west.Edit(name, []web.Edit{{Field: "status", Append: early}}); err != nil {
		t.Errorf("what was removed is there again: %v", err)
	}
	early = map[string]any{"step": "已消除", "at": 1730448085840}
	if err := west.Edit(name, []web.Edit{{Field: "status", Append: early}}); err == nil {
		t.Error("a hazard was removed before it was reported")
	}
}
