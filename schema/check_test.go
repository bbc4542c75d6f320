package schema_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"wangge/crdt"
	"wangge/schema"
	"wangge/schema/kindfile"
)

var kinds = sync.OnceValues(kindfile.Shipped)

func shipped(t testing.TB) *schema.Registry {
	t.Helper()
	registry, err := kinds()
	if err != nil {
		t.Fatal(err)
	}
	return registry
}

// visits returns the forms of testdata/visits.ndjson.
func visits(t testing.TB) []map[string]any {
	t.Helper()
	data, err := os.ReadFile("testdata/visits.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	var forms []map[string]any
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		forms = append(forms, decoded(t, lines.Text()))
	}
	return forms
}

func decoded(t testing.TB, text string) map[string]any {
	t.Helper()
	var form map[string]any
	if err := json.Unmarshal([]byte(text), &form); err != nil {
		t.Fatal(err)
	}
	return form
}

const checkin = `{"area": "140581105211", "centre": "东街党群服务中心", "checked_in_at": "2026-11-22T09:30",
	"notice_given": true, "consent": true, "platform": "美团", "trade": "外卖", "needs": ["饮水充电", "小区通行"],
	"employer_code": "91350100m000100y43",
	"person": {"id_number": "11010519491231002x", "name": " 林芳 ", "mobile": "138 1234 1234", "political_status": "01"}}`

const note = `{"area": "140581105211", "mediated_at": 1732266000000, "parties": "甲、乙", "category": "邻里",
	"method": "六尺巷", "outcome": "达成协议", "note": "各退三尺。"}`

func TestImportedVisitsAreTaken(t *testing.T) {
	registry := shipped(t)
	for i, form := range visits(t) {
		filled, problems := registry.Check("grid_visit", form)
		if len(problems) > 0 {
			t.Errorf("line %d: %v", i+1, problems)
			continue
		}
		grid := form["grid"].(string)
		if want := (crdt.Space{Area: grid[:12], Class: crdt.Personal}); filled.Space != want || filled.Area != grid {
			t.Errorf("line %d: got %s and %s", i+1, filled.Space, filled.Area)
		}
		id, ok := filled.RecordID(nil)
		if want, _ := schema.ParseULID(form["id"].(string)); !ok || id != want.Of("grid_visit") || !bytes.HasPrefix(id[:], want[:6]) {
			t.Errorf("line %d: the line's id is lost: got %s", i+1, id)
		}
	}
}

func TestWhatIsShownIsWhatWasTyped(t *testing.T) {
	registry := shipped(t)
	for i, form := range visits(t) {
		filled, _ := registry.Check("grid_visit", form)
		shown := filled.Kind.Form(filled.Values)
		// What was empty was not written, and JSON has one kind of number.
		want := maps.Clone(form)
		maps.DeleteFunc(want, func(name string, v any) bool {
			return name == "id" || name == "kind" || v == "" || v == 0.0 || reflect.DeepEqual(v, []any{})
		})
		data, _ := json.Marshal(shown)
		if got := decoded(t, string(data)); !reflect.DeepEqual(got, want) {
			t.Errorf("line %d: got %v, want %v", i+1, got, want)
		}
	}
}

func TestWrongFormIsRefusedAtItsField(t *testing.T) {
	tests := []struct {
		kind, form string
		name       string
		value      any // nil takes the name away
		want       string
	}{
		{"grid_visit", "", "grid", "140581105211", "grid"},
		{"grid_visit", "", "grid", nil, "grid"},
		{"grid_visit", "", "household", "12", "household"},
		{"grid_visit", "", "visited_at", 1732266000.0, "visited_at"}, // in seconds
		{"grid_visit", "", "visited_at", "yesterday", "visited_at"},
		{"grid_visit", "", "topic", "天气", "topic"},
		{"grid_visit", "", "tags", []any{"独居", "富裕"}, "tags"},
		{"grid_visit", "", "tags", "独居", "tags"},
		{"grid_visit", "", "tags", slices.Repeat([]any{"独居"}, 11), "tags"},
		{"grid_visit", "", "followups", 1.5, "followups"},
		{"grid_visit", "", "followups", -1.0, "followups"},
		{"grid_visit", "", "lat", 91.0, "lat"},
		{"grid_visit", "", "lat", "38", "lat"},
		{"grid_visit", "", "person", "林\n芳", "person"},
		{"grid_visit", "", "person", strings.Repeat("林", 61), "person"},
		{"grid_visit", "", "note", strings.Repeat("林", 2001), "note"},
		{"grid_visit", "", "note", "\xff", "note"},
		{"grid_visit", "", "id", "01JD", "id"},
		{"grid_visit", "", "kind", "person", "kind"},
		{"grid_visit", "", "weather", "晴", "weather"},
		{"newjob_checkin", checkin, "consent", false, "consent"},
		{"newjob_checkin", checkin, "consent", "yes", "consent"},
		{"newjob_checkin", checkin, "person", nil, "person"},
		{"newjob_checkin", checkin, "person", "林芳", "person"},
		{"newjob_checkin", checkin, "person", map[string]any{"id_number": "110105194912310021", "name": "林芳"}, "person.id_number"},
		{"newjob_checkin", checkin, "person", map[string]any{"id_number": "11010519491231002X"}, "person.name"},
		{"newjob_checkin", checkin, "person", map[string]any{"id_number": "11010519491231002X", "name": "林芳", "county": "140581"}, "person.county"},
		{"newjob_checkin", checkin, "person", map[string]any{"id_number": "11010519491231002X", "name": "林芳", "id": "x"}, "person.id"},
		{"newjob_checkin", checkin, "employer_code", "91350100M000100Y44", "employer_code"},
		{"mediation_note", note, "category", nil, "category"},
		{"mediation_note", note, "outcome", "和好", "outcome"},
		{"no_such_kind", note, "area", nil, "kind"},
	}
	registry := shipped(t)
	for _, test := range tests {
		form := visits(t)[0]
		if test.form != "" {
			form = decoded(t, test.form)
		}
		form[test.name] = test.value
		if test.value == nil {
			delete(form, test.name)
		}
		_, problems := registry.Check(test.kind, form)
		if len(problems) != 1 || problems[0].Field != test.want || problems[0].Text.Zh == "" || problems[0].Text.En == "" {
			t.Errorf("%s with %s %v: got %v, want one problem at %s", test.kind, test.name, test.value, problems, test.want)
		}
	}
}

func TestTwoCentresThatRegisterOnePersonWriteOneRecord(t *testing.T) {
	registry := shipped(t)
	key := []byte("the county's key")
	minted := byte(0)
	mint := func() (id crdt.RecordID) { minted++; id[0] = minted; return id }
	var persons []schema.Filled
	for _, area := range []string{"140581105211", "140581103200"} {
		form := decoded(t, checkin)
		form["area"] = area
		filled, problems := registry.Check("newjob_checkin", form)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		records := filled.Records(key, mint)
		if len(records) != 2 || records[0].Kind.Name != "person" || records[1].Kind.Name != "newjob_checkin" {
			t.Fatalf("got %v", records)
		}
		link, _ := records[1].Kind.Field("person")
		if got := records[1].Values[link.ID]; !slices.Equal(got, []crdt.Value{crdt.Ref(records[0].ID)}) {
			t.Errorf("the check-in points at %q", got)
		}
		if want := (crdt.Space{Area: area, Class: crdt.Personal}); records[1].Space != want {
			t.Errorf("the check-in is in %s", records[1].Space)
		}
		persons = append(persons, records[0])
	}
	if minted != 2 {
		t.Errorf("%d ids were minted, want one for each check-in", minted)
	}
	if !reflect.DeepEqual(persons[0], persons[1]) {
		t.Errorf("the persons differ: %v and %v", persons[0], persons[1])
	}
	if want := (crdt.Space{Area: "140581", Class: crdt.Personal}); persons[0].Space != want {
		t.Errorf("the person is in %s", persons[0].Space)
	}
}

func TestIdentityNeedsTheKey(t *testing.T) {
	registry := shipped(t)
	form := decoded(t, `{"county": "140581", "id_number": "11010519491231002X", "name": "林芳"}`)
	filled, problems := registry.Check("person", form)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	one, _ := filled.RecordID([]byte("one"))
	two, _ := filled.RecordID([]byte("two"))
	if one == two {
		t.Error("the id does not depend on the key")
	}
}

func TestStoredCheckinReadsAsAForm(t *testing.T) {
	registry := shipped(t)
	filled, _ := registry.Check("newjob_checkin", decoded(t, checkin))
	record := filled.Records(nil, func() crdt.RecordID { return crdt.RecordID{1} })[1]
	again, problems := registry.Check("newjob_checkin", record.Kind.Form(record.Values))
	if len(problems) > 0 || !reflect.DeepEqual(again.Values, record.Values) {
		t.Errorf("got %v, %v; want %v", again.Values, problems, record.Values)
	}
}

func TestHostileFormCostsLittle(t *testing.T) {
	form := map[string]any{}
	for i := range 900 {
		form[strings.Repeat("x", i+1)] = true
	}
	if _, problems := shipped(t).Check("grid_visit", form); len(problems) > 100 {
		t.Errorf("got %d problems", len(problems))
	}
}

func TestDayIsThatOfChina(t *testing.T) {
	for v, want := range map[crdt.Value]string{
		crdt.Int(1732204800000 - 1): "2024-11-21", // midnight in China is 16:00 UTC
		crdt.Int(1732204800000):     "2024-11-22",
		crdt.Text("2026-11-22"):     "2026-11-22",
		crdt.Text("tomorrow"):       "",
		crdt.Int(-1 << 62):          "",
		crdt.Bool(true):             "",
	} {
		if got := schema.Day(v); got != want {
			t.Errorf("%q: got %q, want %q", v, got, want)
		}
	}
}

func TestMomentMayBeTypedAsText(t *testing.T) {
	f := schema.Field{Type: schema.TypeInstant, Merge: crdt.Register}
	for _, s := range []any{"2024-11-22T00:00", "2024-11-21T16:00:00Z", "2024-11-22T00:00:00+08:00", json.Number("1732204800000")} {
		if got, complaint := f.Read(s); !slices.Equal(got, []crdt.Value{crdt.Int(1732204800000)}) {
			t.Errorf("%v: got %q, %q", s, got, complaint)
		}
	}
}

func FuzzCheck(f *testing.F) {
	registry := shipped(f)
	for _, form := range visits(f) {
		line, _ := json.Marshal(form)
		f.Add("grid_visit", string(line))
	}
	f.Add("newjob_checkin", checkin)
	f.Add("mediation_note", note)
	f.Add("person", `{"county": "140581", "id_number": [], "name": {}, "skills": [null, 1]}`)
	f.Fuzz(func(t *testing.T, kind, text string) {
		var form map[string]any
		if json.Unmarshal([]byte(text), &form) != nil {
			return
		}
		filled, problems := registry.Check(kind, form)
		if len(problems) > 0 {
			return
		}
		for _, record := range filled.Records(nil, func() crdt.RecordID { return crdt.RecordID{1} }) {
			again, problems := registry.Check(record.Kind.Name, record.Kind.Form(record.Values))
			if len(problems) > 0 || !reflect.DeepEqual(again.Values, record.Values) || again.Space != record.Space {
				t.Errorf("%v is shown as what reads as %v, %v", record, again, problems)
			}
		}
	})
}
