package node

import (
	"testing"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/node/web"
)

func TestWhatMakesFiguresDoubtfulIsFound(t *testing.T) {
	d := newDesk(t)
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
	d.checking.Lock()
	defer d.checking.Unlock()
	if _, err := office(d).Doubtful(t.Context()); err == nil {
		t.Error("two readings at once")
	}
}
