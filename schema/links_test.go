package schema_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"wangge/crdt"
	"wangge/schema"
	"wangge/schema/kindfile"
)

const caseKind = `kind: case
title: {zh: 案件, en: Case}
class: personal
area: {field: area, level: community}
fields:
  - {id: 1, name: area, title: {zh: 社区, en: Community}, type: area, required: true}
  - {id: 2, name: parties, title: {zh: 当事人, en: Parties}, type: links, to: party, inline: true, required: true}
  - {id: 3, name: notes, title: {zh: 笔记, en: Notes}, type: links, to: note, inline: true, parent: case}
  - {id: 4, name: like, title: {zh: 类案, en: Like}, type: links, to: case}
  - {id: 5, name: size, title: {zh: 人数, en: Size}, type: int, is: count(parties)}
  - {id: 6, name: crowd, title: {zh: 群体, en: Crowd}, type: text, ask: size > 2}
`

const partyKind = `kind: party
title: {zh: 当事人, en: Party}
class: personal
area: {field: county, level: county}
identity: [id_number]
fields:
  - {id: 1, name: county, title: {zh: 区县, en: County}, type: county, required: true}
  - {id: 2, name: id_number, title: {zh: 身份证, en: Identity}, type: resident_id, required: true, guarded: true}
`

const noteKind = `kind: note
title: {zh: 笔记, en: Note}
class: personal
area: {field: area, level: community}
fields:
  - {id: 1, name: area, title: {zh: 社区, en: Community}, type: area, required: true}
  - {id: 2, name: case, title: {zh: 案件, en: Case}, type: link, to: case, required: true}
  - {id: 3, name: text, title: {zh: 内容, en: Text}, type: text, required: true}
`

func cases(changes ...string) (*schema.Registry, error) {
	change := strings.NewReplacer(changes...)
	return kindfile.Load(fstest.MapFS{
		"case.yaml": {Data: []byte(change.Replace(caseKind))}, "party.yaml": {Data: []byte(partyKind)}, "note.yaml": {Data: []byte(noteKind)},
	})
}

const mediation = `{"area": "140581105211", "parties": [{"id_number": "11010519491231002X"}, "00000000000000000000000000000007"],
	"notes": [{"text": "甲说"}, {"text": "甲说"}, {"text": "乙说", "id": "0000000000000000000000000000000b"}], "like": ["00000000000000000000000000000009"]}`

// wrote returns the records that a form writes, by their ids, its own last.
func wrote(t *testing.T, registry *schema.Registry, form map[string]any) ([]crdt.RecordID, map[crdt.RecordID]schema.Filled) {
	t.Helper()
	filled, problems := registry.Check("case", form)
	if problems != nil {
		t.Fatal(problems)
	}
	var order []crdt.RecordID
	byID := map[crdt.RecordID]schema.Filled{}
	for _, r := range filled.Records([]byte("key"), func() crdt.RecordID { return crdt.RecordID{0xca} }) {
		order, byID[r.ID] = append(order, r.ID), r
	}
	return order, byID
}

func TestFormWritesARecordForEachFormInIt(t *testing.T) {
	registry, err := cases()
	if err != nil {
		t.Fatal(err)
	}
	order, byID := wrote(t, registry, decoded(t, mediation))
	if len(order) != 5 || len(byID) != 5 {
		t.Fatalf("%d records, %d different", len(order), len(byID))
	}
	whole := byID[order[4]]
	if whole.Kind.Name != "case" || len(whole.Values[2]) != 2 || len(whole.Values[3]) != 3 || len(whole.Values[4]) != 1 {
		t.Errorf("the case is %v", whole)
	}
	for _, id := range order[:4] {
		r := byID[id]
		field := map[string]crdt.FieldID{"party": 2, "note": 3}[r.Kind.Name]
		if !slices.Contains(whole.Values[field], crdt.Ref(id)) {
			t.Errorf("the case does not link to %v", r)
		}
		if r.Kind.Name == "note" && !slices.Equal(r.Values[2], []crdt.Value{crdt.Ref(order[4])}) {
			t.Errorf("the note does not link back: %v", r)
		}
		if want := map[string]string{"party": "140581", "note": "140581105211"}[r.Kind.Name]; r.Space.Area != want {
			t.Errorf("%s is in %s", r.Kind.Name, r.Space)
		}
	}
	if _, ok := byID[crdt.RecordID{15: 0xb}.Of("note")]; !ok {
		t.Error("the note's own id is lost")
	}
}

func TestFormThatIsSentAgainWritesTheSameRecords(t *testing.T) {
	registry, err := cases()
	if err != nil {
		t.Fatal(err)
	}
	first, _ := wrote(t, registry, decoded(t, mediation))
	again, _ := wrote(t, registry, decoded(t, mediation))
	if !slices.Equal(first, again) {
		t.Errorf("got %v, then %v", first, again)
	}
	other := decoded(t, mediation)
	other["notes"].([]any)[0] = map[string]any{"text": "丙说"}
	changed, _ := wrote(t, registry, other)
	if changed[1] == first[1] {
		t.Error("another note has the first one's id")
	}
	elsewhere := decoded(t, mediation)
	elsewhere["id"] = "000000000000000000000000000000ff"
	if moved, _ := wrote(t, registry, elsewhere); moved[1] == first[1] {
		t.Error("the note of another case has the same id")
	}
}

func TestStoredListOfFormsReadsAsAForm(t *testing.T) {
	registry, err := cases()
	if err != nil {
		t.Fatal(err)
	}
	order, byID := wrote(t, registry, decoded(t, mediation))
	whole := byID[order[4]]
	again, problems := registry.Check("case", whole.Kind.Form(whole.Values))
	if problems != nil || !maps.EqualFunc(again.Values, whole.Values, slices.Equal) {
		t.Errorf("got %v, %v", again.Values, problems)
	}
}

func TestWrongFormInAListIsNamedByItsPlace(t *testing.T) {
	registry, err := cases()
	if err != nil {
		t.Fatal(err)
	}
	same := map[string]any{"id_number": "11010519491231002X"}
	for i, test := range []struct {
		name  string
		value any
		want  string
	}{
		{"parties", []any{}, "parties"},
		{"parties", nil, "parties"},
		{"parties", "甲", "parties"},
		{"parties", slices.Repeat([]any{same}, 51), "parties"},
		{"parties", []any{same, same}, "parties.1"},
		{"parties", []any{"x"}, "parties.0"},
		{"parties", []any{map[string]any{"id_number": "1"}}, "parties.0.id_number"},
		{"parties", []any{same, map[string]any{}}, "parties.1.id_number"},
		{"notes", []any{map[string]any{"text": "x", "case": "00000000000000000000000000000009"}}, "notes.0.case"},
		{"notes", []any{map[string]any{"text": "x", "area": "140581105211"}}, "notes.0.area"},
		{"notes", []any{map[string]any{"text": "x", "id": "1"}}, "notes.0.id"},
		{"notes", []any{map[string]any{"text": "x", "kind": "case"}}, "notes.0.kind"},
		{"notes", []any{map[string]any{"text": "x", "id": "0000000000000000000000000000000b"}, map[string]any{"text": "y", "id": "0000000000000000000000000000000b"}}, "notes.1"},
		{"like", []any{map[string]any{}}, "like"},
		{"like", slices.Repeat([]any{"00000000000000000000000000000009"}, 51), "like"},
		{"crowd", "多人", "crowd"},
	} {
		form := decoded(t, mediation)
		form[test.name] = test.value
		if _, problems := registry.Check("case", form); len(problems) != 1 || problems[0].Field != test.want {
			t.Errorf("%d, %s: got %v, want %s", i, test.name, problems, test.want)
		}
	}
	form := decoded(t, mediation)
	form["crowd"], form["parties"] = "多人", append(form["parties"].([]any), "00000000000000000000000000000008")
	if _, problems := registry.Check("case", form); problems != nil {
		t.Errorf("a formula does not count the forms: %v", problems)
	}
}

func TestLinksThatCannotBeAreNamedWithTheirLine(t *testing.T) {
	for old, test := range map[string][2]string{
		"to: party, inline: true, required: true": {"required: true", ":7: fields[1].to"},
		"to: note, inline: true, parent: case":    {"to: note, inline: true, parent: text", ":8: fields[2].parent"},
		"type: links, to: note, inline: true":     {"type: link, to: note, inline: true", ":8: fields[2].parent"},
		"inline: true, parent: case":              {"parent: case", ":8: fields[2].parent"},
		"type: links, to: case}":                  {"type: links, to: case, inline: true}", ":9: fields[3].inline"},
		"type: links, to: case":                   {"type: links, merge: register, to: case", ":9: fields[3].merge"},
		"is: count(parties)":                      {`is: "if(parties has \"x\", 1, 2)"`, ":10: fields[4].is"},
	} {
		if _, err := cases(old, test[0]); err == nil || !strings.HasPrefix(err.Error(), "case.yaml"+test[1]+": ") {
			t.Errorf("%s: got %v, want %s", test[0], err, test[1])
		}
	}
}

func FuzzForms(f *testing.F) {
	registry, err := cases()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(mediation)
	f.Add(`{"area": "140581105211", "parties": [null, [], {"id_number": {}}], "notes": [{"notes": []}], "like": {}}`)
	f.Fuzz(func(t *testing.T, text string) {
		var form map[string]any
		if json.Unmarshal([]byte(text), &form) != nil {
			return
		}
		filled, problems := registry.Check("case", form)
		if len(problems) > 0 {
			return
		}
		ids := map[crdt.RecordID]bool{}
		records := filled.Records(nil, func() crdt.RecordID { return crdt.RecordID{1} })
		for _, r := range records {
			again, problems := registry.Check(r.Kind.Name, r.Kind.Form(r.Values))
			if len(problems) > 0 || again.Space != r.Space {
				t.Errorf("%v is shown as what reads as %v, %v", r, again, problems)
			}
			ids[r.ID] = true
		}
		if len(ids) != len(records) {
			t.Errorf("%d records have %d ids", len(records), len(ids))
		}
	})
}

// A year's account of a case is one record, whoever makes it: the link back is part of
// what identifies it.
func TestLinkBackMayIdentify(t *testing.T) {
	account := strings.NewReplacer("kind: note", "kind: note\nidentity: [case, text]").Replace(noteKind)
	registry, err := kindfile.Load(fstest.MapFS{
		"case.yaml": {Data: []byte(caseKind)}, "party.yaml": {Data: []byte(partyKind)}, "note.yaml": {Data: []byte(account)},
	})
	if err != nil {
		t.Fatal(err)
	}
	form := decoded(t, `{"area": "140581105211", "parties": ["00000000000000000000000000000007"], "notes": [{"text": "2026"}, {"text": "2027"}]}`)
	first, _ := wrote(t, registry, form)
	form["notes"] = []any{map[string]any{"text": "2026"}}
	if again, _ := wrote(t, registry, form); again[0] != first[0] || first[0] == first[1] {
		t.Errorf("got %v, then %v", first, again)
	}
	form["notes"] = []any{map[string]any{"text": "2026"}, map[string]any{"text": "2026"}}
	if _, problems := registry.Check("case", form); len(problems) != 1 || problems[0].Field != "notes.1" {
		t.Errorf("one account twice: %v", problems)
	}
}
