package main

import (
	"testing"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/schema"
)

func TestAnAccountIsToldByItsTotals(t *testing.T) {
	east, west := crdt.NewWriter(4, 0), crdt.NewWriter(5, 0)
	var rec crdt.Record
	var touches []store.Touch
	does := func(op crdt.Op, err error) {
		if err != nil {
			t.Fatal(err)
		}
		d := crdt.Dot{Writer: east, Seq: uint64(len(touches) + 1)}
		rec.Apply(d, crdt.NewStamp(int64(d.Seq)), op, crdt.Frontier{east: d.Seq - 1})
		touches = append(touches, store.Touch{Dot: d, Stamp: crdt.NewStamp(int64(d.Seq)), Op: op})
	}
	does(rec.Earn(crdt.RecordID{1}, "point_account", 5, east, 50))
	does(rec.HandOn(crdt.RecordID{1}, "point_account", 5, east, west, 20))
	does(rec.Spend(crdt.RecordID{1}, "point_account", 5, east, 7))
	f := (&telling{field: &schema.Field{ID: 5, Name: "balance", Merge: crdt.Bounded}}).tell(touches, nil)
	if f.Now != int64(43) || f.Steps[0].Outcome != "replaced" || f.Steps[2].Value != "+50 -7, 20 → 5.0" || f.Steps[2].Outcome != "counts" {
		t.Errorf("the account is told as %+v", f)
	}
}
