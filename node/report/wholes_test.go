package report

import (
	"testing"

	"wangge/crdt"
)

// A township's works are divided by that township's people, never by its county's; where
// nobody has counted them it is named, and has no figure.
func TestATownshipIsNeverDividedByItsCountysInhabitants(t *testing.T) {
	f := New(everything(t))
	for i, grid := range []string{"14058110521101", "14058110521102", "14058110621101"} {
		f.Change(id(i), crdt.Record{}, record("work", map[crdt.FieldID]crdt.Value{1: crdt.Text(grid)}))
	}
	for place, people := range map[string]int64{"140581": 1000, "140581105": 400} {
		f.Change(id(60+len(place)), crdt.Record{}, record("census", map[crdt.FieldID]crdt.Value{1: crdt.Text(place), 2: crdt.Int(people), 3: crdt.Text("2024-01-01")}))
	}
	ask := func(area string, by ...string) Table {
		t.Helper()
		table, err := f.Answer(Query{Report: "work.per_head", Area: area, By: by})
		if err != nil {
			t.Fatal(err)
		}
		return table
	}
	if all := ask("", "area:9"); all.Total != 3000 || len(all.Rows) != 1 || all.Rows[0].Keys[0] != "140581105" || all.Rows[0].Count != 5000 ||
		len(all.Undivided) != 1 || all.Undivided[0].Keys[0] != "140581106" {
		t.Errorf("by township: %+v", all)
	}
	frozen := Frozen{ask("", "area:9"), ask("", "area:6")}
	if inside, ok := frozen.Answer(Query{Area: "140581", By: []string{"area:9"}}); !ok || len(inside.Undivided) != 1 || len(frozen[0].Undivided) != 1 {
		t.Errorf("of a county that was frozen: %+v, %v", inside, ok)
	}
	if alone, ok := frozen.Answer(Query{Area: "140581105"}); !ok || len(alone.Undivided) != 0 {
		t.Errorf("of a township that was frozen: %+v, %v", alone, ok)
	}
	if one := ask("140581105"); one.None || one.Total != 5000 {
		t.Errorf("of a township that was counted: %+v", one)
	}
	if other := ask("140581106"); !other.None {
		t.Errorf("of a township that was not counted: %+v", other)
	}
	if county := ask("", "area:6"); len(county.Rows) != 1 || county.Rows[0].Count != 3000 || len(county.Undivided) != 0 {
		t.Errorf("by county: %+v", county)
	}
}
