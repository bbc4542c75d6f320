package node

import (
	"errors"
	"log/slog"
	"maps"
	"path/filepath"
	"testing"
	"time"

	"wangge/node/policy"
	"wangge/node/web"
	"wangge/schema"
)

// newDesk returns the desk of a box that talks to nobody.
func newDesk(t testing.TB) desk { return newDesks(t, "城东站")[0] }

// newDesks returns the desks of boxes of one township that talk to nobody.
func newDesks(t testing.TB, names ...string) (desks []desk) {
	t.Helper()
	dir := t.TempDir()
	county, err := policy.NewCounty(filepath.Join(dir, "county"), "试验县", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		keys := filepath.Join(dir, name, "keys")
		_, err = county.Enrol(policy.Device{
			Name: name, Role: policy.Box, Ring: "140581105",
			Holds:  []policy.Pattern{"140581105*/personal", "140581105211/confidential", "140581/personal", "140581105*/open"},
			Writes: []policy.Pattern{"140581*/personal", "140581105211/confidential", "140581105*/open"},
		}, keys, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		n, err := open(Config{Keys: keys, Data: filepath.Join(dir, name, "data"), Link: "127.0.0.1:0", Web: "127.0.0.1:0"}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { n.close() })
		desks = append(desks, desk{n})
	}
	return desks
}

func form(changes map[string]any) map[string]any {
	f := map[string]any{
		"grid": "140581105211003", "household": "1405811052110030017", "visited_at": 1730448085841,
		"person": "张桂兰", "author": "韩雪", "topic": "独居老人", "status": "正常", "tags": []any{"独居"}, "followups": 2,
	}
	maps.Copy(f, changes)
	return f
}

func (d desk) mustSave(t *testing.T, kind string, f map[string]any) web.Name {
	t.Helper()
	names, err := d.Save(kind, f)
	if err != nil {
		t.Fatal(err)
	}
	return names[len(names)-1]
}

func (d desk) fields(t *testing.T, name web.Name) map[string]web.Field {
	t.Helper()
	r, err := d.Record(name)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]web.Field{}
	for _, f := range r.Fields {
		all[f.Name] = f
	}
	return all
}

func TestASavedFormReadsAsItWasFilledIn(t *testing.T) {
	d := newDesk(t)
	name := d.mustSave(t, "grid_visit", form(nil))
	fields := d.fields(t, name)
	if name.Space != "140581105211/personal" || fields["status"].Versions[0].Value != "正常" ||
		fields["tags"].Versions[0].Value != "独居" || *fields["followups"].Total != 2 || fields["topic"].Versions[0].Device != "城东站" {
		t.Errorf("%+v: %+v", name, fields)
	}
	list, err := d.List("grid_visit", nil, 10)
	if err != nil || len(list.Items) != 1 || list.Items[0].Reached != "saved" || list.Items[0].Values["followups"] != int64(2) {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestAnEditReplacesWhatThePersonSaw(t *testing.T) {
	d := newDesk(t)
	name := d.mustSave(t, "grid_visit", form(nil))
	saw := d.fields(t, name)["status"].Versions[0].Saw
	for _, status := range []string{"已上报", "已解决"} { // two people saw the same
		if err := d.Edit(name, []web.Edit{{Field: "status", Set: status, Saw: saw}}); err != nil {
			t.Fatal(err)
		}
	}
	status := d.fields(t, name)["status"]
	if !status.Conflict || len(status.Versions) != 2 {
		t.Fatalf("%+v, want both", status)
	}
	if err := d.Edit(name, []web.Edit{{Field: "status", Set: "待跟进"}}); err != nil {
		t.Fatal(err)
	}
	if status := d.fields(t, name)["status"]; status.Conflict || len(status.Versions) != 1 || status.Versions[0].Value != "待跟进" {
		t.Errorf("%+v, want what was written over both", status)
	}
}

func TestSetsCountersAndEmptiedFieldsAreEdited(t *testing.T) {
	d := newDesk(t)
	name := d.mustSave(t, "grid_visit", form(nil))
	err := d.Edit(name, []web.Edit{
		{Field: "tags", Add: "残疾"}, {Field: "tags", Remove: "独居"}, {Field: "followups", Plus: 3}, {Field: "person", Set: ""},
	})
	if err != nil {
		t.Fatal(err)
	}
	fields := d.fields(t, name)
	if tags := fields["tags"].Versions; len(tags) != 1 || tags[0].Value != "残疾" {
		t.Errorf("tags %+v", tags)
	}
	if *fields["followups"].Total != 5 {
		t.Errorf("followups %d", *fields["followups"].Total)
	}
	if _, there := fields["person"]; there {
		t.Error("an emptied field still shows something")
	}
}

func TestEditsThatMakeNoSenseAreRefusedWhole(t *testing.T) {
	d := newDesk(t)
	name := d.mustSave(t, "grid_visit", form(nil))
	for what, e := range map[string]web.Edit{
		"a field that is not there":   {Field: "colour", Set: "red"},
		"no option":                   {Field: "status", Set: "很好"},
		"a register as a set":         {Field: "status", Add: "正常"},
		"a set as a register":         {Field: "tags", Set: "独居"},
		"a counter as a register":     {Field: "followups", Set: 7},
		"nothing at all":              {Field: "status"},
		"a required field, emptied":   {Field: "status", Set: ""},
		"versions that are no dots":   {Field: "status", Set: "正常", Saw: []string{"x"}},
		"an element of another world": {Field: "tags", Add: "火星"},
	} {
		var problems schema.Problems
		err := d.Edit(name, []web.Edit{{Field: "followups", Plus: 1}, e})
		if !errors.As(err, &problems) || problems[0].Text.Empty() {
			t.Errorf("%s: %v", what, err)
		}
	}
	if n := d.fields(t, name)["followups"].Total; *n != 2 {
		t.Errorf("followups is %d: a part of a refused edit was saved", *n)
	}
}

func TestAnAreaThatTheBoxMayNotWriteIsRefused(t *testing.T) {
	d := newDesk(t)
	var problems schema.Problems
	if _, err := d.Save("grid_visit", form(map[string]any{"grid": "110105001001001", "household": "1101050010010010001"})); !errors.As(err, &problems) {
		t.Errorf("got %v", err)
	}
	note := map[string]any{"area": "140581105212", "mediated_at": 1730448085841, "parties": "甲与乙", "category": "邻里", "outcome": "达成协议"}
	if _, err := d.Save("mediation_note", note); !errors.As(err, &problems) {
		t.Errorf("a confidential note of another community: %v", err)
	}
	if _, err := d.Record(web.Name{Kind: "grid_visit", Space: "140581105211/personal", ID: "00"}); !errors.Is(err, web.ErrMissing) {
		t.Errorf("got %v", err)
	}
}

func rider(mobile string) map[string]any {
	return map[string]any{
		"area": "140581105211", "checked_in_at": 1730448085841, "platform": "美团", "trade": "外卖", "notice_given": true, "consent": true,
		"person": map[string]any{"id_number": "14058119920307151X", "name": "高飞", "mobile": mobile},
	}
}

func TestAPersonTypedTwiceInOnePageIsOnePersonAsLastTyped(t *testing.T) {
	d := newDesk(t)
	outcomes, err := d.Import("newjob_checkin", []map[string]any{rider("13834561201"), rider("13934561202"), rider("13834561201")})
	if err != nil || outcomes[0].State != "new" || outcomes[1].State != "new" || outcomes[2].State != "known" {
		t.Fatalf("%+v, %v", outcomes, err)
	}
	people, err := d.List("person", nil, 10)
	if err != nil || len(people.Items) != 1 || people.Items[0].Conflict {
		t.Fatalf("%+v, %v", people, err)
	}
	if m := d.fields(t, people.Items[0].Name)["mobile"]; m.Versions[0].Value != "13934561202" {
		t.Errorf("mobile %+v", m)
	}
}

func TestImportingTwiceChangesNothing(t *testing.T) {
	d := newDesk(t)
	lines := []map[string]any{
		form(map[string]any{"id": "01JBKBWMTHMAYKD5KYCGABX5KG"}), form(nil), form(map[string]any{"topic": "天气"}),
	}
	first, err := d.Import("grid_visit", lines)
	if err != nil || first[0].State != "new" || first[1].State != "new" || first[2].State != "refused" || len(first[2].Problems) != 1 {
		t.Fatalf("%+v, %v", first, err)
	}
	before := d.store.Spaces()
	again, err := d.Import("grid_visit", lines)
	if err != nil || again[0].State != "known" || again[1].State != "known" || again[2].State != "refused" {
		t.Fatalf("%+v, %v", again, err)
	}
	if after := d.store.Spaces(); after[0].Digest != before[0].Digest || after[0].Batches != before[0].Batches {
		t.Error("something changed")
	}
}

func TestAStoreThatCannotBeOpenedEndsTheNodeWithAWord(t *testing.T) {
	if err := Run(t.Context(), Config{Keys: t.TempDir(), Data: t.TempDir(), Link: "127.0.0.1:0", Web: "127.0.0.1:0"}, slog.New(slog.DiscardHandler), nil); err == nil {
		t.Error("a node without keys ran")
	}
	for _, c := range []Config{{}, {Keys: "k", Data: "d", Link: "x", Web: "127.0.0.1:0"}, {Keys: "k", Data: "d", Link: "127.0.0.1:0", Web: "127.0.0.1:0", Peers: []Peer{{Name: "x"}}}} {
		if c.Check() == nil {
			t.Errorf("%+v passes for a configuration", c)
		}
	}
}

func TestADeletedRecordStaysToBeSeenAndComesBackWhenItIsFilledInAgain(t *testing.T) {
	d := newDesk(t)
	person := d.mustSave(t, "newjob_checkin", rider("13834561201"))
	people, _ := d.List("person", nil, 10)
	name := people.Items[0].Name
	if err := d.Edit(name, []web.Edit{{Delete: true}}); err != nil {
		t.Fatal(err)
	}
	fate := func() string {
		r, err := d.Record(name)
		if err != nil {
			t.Fatal(err)
		}
		return r.Fate
	}
	if fate() != "dead" || len(d.fields(t, name)) == 0 {
		t.Errorf("a deleted record is %s and shows %d fields", fate(), len(d.fields(t, name)))
	}
	if err := d.Edit(name, []web.Edit{{Restore: true}}); err != nil || fate() != "alive" {
		t.Errorf("restored: %s, %v", fate(), err)
	}
	if err := d.Edit(name, []web.Edit{{Delete: true}}); err != nil {
		t.Fatal(err)
	}
	if again := d.mustSave(t, "newjob_checkin", rider("13834561201")); again == person || fate() != "alive" {
		t.Errorf("checked in again, the person is %s", fate())
	}
}
