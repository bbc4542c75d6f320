package main

import (
	"testing"

	"wangge/crdt"
	"wangge/schema/kindfile"
)

// A link of the year leads to a record of the year, in a small year too.
func TestEveryLinkOfAYearLeadsToARecordOfIt(t *testing.T) {
	kinds, err := kindfile.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	y, err := newCountyYear(kinds, 7, 2026, yearCommunities, 3850)
	if err != nil {
		t.Fatal(err)
	}
	there, named, by := map[crdt.RecordID]string{}, map[crdt.RecordID]string{}, map[string]int{}
	for box := range y.places {
		forms, err := y.box(box)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range forms {
			filled, problems := kinds.Check(f.kind, f.form)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			for _, r := range filled.Records([]byte("key"), func() crdt.RecordID { return crdt.RecordID{} }) {
				there[r.ID] = r.Kind.Name
				for id, values := range r.Values {
					field, _ := r.Kind.FieldByID(id)
					for _, v := range values {
						if to, ok := v.Ref(); ok {
							by[r.Kind.Name+"."+field.Name]++
							named[to] = r.Kind.Name + "." + field.Name + " -> " + field.To
						}
					}
				}
			}
		}
	}
	dangling := map[string]int{}
	for id, by := range named {
		if there[id] == "" {
			dangling[by]++
		}
	}
	for _, k := range kinds.Kinds() {
		for _, f := range k.Fields {
			if f.To != "" && f.Required && !k.Decide && by[k.Name+"."+f.Name] == 0 {
				t.Errorf("%s.%s names nothing", k.Name, f.Name)
			}
		}
	}
	if len(named) < 100 || len(dangling) > 0 {
		t.Errorf("of %d records that links name these are not there: %v", len(named), dangling)
	}
}
