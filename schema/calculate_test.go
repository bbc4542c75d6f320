package schema_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"wangge/crdt"
	"wangge/schema"
	"wangge/schema/kindfile"
)

const flat = `kind: flat
title: {zh: 住房, en: Flat}
class: personal
area: {field: grid, level: community}
when: seen
fields:
  - {id: 1, name: grid, title: {zh: 网格, en: Grid}, type: grid, required: true}
  - {id: 2, name: seen, title: {zh: 日期, en: Seen on}, type: date, required: true}
  - {id: 3, name: holder, title: {zh: 户主身份证, en: Holder}, type: resident_id, guarded: true}
  - {id: 4, name: adults, title: {zh: 成人, en: Adults}, type: int}
  - {id: 5, name: children, title: {zh: 儿童, en: Children}, type: int}
  - {id: 6, name: heads, title: {zh: 人数, en: Heads}, type: int, range: [0, 50], is: adults + children}
  - {id: 7, name: age, title: {zh: 年龄, en: Age}, type: int, is: "years(born(holder), seen)"}
  - id: 8
    name: size
    title: {zh: 规模, en: Size}
    type: choice
    is: if(heads > 3, "大", "小")
    ask: filled(heads)
    options:
      - {value: 大, en: Large}
      - {value: 小, en: Small}
  - {id: 9, name: town, title: {zh: 乡镇, en: Township}, type: text, is: "area(grid, 9)"}
  - {id: 10, name: due, title: {zh: 期限, en: Due}, type: date, is: "later(seen, 60)"}
  - {id: 11, name: share, title: {zh: 儿童占比, en: Share of children}, type: decimal, is: children / heads}
  - {id: 12, name: many, title: {zh: 多口, en: Many}, type: bool, is: heads > 3}
  - {id: 13, name: why, title: {zh: 原因, en: Why}, type: text, ask: many, required: true}
reports:
  - {name: people, title: {zh: 人数, en: People}, count: sum, of: heads, by: [area, size, many, day]}
`

func flats(t testing.TB, changes ...string) (*schema.Registry, error) {
	t.Helper()
	text := strings.NewReplacer(changes...).Replace(flat)
	if len(changes) > 0 && text == flat {
		t.Fatalf("%q is not in the kind", changes[0])
	}
	return kindfile.Load(fstest.MapFS{"flat.yaml": {Data: []byte(text)}})
}

// calculated fills in a flat and returns all that its record shows.
func calculated(t *testing.T, form string) map[string]any {
	t.Helper()
	registry, err := flats(t)
	if err != nil {
		t.Fatal(err)
	}
	filled, problems := registry.Check("flat", decoded(t, form))
	if problems != nil {
		t.Fatal(problems)
	}
	rec := crdt.Record{Kind: "flat", Cells: map[crdt.FieldID]crdt.Cell{}}
	for id, values := range filled.Values {
		rec.Cells[id] = crdt.Cell{Type: crdt.Register, Entries: []crdt.Entry{{Value: values[0]}}}
	}
	before := rec.Clone()
	all := registry.Calculate(rec)
	if !reflect.DeepEqual(rec, before) {
		t.Error("the record itself was changed")
	}
	shown := map[string]any{}
	for _, f := range filled.Kind.Fields {
		if f.Calculated() && len(filled.Values[f.ID]) > 0 {
			t.Errorf("%s is to be written", f.Name)
		}
		if v := f.Winner(all.Cells[f.ID]); v != "" {
			shown[f.Name] = schema.Show(v)
		}
	}
	return shown
}

func TestCalculatedFieldIsWorkedOutOfWhatStands(t *testing.T) {
	const form = `{"grid": "14058110521101", "seen": "2026-11-22", "holder": "11010519491231002X", "adults": 2, "children": 2, "why": "四口之家"}`
	want := map[string]any{"heads": int64(4), "age": int64(76), "size": "大", "town": "140581105", "due": "2027-01-21", "share": 0.5, "many": true}
	got := calculated(t, form)
	for name, v := range want {
		if got[name] != v {
			t.Errorf("%s is %v, want %v", name, got[name], v)
		}
	}
	got = calculated(t, `{"grid": "14058110521101", "seen": "2026-11-22", "adults": 60, "children": 1}`)
	for _, name := range []string{"heads", "age", "size", "share"} { // more heads than the range has room for
		if v, ok := got[name]; ok {
			t.Errorf("%s is %v without what it takes", name, v)
		}
	}
}

// What is worked out of a deleted record was not written after the deletion: reports had
// taken it for that, and counted deleted records of kinds that work something out.
func TestWhatIsWorkedOutOfADeletedRecordDoesNotBringItBack(t *testing.T) {
	registry, err := flats(t)
	if err != nil {
		t.Fatal(err)
	}
	id, w := crdt.RecordID{1}, crdt.NewWriter(1, 1)
	var rec crdt.Record
	for i, op := range []crdt.Op{rec.Assign(id, "flat", 4, crdt.Int(2)), rec.Assign(id, "flat", 5, crdt.Int(3))} {
		rec.Apply(crdt.Dot{Writer: w, Seq: 1, Index: uint32(i)}, crdt.NewStamp(1763775000000), op, crdt.Frontier{})
	}
	rec.Apply(crdt.Dot{Writer: w, Seq: 2}, crdt.NewStamp(1763775000001), rec.Delete(id), crdt.Frontier{})
	after := registry.Calculate(rec)
	if len(after.Cells[6].Entries) != 1 || after.Fate() != crdt.Dead {
		t.Errorf("with %d calculated values the record is %s", len(after.Cells[6].Entries), after.Fate())
	}
}

func TestCalculatedFieldIsNotFilledIn(t *testing.T) {
	registry, err := flats(t)
	if err != nil {
		t.Fatal(err)
	}
	form := decoded(t, `{"grid": "14058110521101", "seen": "2026-11-22", "adults": 1, "children": 2}`)
	for heads, blamed := range map[any]bool{nil: false, 3.0: false, 4.0: true, "3": false, "many": true} {
		form["heads"] = heads
		_, problems := registry.Check("flat", form)
		if (len(problems) == 1 && problems[0].Field == "heads") != blamed || len(problems) > 1 {
			t.Errorf("%v: %v", heads, problems)
		}
	}
	form["heads"], form["children"] = nil, 3.0
	if _, problems := registry.Check("flat", form); len(problems) != 1 || problems[0].Field != "why" {
		t.Errorf("what hangs on a calculated field: %v", problems)
	}
}

func TestCalculationThatCannotBeIsNamedWithItsLine(t *testing.T) {
	for _, test := range [][3]string{
		{"is: adults + children", "is: adults + rooms", ":12: fields[5].is"},
		{"is: adults + children", "is: adults + age", ":12: fields[5].is"},
		{"is: adults + children", "is: adults > children", ":12: fields[5].is"},
		{"is: adults + children", "is: adults + children, required: true", ":12: fields[5].is"},
		{"is: adults + children", "is: adults + children, merge: counter", ":12: fields[5].is"},
		{"is: adults + children", "is: adults + ", ":12: fields[5].is"},
		{`"years(born(holder), seen)"`, `"later(born(holder), \"x\")"`, ":13: fields[6].is"},
		{`if(heads > 3, "大", "小")`, `if(heads > 3, "大", "中")`, ":18: fields[7].is"},
		{"type: text, is: \"area(grid, 9)\"", `type: text, is: "join(holder, town)"`, ":23: fields[8].is"},
		{"type: text, is: \"area(grid, 9)\"", `type: text, is: "join(holder, 1)"`, ":23: fields[8].is"},
		{"type: text, is: \"area(grid, 9)\"", `type: text, is: "join(holder)"`, ":23: fields[8].guarded"},
		{"is: \"later(seen, 60)\"", `is: born(holder)`, ":24: fields[9].guarded"},
		{"when: seen", "when: due", ":24: fields[9].ask"},
		{"type: text, is: \"area(grid, 9)\"", `type: text, multiline: true, is: "area(grid, 9)"`, ":23: fields[8].is"},
		{"type: text, ask: many, required: true", `type: mobile, guarded: true, is: town`, ":27: fields[12].is"},
	} {
		_, err := flats(t, test[0], test[1])
		if err == nil || !strings.HasPrefix(err.Error(), "flat.yaml"+test[2]+": ") {
			t.Errorf("%s: got %v, want %s", test[1], err, test[2])
		}
	}
	if _, err := flats(t, `is: "later(seen, 60)"`, `guarded: true, is: born(holder)`); err != nil {
		t.Error(err)
	}
}

func TestPartsOfTextsAndDays(t *testing.T) {
	for text, want := range map[string]any{
		`join(status, nothing, "。")`: "待跟进。",
		`join(nothing)`:              nil,
		`born("11010519491231002X")`: "1949-12-31",
		`born("11010519491331002X")`: nil,
		`born("1101051949123100")`:   nil,
		`born(nothing)`:              nil,
		`sex("11010519491231002X")`:  "2",
		`sex("11010519491231001x")`:  "1",
		`area("140581105211", 9)`:    "140581105",
		`area("140581", 9)`:          nil,
		`area("140581", 2.5)`:        nil,
		`area("14058X", 3)`:          nil,
		`later(leap, 366)`:           "2025-03-01",
		`later(seen, -1)`:            "2026-11-21",
		`later(seen, 1.5)`:           nil,
		`later(seen, 99999)`:         nil, // beyond the days that the node takes
		`later("2199-12-31", 1)`:     nil,
		`later(status, 1)`:           nil,
		`years(born("x"), seen)`:     nil,
		`join(status, "x") = "待跟进x"`: true,
	} {
		if got := parsed(t, text).Value(of); got != want {
			t.Errorf("%s is %v, want %v", text, got, want)
		}
	}
}

// A chain of fields that each speak twice of the one before is worked out once each.
func TestCalculationCostsNoMoreThanItsFields(t *testing.T) {
	chain, last := "", "adults"
	for i := range 100 {
		name := fmt.Sprintf("double%d", i)
		chain += fmt.Sprintf("  - {id: %d, name: %s, title: {zh: 倍, en: Double}, type: decimal, is: (%s + %s) / 2}\n", 100+i, name, last, last)
		last = name
	}
	registry, err := flats(t, "reports:\n", chain+"reports:\n")
	if err != nil {
		t.Fatal(err)
	}
	rec := crdt.Record{Kind: "flat", Cells: map[crdt.FieldID]crdt.Cell{4: {Entries: []crdt.Entry{{Value: crdt.Int(3)}}}}}
	if got, _ := registry.Calculate(rec).Cells[199].Winner().Float(); got != 3 {
		t.Errorf("got %v", got)
	}
}
