package month

import (
	"fmt"
	"testing"
	"wangge/crdt"
	"wangge/node/report"
	"wangge/schema"
)

func TestAMonthIsClosedOnlyWhenItIsOver(t *testing.T) {
	for month, today := range map[string]string{"2026-11": "2026-11-30", "2026-12": "2026-11-30", "2026": "2027-01-01", "2026-13": "2027-06-01"} {
		if closable(month, today) == nil {
			t.Errorf("%s can be closed on %s", month, today)
		}
	}
	if err := closable("2026-11", "2026-12-01"); err != nil {
		t.Error(err)
	}
}

func TestWhatIsFrozenFitsIntoBatchesAndComesBack(t *testing.T) {
	var table report.Table
	for i := range 9000 {
		key := fmt.Sprintf("%017d", uint64(i)*7_919_331_117%1e17)
		table.Rows = append(table.Rows, report.Row{Keys: []string{key}, Labels: []schema.Text{{Zh: key, En: key}}, Count: int64(i * i)})
	}
	pieces, err := pack(report.Frozen{table})
	if err != nil || len(pieces) < 3 {
		t.Fatalf("%d pieces, %v", len(pieces), err)
	}
	var rec crdt.Record
	for i, piece := range pieces {
		if len(piece) > pieceMax {
			t.Errorf("a piece has %d bytes", len(piece))
		}
		rec.Apply(crdt.Dot{Writer: 1, Seq: 1, Index: uint32(i)}, 1, rec.Assign(crdt.RecordID{}, FrozenKind, crdt.FieldID(i+1), crdt.Text(piece)), nil)
	}
	var back report.Frozen
	if err := unpack(rec, &back); err != nil || len(back[0].Rows) != 9000 || back[0].Rows[8999].Count != 8999*8999 {
		t.Errorf("came back with %v", err)
	}
	delete(rec.Cells, 2)
	if err := unpack(rec, &back); err == nil {
		t.Error("a piece that is lacking is not told")
	}
}

// What was frozen must be found by every later version of the program.
func TestTheRecordsOfAClosedMonthAreWhereTheyWere(t *testing.T) {
	if got := ClosedID("2026-11").String() + " " + FrozenID("2026-11", "call.calls", "1.2a").String(); got != "ffffffff598b9b8b8967d44a007c3bea ffffffff50ea96d076badc70cfede526" {
		t.Errorf("they are at %s", got)
	}
	if got := statementID("2026-11", 1).String() + " " + statementID("2026-11", 2).String(); got != "ffffffff598b9b8b8967d44a007c3bea fffffffff579e36c073990a9ebfb0c71" {
		t.Errorf("the statements are at %s", got)
	}
	kept := crdt.Record{}
	text := `{"month":"2026-11","by":"王秀英","at":"2026-12-01T02:32:00Z","commit":18,"replica":"县中心一","complete":{"boxes":38,"of":41,"late":["西河站"]},"reports":234,"writer":"1.2a"}`
	kept.Apply(crdt.Dot{Writer: 1, Seq: 1}, 1, kept.Append(ClosedID("2026-11"), ClosedKind, closingField, crdt.Text(text)), nil)
	c, ok, err := readClosing(kept)
	if err != nil || !ok || c.Month != "2026-11" || c.Writer != "1.2a" || c.Complete.Boxes != 38 || c.Reports != 234 {
		t.Errorf("read %+v, %v", c, err)
	}
	frozen := crdt.Record{}
	const packed = "PIuxCoIxDAZ3H+Pm4OaSVxGHUgoKMZE2RbD47lKHf/m+G+6ui95e0ROlFrPznoGQj7SGLj53FITm+79CDZtPH6hPM6HH++CMLIZetjQ9/8Ht9AsAAP//"
	frozen.Apply(crdt.Dot{Writer: 1, Seq: 1}, 1, frozen.Assign(crdt.RecordID{}, FrozenKind, 1, crdt.Text(packed[:20])), nil)
	frozen.Apply(crdt.Dot{Writer: 1, Seq: 1, Index: 1}, 1, frozen.Assign(crdt.RecordID{}, FrozenKind, 2, crdt.Text(packed[20:])), nil)
	var f report.Frozen
	if err := unpack(frozen, &f); err != nil || len(f) != 1 || f[0].Total != 5 || f[0].Report != "call.calls" {
		t.Errorf("read %+v, %v", f, err)
	}
}

func FuzzFrozen(f *testing.F) {
	f.Add("PIuxCoIxDAZ3H+Pm4OaSVxGHUgoKMZE2RbD47lKHf/m+G+6ui95e0ROlFrPznoGQj7SGLj53FITm+79CDZtPH6hPM6HH++CMLIZetjQ9/8Ht9AsAAP//")
	f.Add("!")
	f.Fuzz(func(t *testing.T, text string) {
		var rec crdt.Record
		rec.Apply(crdt.Dot{Writer: 1, Seq: 1}, 1, rec.Assign(crdt.RecordID{}, FrozenKind, 1, crdt.Text(text)), nil)
		var frozen report.Frozen
		if unpack(rec, &frozen) == nil {
			frozen.Answer(report.Query{Area: "140581"})
			frozen.Answer(report.Query{By: []string{"area:9"}, Area: "140581"})
		}
	})
}
