package report

import (
	"fmt"
	"maps"
	"testing"

	"wangge/crdt"
)

// Of two records that name the same, one was come to by the rollup on its way and one was not;
// then both go. Whenever that is, nobody counts what they named.
func TestWhatLeavesWhileARollupIsOnItsWayIsCountedNowhere(t *testing.T) {
	registry := everything(t)
	work := func(point int) crdt.Record {
		return record("work", map[crdt.FieldID]crdt.Value{1: crdt.Text("14058110521101"), 2: crdt.Text("2024-03-05"), 5: crdt.Ref(id(point))})
	}
	q := Query{Report: "work.points", By: []string{"area:9"}, From: "2024-01-01", To: "2024-12-31"}
	for steps := range 100 {
		h := &history{registry: registry, figures: New(registry), records: map[crdt.RecordID]crdt.Record{}}
		h.figures.rolledFrom, h.figures.rollStep = 1, 1
		h.figures.Reset()
		set := func(n int, rec crdt.Record) {
			h.figures.Change(id(n), h.records[id(n)], rec)
			h.records[id(n)] = rec
		}
		for n, point := range []int{7, 8, 7} {
			set(n+20, work(point))
		}
		for range steps {
			h.figures.RollUp(true)
		}
		for _, n := range []int{20, 22} {
			gone := h.records[id(n)].Clone()
			gone.Apply(crdt.Dot{Writer: 5, Seq: 9}, 9, gone.Delete(id(n)), crdt.Frontier{1: 1})
			set(n, gone)
		}
		for h.figures.RollUp(true) {
		}
		table, err := h.figures.Answer(q)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := table.Counted(), h.recount().Count(q); !maps.Equal(got, want) {
			t.Fatalf("after %d steps: figures %v, recount %v", steps, got, want)
		}
	}
}

// What was asked about before it was rolled up is rolled up although many records come; what
// nobody asked about waits.
func TestWhatIsAskedAboutIsRolledUpFirst(t *testing.T) {
	registry := everything(t)
	f := New(registry)
	f.rolledFrom = 1
	f.Reset()
	f.Change(id(20), crdt.Record{}, record("work", map[crdt.FieldID]crdt.Value{1: crdt.Text("14058110521101"), 2: crdt.Text("2024-03-05")}))
	if f.RollUp(false) {
		t.Fatal("something is rolled up that nobody asked about")
	}
	if _, err := f.Answer(Query{Report: "work.all"}); err != nil {
		t.Fatal(err)
	}
	for f.RollUp(false) {
	}
	for _, tally := range f.facts["work"].tallies {
		if rolled := len(tally.rollups) > 0; rolled != (tally.report.Name == "all") {
			t.Errorf("%s is rolled up: %v", tally.report.Name, rolled)
		}
	}
	if !f.RollUp(true) {
		t.Error("the others are not rolled up when there is time")
	}
}

// A large page is taken in parts: what changes in a part that was taken is changed there, and
// what changes in one that was not is taken as it is then.
func TestRecordsChangeWhileAPageIsTakenInParts(t *testing.T) {
	registry := everything(t)
	work := func(n, day int) crdt.Record {
		return record("work", map[crdt.FieldID]crdt.Value{1: crdt.Text(fmt.Sprintf("1405811052110%d", n)), 2: crdt.Text(fmt.Sprintf("2024-03-%02d", day)), 5: crdt.Ref(id(n))})
	}
	for steps := range 5000 {
		h := &history{registry: registry, figures: New(registry), records: map[crdt.RecordID]crdt.Record{}}
		h.figures.rolledFrom, h.figures.rollStep = 1, 1
		h.figures.Reset()
		set := func(n int, rec crdt.Record) {
			h.figures.Change(id(n), h.records[id(n)], rec)
			h.records[id(n)] = rec
		}
		for n := 10; n < 16; n++ {
			set(n, work(n, 1+n%3))
		}
		more := true
		for range steps {
			more = h.figures.RollUp(true)
		}
		if !more {
			return
		}
		for n := 10; n < 16; n += 2 { // each moves to another cell
			gone := h.records[id(n)].Clone()
			gone.Apply(crdt.Dot{Writer: 5, Seq: 9}, 9, gone.Delete(id(n)), crdt.Frontier{1: 1})
			set(n, gone)
			set(n+50, work(n+20, 1+n%5))
		}
		for h.figures.RollUp(true) {
		}
		for _, report := range []string{"work.points", "work.all"} {
			for _, by := range [][]string{{"area:6"}, {"area:9"}, {"area:12"}, {"area:9", "month"}, {"area:6", "day"}, {"month"}} {
				q := Query{Report: report, By: by, From: "2024-01-01", To: "2024-12-31"}
				table, err := h.figures.Answer(q)
				if err != nil {
					t.Fatal(err)
				}
				if got, want := table.Counted(), h.recount().Count(q); !maps.Equal(got, want) {
					t.Fatalf("%s by %v after %d steps: figures %v, recount %v", report, by, steps, got, want)
				}
			}
		}
	}
	t.Error("the rollups are never done")
}
