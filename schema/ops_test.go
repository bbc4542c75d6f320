package schema_test

import (
	"testing"

	"wangge/crdt"
	"wangge/schema/kindfile"
)

// A form filled in twice writes once; what is new in it is written over what was
// seen, and a deleted record comes back.
func TestAFormWritesWhatTheRecordDoesNotSay(t *testing.T) {
	kinds, err := kindfile.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	form := map[string]any{
		"id": "01JBKBWMTHMAYKD5KYCGABX5KG", "grid": "140581105211007", "visited_at": 1730448085841.0, "topic": "用电安全",
		"status": "正常", "tags": []any{"残疾", "独居"}, "followups": 2.0,
	}
	var rec crdt.Record
	held, seq := crdt.Frontier{}, uint64(0)
	write := func(want int) {
		t.Helper()
		filled, problems := kinds.Check("grid_visit", form)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		ops := filled.Ops(rec, 7)
		if len(ops) != want {
			t.Errorf("%d ops, want %d: %v", len(ops), want, ops)
		}
		seq++
		for i, op := range ops {
			rec.Apply(crdt.Dot{Writer: 7, Seq: seq, Index: uint32(i)}, crdt.NewStamp(int64(seq)), op, held)
		}
		held.Raise(7, seq)
	}
	write(7) // of the four others nothing was filled in
	write(0)
	form["status"], form["followups"], form["tags"] = "已解决", 3.0, []any{"独居", "低保"}
	write(3)
	if n := rec.Cells[11].Sum(); n != 3 || len(rec.Cells[9].Entries) != 1 || len(rec.Cells[10].Entries) != 3 {
		t.Errorf("%+v", rec)
	}
	filled, _ := kinds.Check("grid_visit", form)
	rec.Apply(crdt.Dot{Writer: 7, Seq: 9}, crdt.NewStamp(9), rec.Delete(filled.ID), held)
	write(1)
	if rec.Fate() != crdt.Alive {
		t.Errorf("filled in again, and %v", rec.Fate())
	}
}
