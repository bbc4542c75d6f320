package node

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/web"
	"wangge/schema/kindfile"
)

// asCounty has a desk show what it has as a replica of the hub would.
func asCounty(d desk) (official, office) {
	d.id.Device.Role = policy.Hub
	d.recount()
	return official{d, web.Signed{}}, office(d)
}

// A record of any kind is shown at the hub without what marks a person and without what is
// sealed, now or in its past; confidential ones are not shown.
func TestTheHubShowsEachKindsRecordsMasked(t *testing.T) {
	d := countyDesk(t)
	saved := saveOneOfEach(t, d)
	o, told := asCounty(d)
	shown := map[crdt.Class]int{}
	for name, form := range saved {
		k, _ := d.kinds.Kind(name.Kind)
		rec, err := o.Record(name)
		past, wrong := told.History(name, 10)
		var refusal web.Refusal
		if shown[k.Class]++; k.Class == crdt.Confidential {
			if !errors.As(err, &refusal) || !errors.As(wrong, &refusal) {
				t.Errorf("%s: a confidential record was shown: %v, %v", k.Name, err, wrong)
			}
			continue
		}
		if err != nil || wrong != nil || len(rec.Fields) == 0 || len(past.Saves) == 0 || len(past.Saves[0].Changes) == 0 {
			t.Errorf("%s: %d fields (%v), %d saves (%v)", k.Name, len(rec.Fields), err, len(past.Saves), wrong)
			continue
		}
		page, _ := json.Marshal([]any{rec, past})
		for _, f := range k.Fields {
			if given, ok := form[f.Name].(string); ok && (f.Guarded || f.Sealed) && strings.Contains(string(page), given) {
				t.Errorf("%s.%s stands in full", k.Name, f.Name)
			}
			if f.Sealed && strings.Contains(string(page), `"`+f.Name+`"`) {
				t.Errorf("%s.%s is sealed and told", k.Name, f.Name)
			}
		}
	}
	if shown[crdt.Open] < 20 || shown[crdt.Personal] < 15 || shown[crdt.Confidential] < 5 {
		t.Errorf("few kinds were tried: %v", shown)
	}
}

func TestARecordsHistoryTellsWhoSavedWhatWhen(t *testing.T) {
	d := newDesk(t)
	names, err := d.Save("grid_visit", map[string]any{
		"grid": "14058110521101", "visited_at": "2026-11-22T09:30", "topic": "用电安全", "status": "正常", "tags": []any{"独居"}, "followups": 2, "note": "门锁坏了",
	})
	if err != nil {
		t.Fatal(err)
	}
	visit := names[0]
	for _, edits := range [][]web.Edit{
		{{Field: "topic", Set: "独居老人"}, {Field: "tags", Remove: "独居"}, {Field: "followups", Plus: 3}},
		{{Field: "note", Set: "门锁坏了，已换"}},
		{{Delete: true}},
		{{Restore: true}},
	} {
		if err := d.Edit(visit, edits); err != nil {
			t.Fatal(err)
		}
	}
	_, told := asCounty(d)
	past, err := told.History(visit, 10)
	if err != nil {
		t.Fatal(err)
	}
	var acts [][]string
	for _, save := range past.Saves {
		var all []string
		for _, c := range save.Changes {
			value, _ := json.Marshal(c.Value)
			all = append(all, strings.TrimSpace(c.Field+" "+c.Act+" "+string(value)))
		}
		slices.Sort(all)
		acts = append(acts, all)
		if save.Device == "" || save.At == 0 || save.Reached != "saved" {
			t.Errorf("it was saved by %q at %d, %s", save.Device, save.At, save.Reached)
		}
	}
	want := [][]string{{"restore null"}, {"delete null"}, {"note text null"}, {"followups plus 3", `topic set "独居老人"`}}
	if len(acts) != 5 || !slices.EqualFunc(acts[:4], want, slices.Equal) || !slices.Contains(acts[4], `topic set "用电安全"`) {
		t.Errorf("it was told %q", acts)
	}
	standing := func(save web.Save, field string) bool {
		i := slices.IndexFunc(save.Changes, func(c web.Change) bool { return c.Field == field })
		return save.Changes[i].Stands
	}
	if !standing(past.Saves[3], "topic") || standing(past.Saves[4], "topic") || !standing(past.Saves[4], "status") {
		t.Error("what stands is not what the record says")
	}
	if short, err := told.History(visit, 2); err != nil || len(short.Saves) != 2 || short.More != 3 {
		t.Errorf("of five saves two are %d and %d more (%v)", len(short.Saves), short.More, err)
	}
}

// tieKinds are persons, and what is known to name one.
const tieKinds = `
kind: man
title: {zh: 人, en: Man}
class: personal
area: {field: area, level: community}
fields:
  - {id: 1, name: area, title: {zh: 社区, en: Community}, type: area, required: true}
---
kind: tie
title: {zh: 关联, en: Tie}
class: CLASS
area: {field: area, level: community}
fields:
  - {id: 1, name: area, title: {zh: 社区, en: Community}, type: area, required: true}
  - {id: 2, name: man, title: {zh: 人员, en: Man}, type: link, to: man}
`

// Who names a record is told at the hub too, but for confidential ones: that there is such a
// case tells of the person.
func TestTheHubTellsWhoNamesARecordButForConfidentialOnes(t *testing.T) {
	for class, want := range map[string]int{"personal": 1, "confidential": 0} {
		man, tie, _ := strings.Cut(strings.Replace(tieKinds, "CLASS", class, 1), "---\n")
		kinds, err := kindfile.Load(fstest.MapFS{"man.yaml": {Data: []byte(man)}, "tie.yaml": {Data: []byte(tie)}})
		if err != nil {
			t.Fatal(err)
		}
		of, by := crdt.RecordID{7}, crdt.RecordID{8}
		k, _ := kinds.Kind("tie")
		var rec crdt.Record
		rec.Apply(crdt.Dot{Writer: 1, Seq: 1}, 1, rec.Assign(by, "tie", 2, crdt.Ref(of)), nil)
		var all linked
		all.reset(kinds, true)
		all.change(crdt.Space{Area: "140581105211", Class: k.Class}, by, crdt.Record{}, rec)
		if some, spaces, _ := all.naming(of, 10); len(some) != want || len(spaces) != want {
			t.Errorf("%s: named by %v", class, some)
		}
	}
}
