package node

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/store"
	"wangge/schema"
	"wangge/schema/kindfile"
	"wangge/sync/weaklink"
	"wangge/sync/wire"
)

const wishKind = `kind: wish
title: {zh: 微心愿, en: Small wish}
class: personal
area: {field: grid, level: community}
when: made_at
fields:
  - {id: 1, name: grid, title: {zh: 网格, en: Grid}, type: grid, required: true}
  - {id: 2, name: made_at, title: {zh: 提出时间, en: Made at}, type: instant, required: true}
  - {id: 3, name: wish, title: {zh: 心愿, en: Wish}, type: text, required: true}
  - {id: 4, name: claims, title: {zh: 认领, en: Claims}, type: text, merge: log}
  - {id: 60005, name: number, title: {zh: 编号, en: Number}, type: text, decide: {number: "{area:6}-{year}-{number:4}"}}
  - {id: 60006, name: claimed_by, title: {zh: 认领人, en: Claimed by}, type: text, decide: {first: claims}}
reports:
  - {name: wishes, title: {zh: 微心愿, en: Wishes}, count: records}
`

func wishKinds(t testing.TB) *schema.Registry {
	t.Helper()
	kinds, err := kindfile.Load(fstest.MapFS{"wish.yaml": {Data: []byte(wishKind)}})
	if err != nil {
		t.Fatal(err)
	}
	return kinds
}

// shown returns what a node shows of a field, record by record.
func (r *resident) shown(t *testing.T, field string) map[crdt.RecordID]string {
	t.Helper()
	kind, _ := r.node.kinds.Kind("wish")
	f, _ := kind.Field(field)
	all := map[crdt.RecordID]string{}
	err := r.store.Walk(func(l store.Listed) bool {
		s, _ := f.Winner(l.Record.Cells[f.ID]).Text()
		all[l.ID] = s
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// numbered reports whether so many records have a number each, no two the same and none
// left out.
func numbered(given map[crdt.RecordID]string, n int) bool {
	var all []string
	for _, s := range given {
		all = append(all, s)
	}
	slices.Sort(all)
	for i, s := range all {
		if s != fmt.Sprintf("140581-2026-%04d", i+1) {
			return false
		}
	}
	return len(all) == n
}

func TestTheCountyNumbersEachRecordOnceWhoeverLeads(t *testing.T) {
	bubble(t, func(t *testing.T) {
		t.Cleanup(func() { <-time.After(2 * time.Hour) }) // what the libraries leave to its timers
		kinds := wishKinds(t)
		d := newDistrict(t, weaklink.Profile{Rate: 1_000_000, Header: weaklink.Headers, Delay: 25 * time.Millisecond}, 3, 2, func(c *Config) {
			c.Web, c.RaftTimeouts, c.Kinds = "", 20, kinds
		})
		wishes := 0
		wish := func() {
			for i := range 2 {
				f := map[string]any{"grid": "140581105211003", "made_at": "2026-11-22T09:30", "wish": fmt.Sprint(wishes), "claims": fmt.Sprintf("站%d", i)}
				desk{d.box(i).node}.mustSave(t, "wish", f)
				wishes++
			}
		}
		settled := func(when string) {
			t.Helper()
			began := time.Now()
			for {
				fine := true
				for _, r := range d.nodes {
					fine = fine && numbered(r.shown(t, "number"), wishes) && !slices.Contains(slices.Collect(maps.Values(r.shown(t, "claimed_by"))), "")
				}
				if fine {
					return
				}
				if time.Since(began) > 10*time.Minute {
					t.Fatalf("%s: not every node shows every wish with a number of its own: %v", when, d.hub(0).shown(t, "number"))
				}
				<-time.After(time.Second)
			}
		}
		wish()
		settled("at first")
		for range 3 { // the office goes from one to the other, while work comes in
			wish()
			leader := int(d.hub(0).hub.Status().Leader) - 1
			d.island([]int{leader}, (*weaklink.Way).Cut)
			wish()
			<-time.After(5 * time.Minute)
			d.island([]int{leader}, (*weaklink.Way).Mend)
			settled("after a leader was cut off")
		}
	})
}

func TestADeposedReplicaDecidesNothing(t *testing.T) {
	p := newProvince(t, 1)
	p.hub.node.kinds, p.boxes[0].node.kinds = wishKinds(t), wishKinds(t)
	first, second := writerOf(t, p.hub), writerOf(t, p.hub)
	id := crdt.RecordID{1}.Of("wish")
	decision := func(w *policy.Writer, number string) (refused bool) {
		chunk, err := p.hub.store.Draw(w, map[crdt.Space][]crdt.Op{field: {crdt.Record{}.Assign(id, "wish", 60005, crdt.Text(number))}})
		if err != nil {
			t.Fatal(err)
		}
		_, refusals, err := readAnswer(p.hub.commit(wire.Encode(wire.Office{Writer: w.Name(), Chunk: chunk})))
		if err != nil {
			t.Fatal(err)
		}
		return len(refusals) > 0
	}
	take := func(w *policy.Writer) { p.hub.commit(wire.Encode(wire.Office{Writer: w.Name()})) }
	if !decision(first, "1") {
		t.Error("who never took the office decided")
	}
	take(first)
	take(second)
	if !decision(first, "1") {
		t.Error("who was deposed decided")
	}
	if decision(second, "2") {
		t.Error("who has the office was refused")
	}
	rec, err := p.hub.store.Record(field, id)
	if err != nil || len(rec.Cells[60005].Entries) != 1 || rec.Cells[60005].Entries[0].Value != crdt.Text("2") {
		t.Errorf("the record says %+v, %v", rec, err)
	}
}

func writerOf(t *testing.T, m *party) *policy.Writer {
	t.Helper()
	w, err := m.id.NewWriter()
	if err != nil {
		t.Fatal(err)
	}
	return w
}
