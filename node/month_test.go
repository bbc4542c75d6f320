package node

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"wangge/crdt"
	"wangge/node/month"
	"wangge/node/policy"
	"wangge/node/report"
	"wangge/node/store"
	"wangge/node/web"
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
	c, err := d.hub(hub).months().Close(d.t.Context(), "1999-12", by)
	if err != nil {
		d.t.Fatal(err)
	}
	return c
}

// december answers a question about December at a replica.
func (d *district) december(hub int, q report.Query) web.Answer {
	d.t.Helper()
	a, err := d.hub(hub).months().Report(d.t.Context(), "1999-12", q, false)
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
	list, err := d.hub(hub).months().Changed("1999-12", q.InMonth("1999-12"), "", crdt.RecordID{}, 100)
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
	bubble(t, func(t *testing.T) {
		d := quarterly(t)
		d.island([]int{4}, (*weaklink.Way).Cut) // a box without a signal all the month
		first, second := d.call(0, "1999-12-05", true), d.call(0, "1999-12-31", false)
		d.call(0, "2000-01-01", true) // of the next month
		late := d.call(1, "1999-12-24", true)
		d.eventually("the county counts what it has heard of", d.counts(0, 3))
		down := 2
		d.hub(down).stop()
		d.eventually("the county knows that it has all of one box's work", func() bool {
			return office{d.hub(0).node}.Currency("").Complete.Boxes == 1
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
		if got := d.changed(0, calls); len(got) != 1 || got[late.ID] != "late" {
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
		if got := d.changed(0, calls); len(got) != 3 || got[first.ID] != "gone" || got[second.ID] != "changed" {
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
		return d.closedBy(down) == "王会计"
	})
	if err := os.RemoveAll(d.stopped(1).config.Data); err != nil {
		t.Fatal(err)
	}
	d.start(1) // its disk is lost
	d.eventually("the replica that lost its disk has it too", func() bool {
		end, err := d.hub(1).months().Month("1999-12")
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
	tables := 0
	frozen, _ := n.figures.Freeze("1999-12") // the tables that it was frozen in
	for _, r := range []string{"call.calls", "call.met", "call.rate"} {
		for _, t := range frozen[r] {
			q := report.Query{Report: r}.InMonth("1999-12")
			for _, column := range t.Columns {
				q.By = append(q.By, column.Name)
			}
			kept := d.december(hub, q)
			if got, want := kept.Counted(), again.Count(q); !kept.Month.Frozen || fmt.Sprint(got) != fmt.Sprint(want) {
				d.t.Errorf("%s by %v: frozen %v, a recount says %v", r, q.By, got, want)
			}
			tables++
		}
	}
	if tables != 13 {
		d.t.Errorf("%d tables are frozen", tables)
	}
}

// closedBy returns who closed December, as a replica knows it; nobody while it is open.
func (d *district) closedBy(hub int) string {
	end, err := d.hub(hub).months().Month("1999-12")
	if err != nil {
		return ""
	}
	return end.By
}

func TestOfTwoWhoCloseAMonthAtOnceOneIsFirstForAll(t *testing.T) {
	bubble(t, func(t *testing.T) {
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
				c, err := d.hub(i).months().Close(t.Context(), "1999-12", fmt.Sprint("会计", i))
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
				return d.closedBy(i) == one.By
			})
			rec, err := d.hub(i).store.Record(policy.CountyAlone(), month.ClosedID("1999-12"))
			if entries := len(rec.Cells[1].Entries); err != nil || entries != 1 {
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

func TestNobodyButTheHubClosesMonthsOrIsGivenOne(t *testing.T) {
	p := newProvince(t, 2)
	forger, other := p.boxes[0], p.boxes[1]
	for _, kind := range []string{month.ClosedKind, month.FrozenKind, month.RestatedKind} {
		for _, space := range []crdt.Space{policy.CountyAlone(), field} {
			op := crdt.Record{}.Append(month.ClosedID("2026-11"), kind, 1, crdt.Text("{}"))
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
