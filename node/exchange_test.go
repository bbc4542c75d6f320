package node

import (
	"testing"
	"time"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/sync/wire"
)

// A stream that the county will not take holds up no other, and it is known where
// it came from: at its author, at the box that passed it on, and at the county,
// also after a restart.
func TestAPoisonedStreamHoldsUpOnlyItsTailAndIsKnownAtEveryHop(t *testing.T) {
	p := newProvince(t, 2)
	author, relay := p.boxes[0], p.boxes[1]
	p.write(author, 1, "sound")
	p.meet(author, p.hub)
	bad := author.store.Writer()
	p.hub.poison = func(run wire.Run) bool { return run.Writer == bad && run.Last() > 1 }
	p.write(author, 2, "poison")
	p.write(author, 3, "behind it")
	p.write(relay, 4, "another's")
	p.meet(author, relay)
	p.meet(relay, p.hub)
	p.meet(author, p.hub)
	for record, want := range map[int]wire.Level{1: wire.AtCounty, 4: wire.AtCounty} {
		if got := p.level(p.hub, record); got != want {
			t.Errorf("record %d is at level %s at the county", record, got)
		}
	}
	if got := p.level(author, 3); got == wire.AtCounty {
		t.Error("what waits behind the poison is shown as if it had arrived")
	}
	for _, m := range []*party{author, relay} {
		m.store.Close()
		again := p.open(m.keys, m.config.Data)
		got := again.store.Refusals()
		if len(got) != 1 || got[0].Mark.Writer != bad || got[0].Mark.Seq != 2 || got[0].Device != p.hub.id.Device.Index || got[0].Why != wire.WhyRights || got[0].At == 0 {
			t.Errorf("%s knows of %+v", m.id.Device.Name, got)
		}
		m.node = again.node
		told := again.troubles()[0]
		if s := told.Stuck; !told.Grave || told.Sort != "rights" || told.Do.Zh == "" || s == nil || !s.Offered || s.Batches != 2 || s.More ||
			len(s.Records) != 2 || s.Records[0].ID != recordOf(2).String() || s.By != p.hub.id.Device.Name {
			t.Errorf("%s is told %+v, %+v", m.id.Device.Name, told, told.Stuck)
		}
	}
	at := p.hub.store.Quarantined()
	if len(at) != 1 || at[0].Mark.Seq != 2 || at[0].Device != relay.id.Device.Index || at[0].Name != relay.id.Device.Name {
		t.Errorf("the county noted %+v", at)
	}
	told := p.hub.troubles()[0]
	if s := told.Stuck; !told.Grave || s == nil || s.Offered || s.By != relay.id.Device.Name || s.From != 2 {
		t.Errorf("the county is told %+v, %+v", told, told.Stuck)
	}
	p.hub.poison = nil // IT has given the right
	p.settle(author, relay)
	p.settle(author, relay)
	p.agree(p.hub, author, relay)
	if got := p.hub.store.Quarantined(); len(got) != 0 {
		t.Errorf("the county has it, and still notes %+v", got)
	}
}

// What is refused first and taken a moment later, standing by itself, was no
// trouble, and nobody is told of one.
func TestWhatComesASecondTimeAndIsTakenIsNoTrouble(t *testing.T) {
	p := newProvince(t, 1)
	box := p.boxes[0]
	p.write(box, 1, "first")
	strikes := 0
	p.hub.poison = func(wire.Run) bool { strikes++; return strikes == 1 }
	p.meet(box, p.hub)
	p.meet(box, p.hub)
	if strikes < 2 || len(p.hub.store.Quarantined())+len(box.store.Refusals()) > 0 {
		t.Errorf("after %d tries the county notes %v, the box %v", strikes, p.hub.store.Quarantined(), box.store.Refusals())
	}
}

// refusing answers chunks with refusals, one after another.
type refusing struct {
	conversing
	why *[]wire.Refusal
}

func (r refusing) Keep(wire.Chunk) (wire.Ack, []wire.Refusal, error) {
	next := (*r.why)[:1]
	*r.why = (*r.why)[1:]
	return wire.Ack{}, next, nil
}

// Behind a refused batch all others are refused for want of it: what is noted is
// the first reason, and once that batch has come, the next.
func TestTheFirstReasonIsTheOneThatIsNoted(t *testing.T) {
	p := newProvince(t, 2)
	author, box := p.boxes[0], p.boxes[1]
	p.write(author, 1, "x")
	p.write(author, 2, "y")
	w := author.store.Writer()
	no := func(seq uint64, why wire.Why) wire.Refusal {
		return wire.Refusal{Mark: wire.Mark{Space: field, Writer: w, Seq: seq}, Why: why}
	}
	answers := []wire.Refusal{no(1, wire.WhyRights), no(2, wire.WhyGap), no(3, wire.WhyGap), no(3, wire.WhyNewer)}
	look := box.witness(refusing{why: &answers}, author.id.Device)
	noted := func(want wire.Why) {
		t.Helper()
		if r := look.turned[streamName{field, w}]; r.Why != want {
			t.Errorf("noted is %+v, want %s", r, want)
		}
	}
	for range 3 {
		look.Keep(wire.Chunk{})
		noted(wire.WhyRights)
	}
	p.meet(author, box) // by another way
	look.Keep(wire.Chunk{})
	noted(wire.WhyNewer)
	look.end()
	if got := box.store.Quarantined(); len(got) != 1 || got[0].Why != wire.WhyNewer || got[0].Device != author.id.Device.Index {
		t.Errorf("in quarantine: %+v", got)
	}
}

// What each lacks of the other follows from what they hold, before and after.
func TestEachSideKnowsWhatTheOtherLacks(t *testing.T) {
	p := newProvince(t, 2)
	one, two := p.boxes[0], p.boxes[1]
	lacks := func(m, peer *party, its, ours uint64, known bool) {
		t.Helper()
		a, b, c := m.lacks(peer.id.Device, m.holds())
		if a != its || b != ours || c != known {
			t.Errorf("%s: %s lacks %d, we lack %d, known %t; want %d, %d, %t", m.id.Device.Name, peer.id.Device.Name, a, b, c, its, ours, known)
		}
	}
	lacks(one, two, 0, 0, false)
	p.write(one, 1, "x")
	p.write(two, 2, "y")
	p.meet(one, two)
	lacks(one, two, 0, 0, true)
	lacks(two, one, 0, 0, true)
	p.write(one, 1, "x again")
	lacks(one, two, 1, 0, true)
	p.meet(one, p.hub)
	lacks(one, p.hub, 0, 0, true)
	lacks(p.hub, one, 0, 0, true)
	hidden := crdt.Space{Area: "140581106", Class: crdt.Personal} // one writes it, two may not hold it
	err := one.store.Save(func(d *store.Draft) error {
		d.Write(hidden, crdt.Record{}.Assign(recordOf(9), "visit", 1, crdt.Text("z")))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	lacks(one, two, 1, 0, true)
	lacks(one, p.hub, 1, 0, true)
}

func TestAPeersClockIsHeardAndDecidesNothing(t *testing.T) {
	p := newProvince(t, 1)
	box := p.boxes[0]
	_, w := box.begin(t.Context(), p.hub.id.Device, true)
	for _, off := range []time.Duration{-50 * 365 * 24 * time.Hour, time.Hour, 0} {
		w.hears(wire.Clock{At: time.Now().Add(off).UnixMilli()})
		if got := box.exchanges.of(p.hub.id.Device.Index); !got.told || (got.skew-off).Abs() > time.Minute {
			t.Errorf("a clock off by %s is told as off by %s", off, got.skew)
		}
	}
	p.write(box, 1, "x")
	p.meet(box, p.hub)
	if got := p.level(box, 1); got != wire.AtCounty {
		t.Errorf("level %s", got)
	}
}

func TestEveryReasonHasWordsAndSomethingToDo(t *testing.T) {
	other := advise(wire.WhyOther)
	for why := wire.WhyOther; why <= wire.WhyRoom+1; why++ {
		got := advise(why)
		if got.what.Zh == "" || got.what.En == "" || got.do.Zh == "" || got.do.En == "" {
			t.Errorf("%s: %+v", why, got)
		}
		if known := why > wire.WhyOther && why <= wire.WhyRoom; known == (got == other) {
			t.Errorf("%s is told as any other reason: %t", why, got == other)
		}
	}
}

// unwilling refuses what it is asked to keep.
type unwilling struct{ conversing }

func (unwilling) Keep(c wire.Chunk) (ack wire.Ack, refusals []wire.Refusal, err error) {
	for _, run := range c.Runs {
		mark := wire.Mark{Space: run.Space, Writer: run.Writer, Seq: run.First}
		refusals = append(refusals, wire.Refusal{Mark: mark, Why: wire.WhyArm, Reason: "no"})
	}
	return ack, refusals, nil
}

// A stream that was doubted comes again from a batch that is held: what is refused of it is the
// rest, and is told.
func TestOfARunThatBeginsWithWhatIsHeldTheRestIsToldWhenItIsRefused(t *testing.T) {
	p := newProvince(t, 1)
	box := p.boxes[0]
	p.write(box, 1, "held")
	p.meet(box, p.hub)
	p.write(box, 1, "more")
	run, _, err := box.store.Run(field, writers(box)[0], 0, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	w := p.hub.witness(unwilling{p.hub.hubLog(t.Context())}, box.id.Device)
	if _, _, err := w.Keep(wire.Chunk{Runs: []wire.Run{run}}); err != nil {
		t.Fatal(err)
	}
	w.settle(t.Context())
	if told := p.hub.store.Quarantined(); len(run.Batches) != 2 || len(told) != 1 || told[0].Mark.Seq != 2 {
		t.Errorf("of a run of %d batches is told %+v", len(run.Batches), told)
	}
}
