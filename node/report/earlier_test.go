package report

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"wangge/crdt"
	"wangge/schema"
)

func TestAPeriodIsHeldAgainstTheOneBeforeAndTheYearBefore(t *testing.T) {
	const today = "2026-11-26"
	for _, test := range []struct {
		asked          Query
		standing       bool
		period, year   string // of the total
		rowsPer, rowsY string
	}{
		{Query{From: "2026-10-01", To: "2026-10-31"}, false, "2026-09-01–2026-09-30", "2025-10-01–2025-10-31", "", ""},
		{Query{From: "2026-11-01", To: "2026-11-30"}, false, "2026-10-01–2026-10-26", "2025-11-01–2025-11-26", "", ""}, // not over yet
		{Query{From: "2026-02-01", To: "2026-02-28"}, false, "2026-01-01–2026-01-31", "2025-02-01–2025-02-28", "", ""},
		{Query{From: "2026-01-01", To: "2026-12-31"}, false, "2025-01-01–2025-11-26", "2025-01-01–2025-11-26", "", ""},
		{Query{From: "2026-07-01", To: "2026-09-30"}, false, "2026-04-01–2026-06-30", "2025-07-01–2025-09-30", "", ""},
		{Query{From: "2026-11-10", To: "2026-11-16"}, false, "2026-11-03–2026-11-09", "2025-11-10–2025-11-16", "", ""},
		{Query{From: "2026-11-20"}, false, "2026-11-13–2026-11-19", "2025-11-20–2025-11-26", "", ""},
		{Query{}, false, "", "", "", ""},
		{Query{To: "2026-10-31"}, false, "", "", "", ""},
		{Query{From: "2026-12-01", To: "2026-12-31"}, false, "", "", "", ""}, // has not begun
		{Query{}, true, "–@2026-10-26", "–@2025-11-26", "", ""},
		{Query{AsOf: "2026-10-31"}, true, "–@2026-09-30", "–@2025-10-31", "", ""},
		{Query{To: "2026-10-31"}, true, "–2026-09-30", "–2025-10-31", "", ""},
		{Query{From: "2026-10-01", To: "2026-10-31"}, true, "2026-09-01–2026-09-30", "2025-10-01–2025-10-31", "", ""},
		{Query{From: "2026-10-01", To: "2026-10-31", By: []string{"area:9"}}, false, "2026-09-01–2026-09-30", "2025-10-01–2025-10-31", "2026-09-01–2026-09-30", "2025-10-01–2025-10-31"},
		{Query{By: []string{"month", "area:9"}}, false, "", "", "–2026-10-26", "–2025-11-26"},
		{Query{From: "2026-09-01", To: "2026-11-30", By: []string{"month"}}, false, "2026-06-01–2026-08-26", "2025-09-01–2025-11-26", "2026-08-01–2026-10-26", "2025-09-01–2025-11-26"},
		{Query{From: "2026-11-02", To: "2026-11-15", By: []string{"week"}}, false, "2026-10-19–2026-11-01", "2025-11-02–2025-11-15", "2026-10-26–2026-11-08", "2025-11-03–2025-11-16"},
	} {
		test.asked.Report = "a.b"
		got := map[string]Earlier{}
		for _, e := range test.asked.Earlier(today, test.standing) {
			got[e.Period] = e
		}
		shown := func(q Query) string {
			text := q.From + "–" + q.To
			if q.AsOf != "" {
				text += "@" + q.AsOf
			}
			if q.Report == "" {
				return ""
			}
			return text
		}
		p, y := got[PeriodBefore], got[YearBefore]
		if found := []string{shown(p.Total), shown(y.Total), shown(p.Rows), shown(y.Rows)}; !slices.Equal(found, []string{test.period, test.year, test.rowsPer, test.rowsY}) {
			t.Errorf("%+v: held against %q", test.asked, found)
		}
	}
}

// The dumb twin of held rows: each cell's own question is asked, and that of the period
// before it.
func TestEachRowIsHeldAgainstItsOwnPeriodBefore(t *testing.T) {
	const today = "2025-04-20"
	held := 0
	for seed := range uint64(6) {
		h := &history{rng: rand.New(rand.NewPCG(seed, 31)), registry: everything(t), records: map[crdt.RecordID]crdt.Record{}}
		h.figures = New(h.registry)
		for range 200 {
			h.step()
		}
		kind, _ := h.registry.Kind("work")
		for i := range kind.Reports {
			r := &kind.Reports[i]
			if r.Compares() || !r.Grouped(schema.ByDay) {
				continue
			}
			standing := r.Standing() || r.Name == "cover"
			for _, by := range [][]string{nil, {"area:9"}, {"month"}, {"quarter", "area:6"}, {"sort", "month"}, {"month", "year"}} {
				q := Query{Report: "work." + r.Name, By: by, From: "2025-01-01", To: "2025-06-30"}
				held += h.holds(t, fmt.Sprint("seed ", seed), q, today, standing)
			}
		}
	}
	if held < 1500 {
		t.Errorf("%d figures were held", held)
	}
}

func (h *history) holds(t *testing.T, name string, q Query, today string, standing bool) (held int) {
	t.Helper()
	now := h.mustAnswer(t, q)
	for _, e := range q.Earlier(today, standing) {
		if len(q.By) == 0 {
			continue // the total is held as a cell's own question is
		}
		rows := Table{}
		if e.Rows.Report != "" {
			rows = h.mustAnswer(t, e.Rows)
		}
		c := e.Compare(now, h.mustAnswer(t, e.Total), rows)
		for i, row := range now.Rows {
			cell, err := q.Cell(row.Keys)
			if err != nil || cell.From > today || len(row.Keys) > 0 && slices.Contains(row.Keys, "") {
				continue // records that lack the field: no question is about them alone
			}
			figure := h.mustAnswer(t, cell)
			for _, own := range cell.Earlier(today, standing) {
				if own.Period != e.Period {
					continue
				}
				if want := own.Compare(figure, h.mustAnswer(t, own.Total), Table{}).Held; !reflect.DeepEqual(c.Rows[i], want) {
					t.Fatalf("%s, %+v, row %v, %s (%s–%s): held %s, its own question %s", name, q, row.Keys, e.Period, own.Total.From, own.Total.To, numbers(c.Rows[i]), numbers(want))
				}
				held++
			}
		}
	}
	return held
}

func numbers(h Held) (text string) {
	for _, n := range []*int64{h.Total, h.Difference, h.Growth} {
		if n == nil {
			text += " none"
		} else {
			text += fmt.Sprint(" ", *n)
		}
	}
	return text
}

func (h *history) mustAnswer(t *testing.T, q Query) Table {
	t.Helper()
	table, err := h.figures.Answer(q)
	if err != nil {
		t.Fatalf("%+v: %v", q, err)
	}
	return table
}

func TestGrowthIsInPerCentAndOfARateInPoints(t *testing.T) {
	for _, test := range []struct {
		now, then Table
		held      string
	}{
		{Table{Total: 120}, Table{Total: 96}, " 96 24 250"},
		{Table{Total: 2, Count: schema.Sum}, Table{Total: 3}, " 3 -1 -333"},
		{Table{Total: 790, Decimals: 1, Count: schema.Ratio}, Table{Total: 450, Decimals: 1}, " 450 340 none"},
		{Table{Total: 7}, Table{}, " 0 7 none"},
		{Table{Total: 7}, Table{None: true}, " none none none"},
		{Table{None: true}, Table{Total: 7}, " 7 none none"},
		{Table{Total: 7, Decimals: 1}, Table{Total: 7}, " none none none"},
	} {
		e := Earlier{Period: PeriodBefore, Total: Query{Report: "a.b"}}
		if c := e.Compare(test.now, test.then, Table{}); numbers(c.Held) != test.held {
			t.Errorf("%+v: got %s, want %s", test.now, numbers(c.Held), test.held)
		}
	}
}
