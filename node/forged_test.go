package node

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"wangge/crdt"
	"wangge/node/month"
	"wangge/node/store"
	"wangge/sync/wire"
)

// lenient is a signatory who may make anything.
type lenient struct{ store.Signatory }

func (lenient) MayMake(crdt.Op) error { return nil }

// lying makes a machine one whose program takes and signs what it should not. All else
// of it is true: its certificate, its keys, its chains.
func lying(t *testing.T, n *node) {
	t.Helper()
	o := n.storeOptions()
	verify := o.Signatory
	o.Signatory = func(credential []byte) (store.Signatory, error) {
		s, err := verify(credential)
		return lenient{s}, err
	}
	err := n.store.Close()
	if err == nil {
		n.store, err = store.Open(o)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// decided are two records of a space, as far as the county has a say in them: one that
// is the county's own, and a wish with the number that the county gave it.
type decided struct {
	space        crdt.Space
	own, wish    crdt.RecordID
	ours, theirs crdt.Record
}

const ownKind = "county_area_name"

// decide has a box write a wish, and the county its number and a record of its own.
func (p *province) decide(box *party, space crdt.Space) decided {
	p.t.Helper()
	d := decided{space: space, own: crdt.RecordID{3}.Of(ownKind), wish: crdt.RecordID{4}.Of("wish")}
	p.keep(p.hub, box.signs(p.t, space, crdt.Record{}.Assign(d.wish, "wish", 3, crdt.Text("一副老花镜"))))
	p.keep(p.hub, p.hub.signs(p.t, space, crdt.Record{}.Assign(d.own, ownKind, 2, crdt.Text("东街社区")), crdt.Record{}.Assign(d.wish, "wish", 60005, crdt.Text("140581-2026-0001"))))
	d.ours, d.theirs = p.record(p.hub, space, d.own), p.record(p.hub, space, d.wish)
	return d
}

// forgeries are what a box may not sign of them: nobody but the county does.
func (d decided) forgeries() map[string]crdt.Op {
	as := func(kind string, op crdt.Op) crdt.Op {
		op.Kind = kind
		return op
	}
	fresh := crdt.RecordID{5}.Of("later")
	return map[string]crdt.Op{
		"a value of the county's record":                          d.ours.Assign(d.own, ownKind, 2, crdt.Text("西街社区")),
		"one under another kind's name":                           d.ours.Assign(d.own, "wish", 2, crdt.Text("西街社区")),
		"one under a name that nobody knows":                      d.ours.Assign(d.own, "aaa", 2, crdt.Text("西街社区")),
		"one in a field that nobody knows":                        d.ours.Assign(d.own, "wish", 17, crdt.Text("西街社区")),
		"nothing in the place of the county's value":              as("wish", d.ours.Assign(d.own, ownKind, 2, "")),
		"a deletion of the county's record":                       d.ours.Delete(d.own),
		"a deletion of it under another kind's name":              as("wish", d.ours.Delete(d.own)),
		"a word that the county's record is another":              as("wish", d.ours.SameAs(d.own, d.wish)),
		"the number of a wish":                                    d.theirs.Assign(d.wish, "wish", 60005, crdt.Text("140581-2026-0007")),
		"the number of a wish under another kind's name":          d.theirs.Assign(d.wish, "grid_visit", 60005, crdt.Text("140581-2026-0007")),
		"the number of a wish under a name that nobody knows":     d.theirs.Assign(d.wish, "aaa", 60005, crdt.Text("140581-2026-0007")),
		"no number in the place of that of a wish":                as("aaa", d.theirs.Assign(d.wish, "", 60005, "")),
		"a number of a kind that is published later":              crdt.Record{}.Assign(fresh, "later", 64000, crdt.Text("1")),
		"a record of the county's kind under an ordinary id":      crdt.Record{}.Assign(fresh, ownKind, 2, crdt.Text("西街社区")),
		"a record of a kind of the county's that is yet to come":  crdt.Record{}.Assign(fresh, "county_later", 1, crdt.Text("西街社区")),
		"a record of the county's that nobody has":                crdt.Record{}.Assign(crdt.RecordID{6}.Of(ownKind), "wish", 1, crdt.Text("西街社区")),
		"a word that a record of a county's kind is the county's": as(ownKind, crdt.Record{}.SameAs(fresh, d.own)),
	}
}

// signs makes a chunk of one batch, by a new writer of the machine's.
func (m *party) signs(t *testing.T, space crdt.Space, ops ...crdt.Op) wire.Chunk {
	t.Helper()
	c, err := m.store.Draw(writerOf(t, m), map[crdt.Space][]crdt.Op{space: ops})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// keep has a machine keep a chunk.
func (p *province) keep(m *party, c wire.Chunk) {
	p.t.Helper()
	var refusals []wire.Refusal
	var err error
	if m.isHub() {
		_, refusals, err = m.hubLog(p.t.Context()).Keep(c)
	} else {
		_, refusals, err = m.store.Keep(c)
	}
	if err != nil || len(refusals) > 0 {
		p.t.Fatalf("%s keeps nothing: %+v, %v", m.id.Device.Name, refusals, err)
	}
}

func (p *province) record(m *party, space crdt.Space, id crdt.RecordID) crdt.Record {
	p.t.Helper()
	rec, err := m.store.Record(space, id)
	if err != nil {
		p.t.Fatal(err)
	}
	return rec
}

func digest(t *testing.T, m *party, space crdt.Space) store.Digest {
	t.Helper()
	for _, sp := range m.store.Spaces() {
		if sp.Space == space {
			return sp.Digest
		}
	}
	t.Fatalf("%s has no %s", m.id.Device.Name, space)
	return store.Digest{}
}

func TestWhatABoxSignsOfTheCountysIsTakenByNobody(t *testing.T) {
	for way, hand := range map[string]func(p *province, forger, other *party){
		"it is pushed to the hub":      func(p *province, forger, _ *party) { p.meet(forger, p.hub) },
		"a neighbour visits it":        func(p *province, forger, other *party) { p.meet(other, forger) },
		"it visits a neighbour":        func(p *province, forger, other *party) { p.meet(forger, other) },
		"it is brought to the hub":     func(p *province, forger, _ *party) { p.stick().round(forger, p.hub) },
		"it is brought to a neighbour": func(p *province, forger, other *party) { p.stick().round(forger, other) },
		"all of it, one after the other": func(p *province, forger, other *party) {
			p.meet(forger, other)
			p.stick().round(forger, p.hub)
			p.settle(forger, other)
			p.meet(other, forger)
		},
	} {
		t.Run(way, func(t *testing.T) {
			p := newProvince(t, 2)
			forger, other := p.boxes[0], p.boxes[1]
			d := p.decide(other, field)
			p.settle(other, forger)
			lying(t, forger.node)
			forged := map[crdt.Writer]string{}
			for what, op := range d.forgeries() {
				c := forger.signs(t, field, op)
				forged[c.Runs[0].Writer] = what
				p.keep(forger, c)
			}
			p.write(forger, 1, "ordinary work")
			p.t.Run("", func(t *testing.T) { hand(p, forger, other) })
			p.settle(other)
			p.untouched(d, forged, p.hub, other)
			for _, m := range []*party{p.hub, other} {
				if met := m.store.Held(field, forger.store.Writer()) > 0; !met {
					t.Errorf("%s did not take what was good beside it", m.id.Device.Name)
				}
			}
			refused := map[crdt.Writer]bool{}
			for _, m := range []*party{p.hub, other} {
				for _, q := range m.store.Quarantined() {
					if q.Why != wire.WhyRights || q.Reason == "" {
						t.Errorf("%s is refused as %s: %s", forged[q.Mark.Writer], q.Why, q.Reason)
					}
					refused[q.Mark.Writer] = true
				}
			}
			for w, what := range forged {
				if !refused[w] {
					t.Errorf("%s is in no quarantine", what)
				}
			}
			if told := len(forger.troubles()); told < len(forged) {
				t.Errorf("where it was written %d troubles are told, of %d", told, len(forged))
			}
		})
	}
}

// untouched checks that machines hold none of the forged streams, and show what was
// decided as it was.
func (p *province) untouched(d decided, forged map[crdt.Writer]string, all ...*party) {
	p.t.Helper()
	for _, m := range all {
		for w, what := range forged {
			if m.store.Held(d.space, w) > 0 {
				p.t.Errorf("%s took %s", m.id.Device.Name, what)
			}
		}
		for id, want := range map[crdt.RecordID]crdt.Record{d.own: d.ours, d.wish: d.theirs} {
			if got := p.record(m, d.space, id); string(wire.AppendRecord(nil, got)) != string(wire.AppendRecord(nil, want)) {
				p.t.Errorf("%s shows %s as %+v, the county decided %+v", m.id.Device.Name, id, got, want)
			}
		}
		if digest(p.t, m, d.space) != digest(p.t, p.hub, d.space) {
			p.t.Errorf("%s shows something else than the county", m.id.Device.Name)
		}
	}
}

// The rule asks nothing that was there before, so it cannot matter what came first.
func TestWhatIsForgedLeavesNoTraceInAnyOrder(t *testing.T) {
	p := newProvince(t, 3)
	for round := range uint64(12) {
		chance := rand.New(rand.NewPCG(round, 1))
		space := crdt.Space{Area: fmt.Sprintf("140581105%03d", 201+round), Class: crdt.Personal}
		d := p.decide(p.boxes[0], space)
		var good, bad []wire.Chunk
		held := p.hub.store.Frontiers(func(s crdt.Space) bool { return s == space })[space]
		for _, w := range held.Writers() {
			run, _, err := p.hub.store.Run(space, w, 0, 1<<20)
			credential, err2 := p.hub.store.Credential(w)
			if err != nil || err2 != nil {
				t.Fatal(err, err2)
			}
			good = append(good, wire.Chunk{Credentials: [][]byte{credential}, Runs: []wire.Run{run}})
		}
		forged := map[crdt.Writer]string{}
		for what, op := range d.forgeries() {
			c := p.boxes[0].signs(t, space, op)
			forged[c.Runs[0].Writer] = what
			bad = append(bad, c)
		}
		for _, m := range p.boxes {
			all := slices.Concat(good, bad, bad[:3])
			chance.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			for _, c := range all {
				if _, _, err := m.store.Keep(c); err != nil {
					t.Fatal(err)
				}
			}
		}
		p.untouched(d, forged, p.boxes...)
	}
}

// What people may say of the county's records is said elsewhere, and changes nothing of them.
func TestALinkToTheCountysRecordIsAnybodys(t *testing.T) {
	p := newProvince(t, 1)
	box := p.boxes[0]
	d := p.decide(box, field)
	p.settle(box)
	link := crdt.RecordID{8}.Of("wish")
	p.keep(p.hub, box.signs(t, field, crdt.Record{}.Assign(link, "wish", 7, crdt.Ref(d.own)), crdt.Record{Kind: "wish"}.SameAs(link, d.own)))
	p.settle(box)
	p.untouched(d, nil, box, p.hub)
	names := map[crdt.RecordID][]crdt.RecordID{}
	for _, id := range []crdt.RecordID{link, d.own} {
		names[id] = p.record(p.hub, field, id).Aliases()
	}
	if len(names[link]) != 1 || len(crdt.Resolve(names)) > 0 {
		t.Errorf("a box merged a record of the county's with its own: %v", names)
	}
}

func TestABoxRefusesToSignWhatIsTheCountys(t *testing.T) {
	p := newProvince(t, 1)
	d := p.decide(p.boxes[0], field)
	for what, op := range d.forgeries() {
		err := p.boxes[0].store.Save(func(draft *store.Draft) error {
			draft.Write(field, op)
			return nil
		})
		if err == nil {
			t.Errorf("it signed %s", what)
		}
	}
}

// Every way in which the program itself names something of the county's says so.
func TestWhatTheCountyKeepsIsNamedAsItsOwn(t *testing.T) {
	kinds := []string{publishedKind, holidaysKind, month.ClosedKind, month.FrozenKind, writtenKind}
	for _, kind := range kinds {
		if !ours(kind) || !crdt.CountyKind(kind) {
			t.Errorf("%s is anybody's", kind)
		}
	}
	for what, id := range map[string]crdt.RecordID{
		"a published kind": publishedID("grid_visit"), "a closed month": month.ClosedID("2026-11"), "its figures": month.FrozenID("2026-11", "call.calls", "1.2a"),
	} {
		if !id.County() {
			t.Errorf("%s has the id %s, which is anybody's", what, id)
		}
	}
	op, err := official{desk: newDesk(t)}.note(written{}, nil)
	if err != nil || !op.Record.County() {
		t.Errorf("who wrote something is noted at %s: %v", op.Record, err)
	}
}
