package node

import (
	"errors"
	"strings"
	"testing"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/node/web"
	"wangge/schema"
)

// note is a mediation note as it is first written down.
func mediation(note string) map[string]any {
	return map[string]any{
		"area": "140581105211", "mediated_at": 1730448085841, "parties": "甲与乙", "category": "邻里", "outcome": "继续调解", "note": note,
	}
}

// opened is a text as somebody's page shows it.
type opened struct {
	text string
	saw  []string
}

func (d desk) opens(t *testing.T, name web.Name) opened {
	t.Helper()
	f, there := d.fields(t, name)["note"]
	if !there {
		return opened{"", []string{}}
	}
	if len(f.Versions) != 1 || f.Merge != "text" || f.Conflict {
		t.Fatalf("a text shows as %+v, want one version", f)
	}
	return opened{f.Versions[0].Value.(string), f.Versions[0].Saw}
}

func (d desk) writesNote(t *testing.T, name web.Name, page opened, text string) {
	t.Helper()
	if err := d.Edit(name, []web.Edit{{Field: "note", Set: text, Saw: page.saw}}); err != nil {
		t.Fatalf("%q after %+v: %v", text, page, err)
	}
}

func TestWhatTwoWriteIntoAnOpenedNoteIsWoven(t *testing.T) {
	d := newDesk(t)
	name := d.mustSave(t, "mediation_note", mediation("两家为排水沟起争执。"))
	first, second := d.opens(t, name), d.opens(t, name)
	d.writesNote(t, name, first, "今日上门：两家为排水沟起争执。")
	d.writesNote(t, name, second, "两家为排水沟起争执。约定周五再谈👨‍👩‍👧。𠮷")
	if got := d.opens(t, name).text; got != "今日上门：两家为排水沟起争执。约定周五再谈👨‍👩‍👧。𠮷" {
		t.Errorf("the note reads %q", got)
	}
	d.writesNote(t, name, d.opens(t, name), "")
	if got := d.opens(t, name); got.text != "" || len(got.saw) == 0 {
		t.Errorf("an emptied note shows %+v, want no words and the version that emptied it", got)
	}
	d.writesNote(t, name, d.opens(t, name), "重写")
	if got := d.opens(t, name).text; got != "重写" {
		t.Errorf("the note reads %q", got)
	}
}

func TestAFormThatIsSentAgainTakesNothingFromANote(t *testing.T) {
	d := newDesk(t)
	f := mediation("第一次走访")
	f["id"] = "01JBKBWMTHMAYKD5KYCGABX5KG"
	name := d.mustSave(t, "mediation_note", f)
	d.writesNote(t, name, d.opens(t, name), "第一次走访，门口有狗")
	d.mustSave(t, "mediation_note", f)
	if got := d.opens(t, name).text; got != "第一次走访，门口有狗" {
		t.Errorf("the note reads %q", got)
	}
	f["note"] = "第二次走访"
	for range 2 {
		d.mustSave(t, "mediation_note", f)
	}
	if got := d.opens(t, name).text; got != "第一次走访，门口有狗\n第二次走访" {
		t.Errorf("the note reads %q", got)
	}
}

func TestOneSaveOfATextIsOneEventAndSavingItUnchangedIsNone(t *testing.T) {
	d := newDesk(t)
	name := d.mustSave(t, "mediation_note", mediation("甲说：沟是我家的。乙说：沟是大家的。"))
	events := func() int {
		_, _, rec, err := d.find(name)
		if err != nil {
			t.Fatal(err)
		}
		return len(rec.Cells[8].Entries)
	}
	if n := events(); n != 1 {
		t.Errorf("a new note has %d events, want 1", n)
	}
	d.writesNote(t, name, d.opens(t, name), "【甲】说：沟是我家的。【乙】说：沟是大家的。")
	d.writesNote(t, name, d.opens(t, name), "【甲】说：沟是我家的。【乙】说：沟是大家的。")
	if n := events(); n != 2 {
		t.Errorf("a save in two places and one that changed nothing left %d events, want 2", n)
	}
}

func TestChangesThatWaitForOthersAreCountedAndNotLost(t *testing.T) {
	d := newDesk(t)
	name := d.mustSave(t, "mediation_note", mediation("起"))
	space, id, rec, err := d.find(name)
	if err != nil {
		t.Fatal(err)
	}
	first := rec.Cells[8].Entries[0].Dot
	writes := func(values ...crdt.Value) {
		err := d.save(func(draft *store.Draft) error {
			for _, v := range values {
				draft.Write(space, crdt.Op{Record: id, Kind: name.Kind, Field: 8, Type: crdt.MergedText, Value: v})
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	event := func(put string, parents ...crdt.Dot) crdt.Value {
		return crdt.Event(parents, crdt.Edit{At: 1, Put: put})
	}
	writes(event("承", first), "\x03 of a newer form", event("转", crdt.Dot{Writer: 77, Seq: 1}))
	if f := d.fields(t, name)["note"]; f.Versions[0].Value != "起承" || f.Waiting != 2 {
		t.Errorf("the note shows as %+v, want 起承 and two that wait", f)
	}
}

func TestANoteKeepsToItsLimitAsAWhole(t *testing.T) {
	d := newDesk(t)
	name := d.mustSave(t, "mediation_note", mediation("起"))
	stale := d.opens(t, name)
	d.writesNote(t, name, stale, "起"+strings.Repeat("甲", 6000))
	var problems schema.Problems
	err := d.Edit(name, []web.Edit{{Field: "note", Set: strings.Repeat("乙", 4000) + "起", Saw: stale.saw}})
	if !errors.As(err, &problems) || problems[0].Field != "note" {
		t.Errorf("10,001 characters in all: %v", err)
	}
	d.writesNote(t, name, stale, strings.Repeat("乙", 3999)+"起")
	if n := len([]rune(d.opens(t, name).text)); n != 10_000 {
		t.Errorf("the note has %d characters, want 10000", n)
	}
	if err := d.Edit(name, []web.Edit{{Field: "note", Set: "改", Saw: []string{"9.0-1-0"}}}); !errors.As(err, &problems) {
		t.Errorf("a page that saw what was never there: %v", err)
	}
}

// Two who each keep to the limit may be beyond it together. Nothing of theirs is
// cut; from then on the note may only become shorter.
func TestANoteThatGrewTooLongTogetherMayBecomeShorter(t *testing.T) {
	desks := newDesks(t, "城东站", "城西站")
	name := desks[0].mustSave(t, "mediation_note", mediation("起"))
	newCall(t, desks[0], desks[1]).finishes()
	desks[0].writesNote(t, name, desks[0].opens(t, name), strings.Repeat("甲", 6000)+"起")
	mine := desks[0].opens(t, name)
	desks[1].writesNote(t, name, desks[1].opens(t, name), "起"+strings.Repeat("乙", 6000))
	newCall(t, desks[0], desks[1]).finishes()
	if n := len([]rune(desks[0].opens(t, name).text)); n != 12_001 {
		t.Fatalf("the note has %d characters, want 12001", n)
	}
	longer := web.Edit{Field: "note", Set: mine.text + "了", Saw: mine.saw}
	if err := desks[0].Edit(name, []web.Edit{longer}); err == nil {
		t.Error("a note that is too long becomes longer")
	}
	desks[0].writesNote(t, name, mine, strings.Repeat("甲", 5000)+"起")
	if n := len([]rune(desks[0].opens(t, name).text)); n != 11_001 {
		t.Errorf("the note has %d characters, want 11001", n)
	}
}

func TestAListMasksANoteOfACaseAndAnImportWritesIt(t *testing.T) {
	d := newDesk(t)
	long := strings.Repeat("排水沟", 60)
	for range 2 {
		if _, err := d.Import("mediation_note", []map[string]any{mediation(long)}); err != nil {
			t.Fatal(err)
		}
	}
	list, err := d.List("mediation_note", nil, 10)
	if err != nil || len(list.Items) != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	if shown := list.Items[0].Values["note"]; shown != "***" {
		t.Errorf("the list shows %q", shown)
	}
	if got := d.opens(t, list.Items[0].Name).text; got != long {
		t.Errorf("the record shows %q", got)
	}
}

func TestAListShowsTheBeginningOfAText(t *testing.T) {
	d := newDesk(t)
	long := strings.Repeat("排水沟", 60)
	d.mustSave(t, "warm_station", map[string]any{
		"area": "140581105211", "name": "东街暖新驿站", "category": "暖新驿站", "opened_on": "2024-07-01", "open_hours": "8:00—22:00", "address": "东街一层",
		"unit": "东街社区党委", "status": "使用中", "note": long,
	})
	list, err := d.List("warm_station", nil, 10)
	if err != nil || len(list.Items) != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	if shown := list.Items[0].Values["note"]; shown != string([]rune(long)[:briefMax])+"…" {
		t.Errorf("the list shows %q", shown)
	}
}
