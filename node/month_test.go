package node

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/report"
	"wangge/node/store"
	"wangge/node/web"
	"wangge/schema"
	"wangge/schema/kindfile"
	"wangge/sync/weaklink"
	"wangge/sync/wire"
)

const callKind = `kind: call
title: {zh: 探望, en: Call}
class: personal
area: {field: grid, level: community}
when: made_at
fields:
  - {id: 1, name: grid, title: {zh: 网格, en: Grid}, type: grid, required: true}
  - {id: 2, name: made_at, title: {zh: 时间, en: Made at}, type: instant, required: true}
  - {id: 3, name: home, title: {zh: 在家, en: At home}, type: bool}
  - {id: 60004, name: number, title: {zh: 编号, en: Number}, type: text, decide: {number: "{area:6}-{year}-{number:4}"}}
reports:
  - {name: calls, title: {zh: 探望次数, en: Calls}, count: records, by: [area, home, day]}
  - {name: met, title: {zh: 见到的, en: Met}, count: records, where: ["home"], by: [area, day]}
  - {name: rate, title: {zh: 见面率, en: Rate of meeting}, count: ratio, of: met, per: calls, times: 100, decimals: 1, by: [area, day]}
`

// quarterly is a small county in virtual time, which begins on 1 January 2000: what
// happened in December can be closed.
func quarterly(t *testing.T) *district { return ofKind(t, "call", callKind) }

// ofKind is a small county in virtual time whose one kind is written here.
func ofKind(t *testing.T, name, kind string) *district {
	t.Helper()
	t.Cleanup(func() { <-time.After(2 * time.Hour) }) // what the libraries leave to its timers
	kinds, err := kindfile.Load(fstest.MapFS{name + ".yaml": {Data: []byte(kind)}})
	if err != nil {
		t.Fatal(err)
	}
	return newDistrict(t, weaklink.Profile{Rate: 1_000_000, Header: weaklink.Headers, Delay: 25 * time.Millisecond}, 3, 2, func(c *Config) {
		c.Web, c.RaftTimeouts, c.Kinds = "", 20, kinds
	})
}

// call saves a call at a box.
func (d *district) call(box int, day string, home bool) web.Name {
	d.t.Helper()
	grid := fmt.Sprintf("14058110521100%d", box)
	return desk{d.box(box).node}.mustSave(d.t, "call", map[string]any{"grid": grid, "made_at": day + "T09:30", "home": home})
}

// eventually waits for minutes of virtual time.
func (d *district) eventually(what string, holds func() bool) {
	d.t.Helper()
	for began := time.Now(); !holds(); <-time.After(time.Second) {
		if time.Since(began) > 10*time.Minute {
			d.t.Fatalf("not within ten minutes: %s", what)
		}
	}
}

func (d *district) close(hub int, by string) web.Closing {
	d.t.Helper()
	c, err := months{d.hub(hub).node}.Close(d.t.Context(), "1999-12", by)
	if err != nil {
		d.t.Fatal(err)
	}
	return c
}

// december answers a question about December at a replica.
func (d *district) december(hub int, q report.Query) web.Answer {
	d.t.Helper()
	a, err := months{d.hub(hub).node}.Report(d.t.Context(), "1999-12", q, false)
	if err != nil {
		d.t.Fatal(err)
	}
	return a
}

func (d *district) counts(hub int, n int64) func() bool {
	return func() bool {
		a, err := office{d.hub(hub).node}.Report(d.t.Context(), report.Query{Report: "call.calls"}, false)
		return err == nil && a.Total == n
	}
}

func (d *district) changed(hub int, q report.Query) map[string]string {
	d.t.Helper()
	list, err := months{d.hub(hub).node}.Changed("1999-12", q.InMonth("1999-12"), "", crdt.RecordID{}, 100)
	if err != nil {
		d.t.Fatal(err)
	}
	all := map[string]string{}
	for _, item := range list.Items {
		all[item.ID] = item.Since
	}
	return all
}

// User story 13: the analyst freezes the month while one server of the hub is down.
func TestAMonthIsClosedWithAReplicaDownAndWhatComesLateIsRestated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := quarterly(t)
		d.island([]int{4}, (*weaklink.Way).Cut) // a box without a signal all the month
		first, second := d.call(0, "1999-12-05", true), d.call(0, "1999-12-31", false)
		d.call(0, "2000-01-01", true) // of the next month
		late := d.call(1, "1999-12-24", true)
		d.eventually("the county counts what it has heard of", d.counts(0, 3))
		down := 2
		d.hub(down).stop()
		d.eventually("the county knows that it has all of one box's work", func() bool {
			return office{d.hub(0).node}.currency("").Complete.Boxes == 1
		})
		closing := d.close(0, "王会计")
		if closing.By != "王会计" || closing.Reports != 3 || closing.Complete.Boxes != 1 || !slices.Equal(closing.Complete.Late, []string{"站4"}) || closing.Commit == 0 {
			t.Errorf("it was closed as %+v", closing)
		}
		d.recounted(0)
		calls, byArea := report.Query{Report: "call.calls"}, report.Query{Report: "call.calls", By: []string{"area:12"}}
		if a := d.december(0, calls); a.Total != 2 || !a.Month.Frozen || len(a.Month.Restated) != 0 || a.Month.Now.Total != 2 {
			t.Errorf("at once after it: %+v, %+v", a.Table, a.Month)
		}

		d.island([]int{4}, (*weaklink.Way).Mend)
		d.eventually("the late box's work is there", d.counts(0, 4))
		a := d.december(0, byArea)
		if a.Total != 2 || len(a.Rows) != 1 || a.Rows[0].Count != 2 || a.Month.Now.Total != 3 {
			t.Errorf("what was frozen says %+v, now %+v", a.Table, a.Month.Now)
		}
		if r := a.Month.Restated; len(r) != 2 || r[0].Difference != "+1" || len(r[0].Keys) != 0 || r[1].Keys[0] != "140581105211" || r[1].Frozen != "2" || r[1].Now != "3" {
			t.Errorf("restated: %+v", r)
		}
		if got := d.changed(0, calls); len(got) != 1 || got[late.ID] != sinceLate {
			t.Errorf("after the closing came %v", got)
		}

		if err := (desk{d.box(0).node}).Edit(first, []web.Edit{{Delete: true}}); err != nil {
			t.Fatal(err)
		}
		if err := (desk{d.box(0).node}).Edit(second, []web.Edit{{Field: "home", Set: true}}); err != nil {
			t.Fatal(err)
		}
		met := report.Query{Report: "call.met"}
		d.eventually("the changes are there", func() bool {
			return d.december(0, met).Month.Now.Total == 2 && d.december(0, calls).Month.Now.Total == 2
		})
		if a := d.december(0, report.Query{Report: "call.rate"}); a.Sum() != "50.0" || a.Month.Restated[0].Difference != "+50.0" {
			t.Errorf("of the rate: %s, %+v", a.Sum(), a.Month.Restated)
		}
		if got := d.changed(0, calls); len(got) != 3 || got[first.ID] != sinceGone || got[second.ID] != sinceChanged {
			t.Errorf("after the closing came %v", got)
		}

		d.keepsDecember(down)
	})
}

// keepsDecember has replicas start again, one of them without its disk: all have what was
// frozen, and no box has.
func (d *district) keepsDecember(down int) {
	t := d.t
	d.start(down)
	d.eventually("the replica that was down has it too", func() bool {
		c, ok, err := d.hub(down).closed("1999-12")
		return err == nil && ok && c.By == "王会计"
	})
	if err := os.RemoveAll(d.stopped(1).config.Data); err != nil {
		t.Fatal(err)
	}
	d.start(1) // its disk is lost
	d.eventually("the replica that lost its disk has it too", func() bool {
		end, err := months{d.hub(1).node}.Month("1999-12")
		return err == nil && len(end.Figures) == 3 && end.Figures[0].Frozen == "2"
	})
	d.stopped(0)
	d.start(0)
	if a := d.december(0, report.Query{Report: "call.calls"}); a.Total != 2 || !a.Month.Frozen {
		t.Errorf("after a restart: %+v", a.Table)
	}
	for i := range 2 {
		for _, sp := range d.box(i).store.Spaces() {
			if sp.Space == policy.CountyAlone() {
				t.Errorf("box %d holds what the county alone may", i)
			}
		}
	}
}

func (d *district) stopped(i int) *resident {
	d.nodes[i].stop()
	return d.nodes[i]
}

// recounted holds what is frozen of December against a recount of the records as they are.
func (d *district) recounted(hub int) {
	d.t.Helper()
	n := d.hub(hub).node
	again := report.NewRecount(n.kinds)
	if err := n.store.Walk(func(l store.Listed) bool { again.Add(l.ID, l.Record); return true }); err != nil {
		d.t.Fatal(err)
	}
	c, _, err := n.closed("1999-12")
	if err != nil {
		d.t.Fatal(err)
	}
	tables := 0
	for _, r := range []string{"call.calls", "call.met", "call.rate"} {
		frozen, err := n.frozen(c, r)
		if err != nil {
			d.t.Fatal(err)
		}
		for _, t := range frozen {
			q := report.Query{Report: r}.InMonth("1999-12")
			for _, column := range t.Columns {
				q.By = append(q.By, column.Name)
			}
			if got, want := t.Counted(), again.Count(q); fmt.Sprint(got) != fmt.Sprint(want) {
				d.t.Errorf("%s by %v: frozen %v, a recount says %v", r, q.By, got, want)
			}
			tables++
		}
	}
	if tables != 13 {
		d.t.Errorf("%d tables are frozen", tables)
	}
}

func TestOfTwoWhoCloseAMonthAtOnceOneIsFirstForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := quarterly(t)
		d.call(0, "1999-12-05", true)
		d.eventually("the county counts it", d.counts(0, 1))
		said := make(chan web.Closing, 2)
		leader := int(d.hub(0).hub.Status().Leader) - 1
		for i := range 3 {
			if i == leader { // it is so much quicker that the others would find the month closed
				continue
			}
			go func() {
				c, err := months{d.hub(i).node}.Close(t.Context(), "1999-12", fmt.Sprint("会计", i))
				if err != nil {
					t.Error(err)
				}
				said <- c
			}()
		}
		one, other := <-said, <-said
		if other.By != one.By || !other.At.Equal(one.At) {
			t.Errorf("one was told %s closed it, the other %s", one.By, other.By)
		}
		for i := range 3 {
			d.eventually("every replica says the same", func() bool {
				c, ok, err := d.hub(i).closed("1999-12")
				return err == nil && ok && c.By == one.By
			})
			rec, err := d.hub(i).store.Record(policy.CountyAlone(), closedID("1999-12"))
			if entries := len(rec.Cells[closingField].Entries); err != nil || entries != 1 {
				t.Errorf("it was closed %d times: %v", entries, err)
			}
		}
		if again := d.close(1, "第三个人"); again.By != one.By {
			t.Errorf("it was closed again, by %s", again.By)
		}
		d.call(0, "1999-12-06", true) // the office goes on numbering
		d.eventually("both have a number", func() bool {
			given := []string{}
			d.hub(0).store.Walk(func(l store.Listed) bool {
				if s, _ := l.Record.Cells[60004].Winner().Text(); s != "" {
					given = append(given, s)
				}
				return true
			})
			slices.Sort(given)
			return slices.Equal(given, []string{"140581-1999-0001", "140581-1999-0002"})
		})
	})
}

func TestAMonthIsClosedOnlyWhenItIsOver(t *testing.T) {
	for month, today := range map[string]string{"2026-11": "2026-11-30", "2026-12": "2026-11-30", "2026": "2027-01-01", "2026-13": "2027-06-01"} {
		if closable(month, today) == nil {
			t.Errorf("%s can be closed on %s", month, today)
		}
	}
	if err := closable("2026-11", "2026-12-01"); err != nil {
		t.Error(err)
	}
}

func TestNobodyButTheHubClosesMonthsOrIsGivenOne(t *testing.T) {
	p := newProvince(t, 2)
	forger, other := p.boxes[0], p.boxes[1]
	for _, kind := range []string{closedKind, frozenKind, restatedKind} {
		for _, space := range []crdt.Space{policy.CountyAlone(), field} {
			op := crdt.Record{}.Append(closedID("2026-11"), kind, closingField, crdt.Text("{}"))
			chunk, err := forger.store.Draw(writerOf(t, forger), map[crdt.Space][]crdt.Op{space: {op}})
			if err != nil {
				t.Fatal(err)
			}
			for what, m := range map[string]*party{"a box": other, "the county": p.hub} {
				if good, refusals := m.store.Check(chunk); len(good.Runs) > 0 || len(refusals) != 1 || refusals[0].Why != wire.WhyRights {
					t.Errorf("%s takes a closing from a box: %+v", what, refusals)
				}
			}
		}
	}
	all := policy.Device{Role: policy.Box, Holds: []policy.Pattern{"*"}, Writes: []policy.Pattern{"*"}}
	if all.MayHold(policy.CountyAlone()) || all.MayWrite(policy.CountyAlone()) {
		t.Error("a box may hold or write what the county alone may")
	}
}

func TestWhatIsFrozenFitsIntoBatchesAndComesBack(t *testing.T) {
	var table report.Table
	for i := range 9000 {
		key := fmt.Sprintf("%017d", uint64(i)*7_919_331_117%1e17)
		table.Rows = append(table.Rows, report.Row{Keys: []string{key}, Labels: []schema.Text{{Zh: key, En: key}}, Count: int64(i * i)})
	}
	pieces, err := pack(report.Frozen{table})
	if err != nil || len(pieces) < 3 {
		t.Fatalf("%d pieces, %v", len(pieces), err)
	}
	var rec crdt.Record
	for i, piece := range pieces {
		if len(piece) > pieceMax {
			t.Errorf("a piece has %d bytes", len(piece))
		}
		rec.Apply(crdt.Dot{Writer: 1, Seq: 1, Index: uint32(i)}, 1, rec.Assign(crdt.RecordID{}, frozenKind, crdt.FieldID(i+1), crdt.Text(piece)), nil)
	}
	var back report.Frozen
	if err := unpack(rec, &back); err != nil || len(back[0].Rows) != 9000 || back[0].Rows[8999].Count != 8999*8999 {
		t.Errorf("came back with %v", err)
	}
	delete(rec.Cells, 2)
	if err := unpack(rec, &back); err == nil {
		t.Error("a piece that is lacking is not told")
	}
}

// What was frozen must be found by every later version of the program.
func TestTheRecordsOfAClosedMonthAreWhereTheyWere(t *testing.T) {
	if got := closedID("2026-11").String() + " " + frozenID("2026-11", "call.calls", "1.2a").String(); got != "ffffffff598b9b8b8967d44a007c3bea ffffffff50ea96d076badc70cfede526" {
		t.Errorf("they are at %s", got)
	}
	if got := statementID("2026-11", 1).String() + " " + statementID("2026-11", 2).String(); got != "ffffffff598b9b8b8967d44a007c3bea fffffffff579e36c073990a9ebfb0c71" {
		t.Errorf("the statements are at %s", got)
	}
	kept := crdt.Record{}
	text := `{"month":"2026-11","by":"王秀英","at":"2026-12-01T02:32:00Z","commit":18,"replica":"县中心一","complete":{"boxes":38,"of":41,"late":["西河站"]},"reports":234,"writer":"1.2a"}`
	kept.Apply(crdt.Dot{Writer: 1, Seq: 1}, 1, kept.Append(closedID("2026-11"), closedKind, closingField, crdt.Text(text)), nil)
	c, ok, err := readClosing(kept)
	if err != nil || !ok || c.Month != "2026-11" || c.Writer != "1.2a" || c.Complete.Boxes != 38 || c.Reports != 234 {
		t.Errorf("read %+v, %v", c, err)
	}
	frozen := crdt.Record{}
	const packed = "PIuxCoIxDAZ3H+Pm4OaSVxGHUgoKMZE2RbD47lKHf/m+G+6ui95e0ROlFrPznoGQj7SGLj53FITm+79CDZtPH6hPM6HH++CMLIZetjQ9/8Ht9AsAAP//"
	frozen.Apply(crdt.Dot{Writer: 1, Seq: 1}, 1, frozen.Assign(crdt.RecordID{}, frozenKind, 1, crdt.Text(packed[:20])), nil)
	frozen.Apply(crdt.Dot{Writer: 1, Seq: 1, Index: 1}, 1, frozen.Assign(crdt.RecordID{}, frozenKind, 2, crdt.Text(packed[20:])), nil)
	var f report.Frozen
	if err := unpack(frozen, &f); err != nil || len(f) != 1 || f[0].Total != 5 || f[0].Report != "call.calls" {
		t.Errorf("read %+v, %v", f, err)
	}
}

func FuzzFrozen(f *testing.F) {
	f.Add("PIuxCoIxDAZ3H+Pm4OaSVxGHUgoKMZE2RbD47lKHf/m+G+6ui95e0ROlFrPznoGQj7SGLj53FITm+79CDZtPH6hPM6HH++CMLIZetjQ9/8Ht9AsAAP//")
	f.Add("!")
	f.Fuzz(func(t *testing.T, text string) {
		var rec crdt.Record
		rec.Apply(crdt.Dot{Writer: 1, Seq: 1}, 1, rec.Assign(crdt.RecordID{}, frozenKind, 1, crdt.Text(text)), nil)
		var frozen report.Frozen
		if unpack(rec, &frozen) == nil {
			frozen.Answer(report.Query{Area: "140581"})
			frozen.Answer(report.Query{By: []string{"area:9"}, Area: "140581"})
		}
	})
}
