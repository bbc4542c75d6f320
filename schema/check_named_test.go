package schema_test

import (
	"testing"

	"wangge/crdt"
	"wangge/schema"
)

// A link that names a record by its identity leads to the record that a form of that
// identity writes.
func TestALinkNamesARecordByItsIdentity(t *testing.T) {
	registry, key := shipped(t), []byte("key")
	mint := func() crdt.RecordID { return crdt.RecordID{1} }
	firm, problems := registry.Check("biz_entity", map[string]any{"area": "140581105211", "name": "飞驰速递", "code": "91350100M000100Y43", "category": "新业态"})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	id, _ := firm.RecordID(key)
	cover := func(entity any) (schema.Filled, schema.Problems) {
		return registry.Check("coverage_link", map[string]any{
			"area": "140581105212", "entity": entity, "category": "党组织", "started_on": "2026-11-22",
		})
	}
	filled, problems := cover(map[string]any{"code": "91350100m000100y43"})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	records := filled.Records(key, mint)
	entity, _ := filled.Kind.Field("entity")
	if len(records) != 1 || len(records[0].Values[entity.ID]) != 1 || records[0].Values[entity.ID][0] != crdt.Ref(id) {
		t.Errorf("it writes %+v, want the one record with a link to %s", records, id)
	}
	for at, entity := range map[string]any{
		"entity.code": map[string]any{"code": "91350100M000100Y44"},
		"entity.name": map[string]any{"code": "91350100M000100Y43", "name": "飞驰速递"},
		"entity":      []any{map[string]any{"code": "91350100M000100Y43"}},
	} {
		if _, problems := cover(entity); len(problems) != 1 || problems[0].Field != at {
			t.Errorf("%v: got %v, want a problem of %s", entity, problems, at)
		}
	}
	if _, problems := cover(map[string]any{}); len(problems) != 1 || problems[0].Field != "entity.code" {
		t.Errorf("of no code at all: %v", problems)
	}
	if _, problems := registry.Check("coverage_link", map[string]any{
		"area": "140581105212", "entity": map[string]any{"code": "91350100M000100Y43"}, "category": "党组织", "started_on": "2026-11-22", "mass_org": map[string]any{"name": "x"},
	}); len(problems) != 1 || problems[0].Field != "mass_org" {
		t.Errorf("a kind without identity: %v", problems)
	}
}

func TestLinksNameSeveralByTheirIdentities(t *testing.T) {
	registry := shipped(t)
	fair := func(associations ...any) (schema.Filled, schema.Problems) {
		return registry.Check("job_fair", map[string]any{"county": "140581", "name": "春风行动", "held_on": "2026-02-26", "posts": 30.0, "status": "已举办", "associations": associations})
	}
	one, other := map[string]any{"code": "91350100M000100Y43"}, map[string]any{"code": "9114058100000001XN"}
	filled, problems := fair(one)
	if len(problems) > 0 || len(filled.Links) != 1 {
		t.Fatal(filled, problems)
	}
	if _, problems = fair(one, "01JD9Q3W5M7R8T0V2X4Z6B8D0F"); len(problems) != 1 {
		t.Errorf("one by its code and one by its id: %v", problems)
	}
	if _, problems = fair(one, other); len(problems) > 1 || len(problems) == 1 && problems[0].Field != "associations.code" {
		t.Errorf("two: %v", problems)
	}
}
