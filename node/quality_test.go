package node

import (
	"fmt"
	"strings"
	"testing"

	"wangge/crdt"
	"wangge/node/doubt"
	"wangge/node/store"
	"wangge/node/web"
)

func TestWhatMakesFiguresDoubtfulIsFound(t *testing.T) {
	d := newDesk(t)
	d.watchDoubts(t)
	look := func() web.Doubtful {
		t.Helper()
		found, err := office(d).Doubtful(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	a, b := d.mustSave(t, "grid_visit", form(nil)), d.mustSave(t, "grid_visit", form(map[string]any{"person": "张桂蘭"}))
	saw := d.fields(t, a)["status"].Versions[0].Saw
	before := look()
	if before.Records < 2 || before.Conflicts.Count+before.Disputed.Count+before.Twins.Count != 0 {
		t.Errorf("of sound records %+v", before)
	}
	for _, status := range []string{"已上报", "已解决"} { // two people saw the same
		if err := d.Edit(a, []web.Edit{{Field: "status", Set: status, Saw: saw}}); err != nil {
			t.Fatal(err)
		}
	}
	space, _ := crdt.ParseSpace(b.Space)
	one, _ := crdt.ParseRecordID(a.ID)
	two, _ := crdt.ParseRecordID(b.ID)
	half := func(draft *store.Draft) error { // b names a, and a says nothing of b
		rec, err := draft.Record(space, two)
		draft.Write(space, rec.SameAs(two, one))
		return err
	}
	if err := d.save(half); err != nil {
		t.Fatal(err)
	}
	found := look()
	if c := found.Conflicts; c.Count != 1 || len(c.Items) != 1 || c.Items[0].Name != a {
		t.Errorf("conflicts %+v, want %s", c, a.ID)
	}
	if s := found.Twins; s.Count != 1 || len(s.Items) != 1 || s.Items[0].Name != b {
		t.Errorf("half said to be the same %+v, want %s", s, b.ID)
	}
	if err := d.Edit(a, []web.Edit{{Same: &b}}); err != nil {
		t.Fatal(err)
	}
	if s := look().Twins; s.Count != 0 {
		t.Errorf("both say so, yet %+v", s)
	}
}

// watchDoubts has a box keep the doubts that a replica of the hub keeps.
func (d desk) watchDoubts(t *testing.T) {
	t.Helper()
	d.doubts = doubt.New(d.kinds, d.store.Held)
	err := d.store.Walk(func(l store.Listed) bool {
		d.doubts.Change(l.Space, l.ID, crdt.Record{}, l.Record)
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatMayBeOneIsShownMaskedUntilAPersonSaysThatItIsNot(t *testing.T) {
	d := newDesk(t)
	d.watchDoubts(t)
	for _, number := range []string{"14058119920307151X", "140581199203071528"} {
		d.mustSave(t, "person", map[string]any{"county": "140581", "id_number": number, "name": "张桂兰", "mobile": "13834561201", "political_status": "01"})
	}
	look := func() web.Doubtful {
		t.Helper()
		found, err := office(d).Doubtful(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	found := look()
	if found.AlikeCount != 1 || len(found.Alike) != 1 || found.Alike[0].Why.Zh != "姓名相同，出生日期相同，手机号相同" {
		t.Fatalf("found %+v", found)
	}
	if said := fmt.Sprint(found.Alike); strings.Contains(said, "张桂兰") || strings.Contains(said, "13834561201") {
		t.Errorf("persons are told in full: %s", said)
	}
	if err := d.PutAside(found.Alike[0].ID, "王秀英", "两姐妹"); err != nil {
		t.Fatal(err)
	}
	if after := look(); after.AlikeCount != 0 || len(after.Alike) != 0 {
		t.Errorf("it was put aside, and still %+v", after)
	}
	_, dealt := d.parted(nil)
	if len(dealt) != 1 || !dealt[0].Stands || strings.Contains(dealt[0].What.Zh, "张桂兰") {
		t.Errorf("dealt with: %+v", dealt)
	}
	if err := d.PutAside(found.Alike[0].ID, "王秀英", ""); err != nil || look().AlikeCount != 1 {
		t.Errorf("taken back: %v, %+v", err, look())
	}
}
