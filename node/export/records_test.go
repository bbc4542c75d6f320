package export_test

import (
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"wangge/crdt"
	"wangge/node/export"
	"wangge/node/report"
	"wangge/schema"
	"wangge/schema/kindfile"
)

const clinic = `
kind: clinic
title: {zh: 门诊, en: Clinic}
class: personal
area: {field: area, level: community}
when: seen
fields:
  - {id: 1, name: area, title: {zh: 社区, en: Community}, type: area, required: true}
  - {id: 2, name: seen, title: {zh: 日期, en: Day}, type: date}
  - {id: 3, name: name, title: {zh: 姓名, en: Name}, type: text, guarded: true}
  - {id: 4, name: illness, title: {zh: 病情, en: Illness}, type: text, sealed: true}
  - id: 5
    name: status
    title: {zh: 面貌, en: Status}
    type: choice
    options: [{value: "01", zh: 党员, en: Member}, {value: "13", zh: 群众, en: None}]
  - {id: 6, name: visits, title: {zh: 次数, en: Visits}, type: int, merge: counter}
  - {id: 7, name: twice, title: {zh: 两倍, en: Twice}, type: int, is: "count(visits) * 2"}
  - {id: 8, name: changed, title: {zh: 变更, en: Changed}, type: bool}
`

func kindOf(t *testing.T, text string) *schema.Kind {
	t.Helper()
	registry, err := kindfile.Load(fstest.MapFS{"clinic.yaml": {Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	k, _ := registry.Kind("clinic")
	return k
}

// filled returns a record with these values, a register each.
func filled(k *schema.Kind, values map[crdt.FieldID]crdt.Value) crdt.Record {
	var rec crdt.Record
	id, seq := crdt.RecordID{1}, uint64(0)
	for _, field := range []crdt.FieldID{1, 2, 3, 4, 5, 8, 99} {
		v, ok := values[field]
		if !ok {
			continue
		}
		seq++
		rec.Apply(crdt.Dot{Writer: crdt.NewWriter(1, 1), Seq: seq}, crdt.NewStamp(1763775000000), rec.Assign(id, k.Name, field, v), crdt.Frontier{})
	}
	return rec
}

func cells(t export.Table, row []any) map[string]any {
	all := map[string]any{}
	for i, c := range t.Columns {
		all[c.Name] = row[i]
	}
	return all
}

func TestARowShowsWhatListsDo(t *testing.T) {
	k := kindOf(t, clinic)
	rec := filled(k, map[crdt.FieldID]crdt.Value{
		1: crdt.Text("140581105211"), 2: crdt.Text("2024-11-01"), 3: crdt.Text("张桂兰"), 4: crdt.Text("高血压"), 5: crdt.Text("01"), 8: crdt.Bool(true),
	})
	space := crdt.Space{Area: "140581105211", Class: crdt.Personal}
	for reveal, name := range map[bool]string{false: "张**", true: "张桂兰"} {
		r := export.Of(k, reveal, nil)
		row := r.Row(space, crdt.RecordID{1}, rec)
		if len(row) != len(r.Table().Columns) {
			t.Fatalf("%d values for %d columns", len(row), len(r.Table().Columns))
		}
		got := cells(r.Table(), row)
		want := map[string]any{
			"record": "01000000000000000000000000000000", "space": "140581105211/personal", "area": "140581105211",
			"seen": time.Date(2024, 11, 1, 0, 0, 0, 0, time.UTC), "name": name, "status": "01", "status_title": "党员",
			"visits": nil, "twice": got["twice"], "changed_": true,
			"changed": time.UnixMilli(1763775000000).UTC(), "conflict": false, "newer": nil,
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("reveal %t: got\n%v, want\n%v", reveal, got, want)
		}
	}
}

func TestNoFormatCarriesASealedField(t *testing.T) {
	k := kindOf(t, clinic)
	rec := filled(k, map[crdt.FieldID]crdt.Value{1: crdt.Text("140581105211"), 4: crdt.Text("hypertension")})
	r := export.Of(k, true, nil)
	for _, f := range []export.Format{export.CSV, export.JSON, export.Lines, export.Parquet} {
		file := written(t, f, r.Table(), [][]any{r.Row(crdt.Space{}, crdt.RecordID{}, rec)}, export.Style{})
		if strings.Contains(string(file), "hypertension") || strings.Contains(string(file), "illness") {
			t.Errorf("%s tells of the illness", f)
		}
	}
}

func TestWhatANewerFormWroteIsNamedAndNotGuessed(t *testing.T) {
	k := kindOf(t, clinic)
	rec := filled(k, map[crdt.FieldID]crdt.Value{2: crdt.Int(7), 5: crdt.Text("77"), 8: crdt.Text("maybe"), 99: crdt.Text("new")})
	r := export.Of(k, true, nil)
	got := cells(r.Table(), r.Row(crdt.Space{}, crdt.RecordID{}, rec))
	if got["seen"] != nil || got["changed_"] != nil || got["status_title"] != "77" || !reflect.DeepEqual(got["newer"], []string{"seen", "changed", "#99"}) {
		t.Errorf("got %v", got)
	}
}

func TestAreaAndDaysChooseTheRecords(t *testing.T) {
	k := kindOf(t, clinic)
	rec := filled(k, map[crdt.FieldID]crdt.Value{1: crdt.Text("140581105211"), 2: crdt.Text("2024-11-01")})
	r := export.Of(k, false, nil)
	for q, want := range map[*report.Query]bool{
		{}: true, {Area: "140581105"}: true, {Area: "140582"}: false, {From: "2024-11-01", To: "2024-11-01"}: true,
		{From: "2024-11-02"}: false, {To: "2024-10-31"}: false,
	} {
		if got := r.Takes(rec, *q); got != want {
			t.Errorf("%+v takes it: %t, want %t", q, got, want)
		}
	}
	undated := filled(k, map[crdt.FieldID]crdt.Value{1: crdt.Text("140581105211")})
	if r.Takes(undated, report.Query{To: "2024-11-01"}) || !r.Takes(undated, report.Query{}) {
		t.Error("a record without a day lies in a period")
	}
	dead := rec.Clone()
	dead.Apply(crdt.Dot{Writer: crdt.NewWriter(1, 1), Seq: 50}, crdt.NewStamp(1763775000001), rec.Delete(crdt.RecordID{1}), crdt.Frontier{})
	if dead.Fate() != crdt.Dead || r.Takes(dead, report.Query{}) {
		t.Errorf("a record that is %s goes out", dead.Fate())
	}
	other := rec.Clone()
	other.Kind = "tree"
	if r.Takes(other, report.Query{}) {
		t.Error("a record of another kind goes out")
	}
}
