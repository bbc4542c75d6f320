package node

import (
	"testing"

	"wangge/crdt"
	"wangge/node/registrar"
	"wangge/node/report"
	"wangge/node/store"
	"wangge/sync/wire"
)

// thefts are ops that claim another kind for a wish, so that it would leave its lists, its
// figures and its numbers, or be shown by a form that does not mask it.
func (d decided) thefts() map[string]crdt.Op {
	as := func(kind string, op crdt.Op) crdt.Op {
		op.Kind = kind
		return op
	}
	none := crdt.RecordID{9}.Of("wish")
	return map[string]crdt.Op{
		"a wish as a visit":                            d.theirs.Assign(d.wish, "grid_visit", 3, crdt.Text("走访")),
		"a wish as what nobody knows":                  d.theirs.Assign(d.wish, "aaa", 3, crdt.Text("走访")),
		"a wish as what stands behind it":              d.theirs.Assign(d.wish, "zzz", 3, crdt.Text("走访")),
		"a field more of a wish as a visit":            crdt.Record{}.Assign(d.wish, "grid_visit", 17, crdt.Text("走访")),
		"nothing in the place of a value as a visit":   as("aaa", d.theirs.Assign(d.wish, "", 3, "")),
		"a deletion as a visit":                        as("grid_visit", d.theirs.Delete(d.wish)),
		"a word that it is another as a visit":         as("grid_visit", d.theirs.SameAs(d.wish, none)),
		"a wish that nobody has, as a visit":           crdt.Record{}.Assign(none, "grid_visit", 3, crdt.Text("走访")),
		"a wish that nobody has, as what nobody knows": crdt.Record{}.Assign(none, "aaa", 3, crdt.Text("走访")),
	}
}

// wishes is what a machine that was just started makes of its records: how many wishes it
// lists, how many it counts, and the next number.
type wishes struct {
	listed, counted int
	next            string
}

func (p *province) started(m *party) (w wishes) {
	p.t.Helper()
	kinds := wishKinds(p.t)
	figures, numbers := report.New(kinds), registrar.New(kinds)
	fresh := crdt.RecordID{0xf0}.Of("wish")
	err := m.store.Walk(func(l store.Listed) bool {
		figures.Change(l.ID, crdt.Record{}, l.Record)
		numbers.Change(l.Space, l.ID, l.Record)
		return true
	})
	if err == nil {
		err = m.store.Recent("wish", nil, func(store.Listed, []byte) bool { w.listed++; return true })
	}
	table, err2 := figures.Answer(report.Query{Report: "wish.wishes"})
	if err != nil || err2 != nil {
		p.t.Fatal(err, err2)
	}
	w.counted = int(table.Total)
	rec := crdt.Record{}
	for field, v := range map[crdt.FieldID]crdt.Value{1: crdt.Text("140581105211003"), 2: crdt.Int(1_795_000_000_000)} {
		rec.Apply(crdt.Dot{Writer: 1, Seq: 1, Index: uint32(field)}, 1, rec.Assign(fresh, "wish", field, v), nil)
	}
	numbers.Change(field, fresh, rec)
	for _, due := range numbers.Due(9) {
		if due.ID == fresh && due.Field.ID == 60005 {
			w.next, _ = due.Value.Text()
		}
	}
	return w
}

// Every road by which a claim may come: a neighbour, a stick, the county; and a machine that
// is started anew makes of its records what it made before.
func TestARecordIsNotTakenOutOfItsKind(t *testing.T) {
	for way, hand := range map[string]func(p *province, thief, other *party){
		"by push":    func(p *province, thief, _ *party) { p.meet(thief, p.hub) },
		"by a visit": func(p *province, thief, other *party) { p.meet(other, thief) },
		"by courier": func(p *province, thief, other *party) { p.stick().round(thief, p.hub); p.stick().round(thief, other) },
	} {
		t.Run(way, func(t *testing.T) {
			p := newProvince(t, 2)
			p.t = t
			thief, other := p.boxes[0], p.boxes[1]
			d := p.decide(other, field)
			p.settle(other, thief)
			before := p.started(p.hub)
			if before != (wishes{1, 1, "140581-2026-0002"}) {
				t.Fatalf("before, the county makes of its records %+v", before)
			}
			lying(t, thief.node)
			stolen := map[crdt.Writer]string{}
			for what, op := range d.thefts() {
				c := thief.signs(t, field, op)
				stolen[c.Runs[0].Writer] = what
				p.keep(thief, c)
			}
			p.write(thief, 1, "ordinary work")
			hand(p, thief, other)
			p.settle(other)
			p.untouched(d, stolen, p.hub, other)
			if after := p.started(p.hub); after != before {
				t.Errorf("the county makes of its records %+v, and made %+v", after, before)
			}
			if p.started(other).listed != 1 {
				t.Error("the neighbour lists the wish no more")
			}
			p.told(stolen, thief, p.hub, other)
		})
	}
}

// told checks that somebody is told of each stream that was refused, by whom it was signed
// and why, where it was refused and where it was written.
func (p *province) told(refused map[crdt.Writer]string, by *party, at ...*party) {
	p.t.Helper()
	seen := map[crdt.Writer]bool{}
	for _, m := range at {
		for _, q := range m.store.Quarantined() {
			if q.Why != wire.WhyRights || q.Mark.Writer.Device() != by.id.Device.Index || q.Reason == "" {
				p.t.Errorf("%s is refused as %s of %s: %s", refused[q.Mark.Writer], q.Why, q.Mark.Writer, q.Reason)
			}
			seen[q.Mark.Writer] = true
		}
	}
	for w, what := range refused {
		if !seen[w] {
			p.t.Errorf("of %s nobody is told", what)
		}
	}
	if told := len(by.troubles()); told < len(refused) {
		p.t.Errorf("where it was written %d troubles are told, of %d", told, len(refused))
	}
}

func TestNoMachineSignsAClaimOfAnotherKind(t *testing.T) {
	p := newProvince(t, 1)
	d := p.decide(p.boxes[0], field)
	for what, op := range d.thefts() {
		err := p.boxes[0].store.Save(func(draft *store.Draft) error {
			draft.Write(field, op)
			return nil
		})
		if err == nil {
			t.Errorf("a box signed %s", what)
		}
		if _, refusals, err := p.hub.hubLog(t.Context()).Keep(p.hub.signs(t, field, op)); err != nil || len(refusals) == 0 {
			t.Errorf("a replica signed %s: %v", what, err)
		}
	}
}
