package schema_test

import (
	"slices"
	"strings"
	"testing"

	"wangge/crdt"
	"wangge/schema"
	"wangge/schema/kindfile"
)

// unit returns a record that gives an area its name.
func unit(t *testing.T, r *schema.Registry, form map[string]any) (crdt.RecordID, crdt.Record) {
	t.Helper()
	form["county"] = "140581"
	filled, problems := r.Check("county_admin_unit", form)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	records := filled.Records([]byte("key"), func() (id crdt.RecordID) { return id })
	one := records[len(records)-1]
	rec := crdt.Record{}
	for i, op := range one.Ops(rec, 1) {
		rec.Apply(crdt.Dot{Writer: 1, Seq: 1, Index: uint32(i)}, crdt.NewStamp(1764000000000), op, crdt.Frontier{})
	}
	return one.ID, rec
}

func TestAnAreaIsCalledAsItsRecordsSayOnTheDay(t *testing.T) {
	kinds, err := kindfile.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	village := func(name, from, to, next string) map[string]any {
		form := map[string]any{"unit_code": "140581105211", "name": name, "level": "村（社区）", "valid_from": from}
		if to != "" {
			form["valid_to"], form["successor"] = to, next
		}
		return form
	}
	places := schema.NewPlaces(kinds)
	add := func(form map[string]any) crdt.RecordID {
		id, rec := unit(t, kinds, form)
		if !places.Change(id, rec) {
			t.Fatalf("%v gives no name", form)
		}
		if places.Change(id, rec) {
			t.Error("the same record again is told as a change")
		}
		return id
	}
	add(village("旧村", "2001-01-01", "2019-12-30", "140581105212"))
	now := add(village("东村", "2019-12-31", "", ""))
	add(village("新东村", "2030-01-01", "", ""))
	add(map[string]any{"unit_code": "140581105", "name": "城关镇", "level": "乡镇（街道）", "valid_from": "2001-01-01"})
	called := func(day, code string) string { return schema.Called(places.On(day), code) }
	for _, c := range []struct{ day, code, want string }{
		{"2026-11-26", "140581105211", "东村"}, {"2010-05-01", "140581105211", "旧村"}, {"2030-01-01", "140581105211", "新东村"},
		{"2026-11-26", "140581105211003", "东村 003"}, {"2026-11-26", "140581105", "城关镇"},
		{"2026-11-26", "140581105212", ""}, {"2026-11-26", "140581", ""}, {"2026-11-26", "", ""},
		{"1990-01-01", "140581105211", "新东村"}, // before all of them, that which was said last
	} {
		if got := called(c.day, c.code); got != c.want {
			t.Errorf("%s is called %q on %s, want %q", c.code, got, c.day, c.want)
		}
	}
	if dead := (crdt.Record{Kind: "county_admin_unit"}); !places.Change(now, dead) {
		t.Error("that a name went is not told")
	}
	if got := called("2026-11-26", "140581105211"); got != "旧村" {
		t.Errorf("after its record went, the withdrawn code is called %q", got)
	}
	codes := []string{}
	for _, p := range places.On("2026-11-26") {
		codes = append(codes, p.Code)
	}
	if !slices.IsSorted(codes) || len(codes) != 2 {
		t.Errorf("the names are of %v", codes)
	}
}

func TestNamesAndLikenessAreOfFieldsThatAnybodyMayRead(t *testing.T) {
	shipped, err := kindfile.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	unit, _ := shipped.Kind("county_admin_unit")
	for path, spoil := range map[string]func(k *schema.Kind){
		"$.names":       func(k *schema.Kind) { k.Name, k.Class, k.Decide = "unit", crdt.Personal, false },
		"$.names.code":  func(k *schema.Kind) { k.Names.Code = "nothing" },
		"$.names.title": func(k *schema.Kind) { k.Names.Title = "valid_from" },
		"$.names.from":  func(k *schema.Kind) { k.Names.From = "name" },
		"$.names.to":    func(k *schema.Kind) { k.Names.To = "name" },
		"$.names.next":  func(k *schema.Kind) { k.Names.Next = "level" },
		"$.alike.name":  func(k *schema.Kind) { k.Alike = &schema.Alike{Name: "level"} },
		"$.alike.by[1]": func(k *schema.Kind) { k.Alike = &schema.Alike{Name: "name", By: []string{"level", "level"}} },
	} {
		k := *unit
		names := *unit.Names
		k.Names, k.Reports = &names, nil
		spoil(&k)
		if _, err := schema.New([]schema.Kind{k}); err == nil || !strings.Contains(err.Error(), path+":") {
			t.Errorf("%s: %v", path, err)
		}
	}
}
