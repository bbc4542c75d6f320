package node

import (
	"strings"
	"testing"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/node/web"
)

// doubtful returns what a replica's page of data quality would say of a desk's records.
func (d desk) doubtful(t *testing.T) web.Doubtful {
	t.Helper()
	found, err := office(d).Doubtful(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// writes has a desk write an op that no form makes.
func (d desk) writes(t *testing.T, name web.Name, op func(crdt.RecordID, crdt.Record) crdt.Op) {
	t.Helper()
	space, id, _, err := d.find(name)
	if err != nil {
		t.Fatal(err)
	}
	err = d.save(func(draft *store.Draft) error {
		rec, err := draft.Record(space, id)
		draft.Write(space, op(id, rec))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAReplicaTellsWhoMovedARecordToAnotherArea(t *testing.T) {
	d := newDesk(t)
	d.watchDoubts(t)
	name := d.mustSave(t, "grid_visit", form(nil))
	if found := d.doubtful(t).Astray; found.Count != 0 || found.Items == nil {
		t.Fatalf("of sound records %+v", found)
	}
	kind, _ := d.kinds.Kind("grid_visit")
	grid, _ := kind.Field(kind.Area.Field)
	d.writes(t, name, func(id crdt.RecordID, rec crdt.Record) crdt.Op {
		return rec.Assign(id, rec.Kind, grid.ID, crdt.Text("140581105213004"))
	})
	found := d.doubtful(t).Astray
	if found.Count != 1 || len(found.Items) != 1 || found.Items[0].Name != name {
		t.Fatalf("found %+v", found)
	}
	if one := found.Items[0]; one.Area != "140581105213" || one.Wrote.Device != "城东站" || one.Wrote.At == 0 {
		t.Errorf("it says %q, written by %+v", one.Area, one.Wrote)
	}
	d.writes(t, name, func(id crdt.RecordID, rec crdt.Record) crdt.Op {
		return rec.Assign(id, rec.Kind, grid.ID, crdt.Text("张桂兰家"))
	})
	if one := d.doubtful(t).Astray.Items[0]; one.Area != "" {
		t.Errorf("what is no area is told: %q", one.Area)
	}
}

func TestAReplicaTellsWhoTookAwayWhatIsNotHere(t *testing.T) {
	d := newDesk(t)
	d.watchDoubts(t)
	name := d.mustSave(t, "grid_visit", form(nil))
	space, _ := crdt.ParseSpace(name.Space)
	kind, _ := d.kinds.Kind("grid_visit")
	status, _ := kind.Field("status")
	other := crdt.NewWriter(77, 1)
	d.writes(t, name, func(id crdt.RecordID, rec crdt.Record) crdt.Op {
		op := rec.Assign(id, rec.Kind, status.ID, crdt.Text("已解决"))
		op.Replaces = []crdt.Dot{{Writer: other, Seq: 12}}
		return op
	})
	d.writes(t, name, func(id crdt.RecordID, rec crdt.Record) crdt.Op {
		rec = rec.Clone() // as if the whole year of this box had been seen
		for w, seq := range d.holds()[space] {
			rec.Cells[kind.Fields[0].ID] = crdt.Cell{Entries: []crdt.Entry{{Dot: crdt.Dot{Writer: w, Seq: seq + 400}}}}
		}
		return rec.Delete(id)
	})
	found := d.doubtful(t).Early
	if found.Count != 1 || len(found.Items) != 1 || found.Items[0].Name != name || found.Items[0].Fate != "dead" || len(found.Items[0].Parts) != 2 {
		t.Fatalf("found %+v", found)
	}
	whole, field := found.Items[0].Parts[0], found.Items[0].Parts[1]
	if whole.Field.Zh != "" || whole.Of != "城东站" || whole.Named != whole.Held+400-1 || whole.Wrote.Device != "城东站" {
		t.Errorf("the deletion takes away %+v", whole)
	}
	if field.Field != status.Title || field.Of != "#77" || field.Named != 12 || field.Held != 0 || field.Wrote.At == 0 {
		t.Errorf("the field's value takes away %+v", field)
	}
	if err := d.Edit(name, []web.Edit{{Restore: true}, {Delete: true}}); err != nil {
		t.Fatal(err)
	}
	if parts := d.doubtful(t).Early.Items[0].Parts; len(parts) != 1 || parts[0].Field != status.Title {
		t.Errorf("restored and deleted again it takes away %+v", parts)
	}
}

func TestAReplicaTellsOfAgreedMergesWithWhoSaidSo(t *testing.T) {
	d := newDesk(t)
	d.watchDoubts(t)
	a, b := d.mustSave(t, "grid_visit", form(nil)), d.mustSave(t, "grid_visit", form(map[string]any{"person": "张桂蘭"}))
	if err := d.Edit(a, []web.Edit{{Same: &b}}); err != nil {
		t.Fatal(err)
	}
	found := d.doubtful(t)
	if found.Agreed.Count != 1 || len(found.Agreed.Pairs) != 1 || found.Twins.Count != 0 {
		t.Fatalf("found %+v", found)
	}
	m := found.Agreed.Pairs[0]
	if len(m.Items) != 2 || m.Items[0].Name == m.Items[1].Name || len(m.Said) != 2 || m.Said[0].Device != "城东站" || m.Said[1].At == 0 {
		t.Errorf("the pair is %+v", m)
	}
	for _, item := range m.Items {
		if said := item.Values["person"]; strings.Contains(said.(string), "桂") {
			t.Errorf("a person is told in full: %v", said)
		}
	}
	if err := d.Edit(b, []web.Edit{{Apart: &a}}); err != nil {
		t.Fatal(err)
	}
	if found := d.doubtful(t); found.Agreed.Count != 0 || len(found.Agreed.Pairs) != 0 {
		t.Errorf("taken back, and still %+v", found.Agreed)
	}
}
