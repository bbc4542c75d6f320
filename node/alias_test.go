package node

import (
	"errors"
	"testing"

	"wangge/node/web"
	"wangge/schema"
)

func TestTwoRecordsAreSaidToBeOneAndThatIsTakenBack(t *testing.T) {
	d := newDesk(t)
	a, b := d.mustSave(t, "grid_visit", form(nil)), d.mustSave(t, "grid_visit", form(map[string]any{"person": "张桂蘭"}))
	same := func(name web.Name) []web.Twin {
		r, err := d.Record(name)
		if err != nil {
			t.Fatal(err)
		}
		return r.Same
	}
	if err := d.Edit(a, []web.Edit{{Same: &b}}); err != nil {
		t.Fatal(err)
	}
	for name, other := range map[web.Name]web.Name{a: b, b: a} {
		if got := same(name); len(got) != 1 || got[0].Name != other || !got[0].Agreed {
			t.Errorf("%s is the same as %v, want %s", name.ID, got, other.ID)
		}
	}
	if err := d.Edit(b, []web.Edit{{Apart: &a}}); err != nil {
		t.Fatal(err)
	}
	if got := append(same(a), same(b)...); len(got) != 0 {
		t.Errorf("taken back, yet %v", got)
	}
}

func TestARecordIsTheSameAsAnotherOfItsKindOnly(t *testing.T) {
	d := newDesk(t)
	a := d.mustSave(t, "grid_visit", form(nil))
	missing := a
	missing.ID = "00000000000000000000000000000001"
	for what, other := range map[string]web.Name{"itself": a, "none": missing, "no place": {Kind: a.Kind, Space: "x", ID: a.ID}} {
		var problems schema.Problems
		if err := d.Edit(a, []web.Edit{{Same: &other}}); !errors.As(err, &problems) {
			t.Errorf("%s: %v, want a problem", what, err)
		}
	}
	if r, err := d.Record(a); err != nil || len(r.Same) != 0 {
		t.Errorf("the record is the same as %v, %v", r.Same, err)
	}
}
