package main

import (
	"testing"

	"wangge/crdt"
	"wangge/schema"
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
	there, named := map[crdt.RecordID]string{}, map[crdt.RecordID]string{}
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
							named[to] = r.Kind.Name + "." + field.Name + " -> " + field.To
						}
					}
				}
			}
		}
	}
	// Only the county's key makes the id of a record that its content identifies, and files do not
	// know it: where no form can be within, the sample's id stands.
	for kind, field := range map[string]string{"coverage_link": "entity", "association_need": "association", "point_entry": "account"} {
		delete(named, sampled(t, kinds, kind, field))
	}
	dangling := map[string]int{}
	for id, by := range named {
		if there[id] == "" {
			dangling[by]++
		}
	}
	if len(named) < 100 || len(dangling) > 0 {
		t.Errorf("of %d records that links name these are not there: %v", len(named), dangling)
	}
}

// sampled returns the record that a kind's first sample names.
func sampled(t *testing.T, kinds *schema.Registry, kind, field string) crdt.RecordID {
	t.Helper()
	samples, err := kindfile.ShippedSamples(kind)
	if err != nil || len(samples) == 0 {
		t.Fatalf("no sample of %s: %v", kind, err)
	}
	id, err := schema.ParseID(samples[0][field].(string))
	if err != nil {
		t.Fatal(err)
	}
	k, _ := kinds.Kind(kind)
	link, _ := k.Field(field)
	return id.Of(link.To)
}
