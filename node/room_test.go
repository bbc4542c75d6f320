package node

import (
	"strings"
	"testing"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/sync/wire"
)

func TestAStoreThatIsMostlyFreeIsMadeSmallerAtTheStart(t *testing.T) {
	d := newDesk(t)
	village := crdt.Space{Area: "140581105211", Class: crdt.Personal}
	id := crdt.RecordID{1}.Of("grid_visit")
	for i := range 30 { // of which the record keeps the last
		err := d.store.Save(func(draft *store.Draft) error {
			rec, err := draft.Record(village, id)
			draft.Write(village, rec.Assign(id, "grid_visit", 5, crdt.Text(strings.Repeat(string(rune('a'+i)), 30_000))))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for w, seq := range d.store.Frontiers(func(crdt.Space) bool { return true })[village] {
		d.store.Reached([]wire.Mark{{Space: village, Writer: w, Seq: seq, Level: wire.AtCounty}})
	}
	if n, err := d.store.Trim(1 << 63); n != 30 || err != nil {
		t.Fatalf("trimmed %d, %v", n, err)
	}
	before, free := d.store.Room()
	if 2*free <= before {
		t.Fatalf("%d of %d bytes are free, too few for this test", free, before)
	}
	for _, c := range []struct {
		min     int64
		smaller bool
	}{{before + 1, false}, {before, true}} {
		if err := d.store.Close(); err != nil {
			t.Fatal(err)
		}
		var err error
		if d.node.store, err = d.openRoomy(c.min); err != nil {
			t.Fatal(err)
		}
		if size, _ := d.store.Room(); size < before != c.smaller {
			t.Errorf("with %d bytes from which it pays, %d bytes became %d", c.min, before, size)
		}
		rec, err := d.store.Record(village, id)
		if v, _ := rec.Cells[5].Winner().Text(); err != nil || v != strings.Repeat(string(rune('a'+29)), 30_000) {
			t.Errorf("the record reads %.10q, %v", v, err)
		}
	}
}
