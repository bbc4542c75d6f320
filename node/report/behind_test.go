package report

import (
	"math/rand/v2"
	"slices"
	"testing"

	"wangge/crdt"
)

// found reads all records behind a figure, a few at a time.
func found(t *testing.T, f *Figures, q Query, side string) (all []Found) {
	t.Helper()
	after := crdt.RecordID{}
	for {
		_, page, err := f.Behind(q, side, after, 3)
		if err != nil {
			t.Fatalf("%+v: %v", q, err)
		}
		all = append(all, page...)
		if len(page) < 3 {
			return all
		}
		after = page[2].ID
	}
}

func grown(t *testing.T, seed uint64) *history {
	h := &history{rng: rand.New(rand.NewPCG(seed, 12)), registry: everything(t), records: map[crdt.RecordID]crdt.Record{}}
	h.figures = New(h.registry)
	for range 150 {
		h.step()
	}
	return h
}

func TestTheRecordsBehindARowAreAsManyAsItCounts(t *testing.T) {
	for seed := range uint64(20) {
		h := grown(t, seed)
		delete(h.records, crdt.RecordID{})
		h.figures.Change(crdt.RecordID{}, crdt.Record{}, crdt.Record{Kind: "none"})
		for range 40 {
			q := h.ask()
			q.AsOf = ""
			if q.Report = "work." + []string{"all", "some", "ended", "standing"}[h.rng.IntN(4)]; q.Report == "work.standing" {
				q.By = slices.DeleteFunc(q.By, func(by string) bool { return by == "day" || by == "week" }) // some of its rows name no whole period
			}
			table, err := h.figures.Answer(q)
			if err != nil {
				continue
			}
			if len(q.By) == 0 {
				if n := len(found(t, h.figures, q, "")); n != int(table.Total) {
					t.Fatalf("%+v counts %d, behind it are %d", q, table.Total, n)
				}
			}
			for _, row := range table.Rows {
				cell, err := q.Cell(row.Keys)
				if err != nil { // it has no day
					continue
				}
				all := found(t, h.figures, cell, "")
				if len(all) != int(row.Count) || !slices.IsSortedFunc(all, func(a, b Found) int { return a.ID.Compare(b.ID) }) {
					t.Fatalf("%+v, row %v counts %d, behind it are %v", q, row.Keys, row.Count, all)
				}
			}
		}
	}
}

func TestEachSideOfAFigureHasItsRecords(t *testing.T) {
	h := grown(t, 6)
	delete(h.records, crdt.RecordID{})
	h.figures.Change(crdt.RecordID{}, crdt.Record{}, crdt.Record{Kind: "none"})
	days := Query{From: "2025-01-01", To: "2025-03-31"}
	then := Query{From: "2024-01-01", To: "2024-03-31"}
	for _, test := range []struct{ report, side, same string }{
		{"work.share", "", "work.some"}, {"work.share", "of", "work.some"}, {"work.share", "per", "work.all"},
		{"work.apiece", "per", "point.staff"}, {"work.more", "now", "work.all"}, {"work.more", "then", "then"}, {"work.points_up", "now.per", "work.standing"},
	} {
		q, want := days, days
		if q.Report, want.Report = test.report, test.same; test.same == "then" {
			want = then
			want.Report = "work.all"
		}
		if got, same := found(t, h.figures, q, test.side), found(t, h.figures, want, ""); len(same) == 0 || !slices.Equal(got, same) {
			t.Errorf("%s, side %q: %d records, want the %d of %s", test.report, test.side, len(got), len(same), want.Report)
		}
	}
	for _, side := range []string{"per", "now.of", "left"} {
		if _, _, err := h.figures.Behind(Query{Report: "work.all"}, side, crdt.RecordID{}, 3); err == nil {
			t.Errorf("a plain count has a side %s", side)
		}
	}
}

func TestACheckFindsAFigureThatIsNotSo(t *testing.T) {
	h := grown(t, 3)
	if checked := h.figures.Check(h.recount(), "2025-03-01"); len(checked.Differences) > 0 || checked.Questions < 60 || checked.Figures < 200 {
		t.Fatalf("%+v", checked)
	}
	ids := slices.SortedFunc(func(yield func(crdt.RecordID) bool) {
		for id, rec := range h.records {
			if rec.Kind == "work" && rec.Fate() != crdt.Dead && !yield(id) {
				return
			}
		}
	}, crdt.RecordID.Compare)
	h.figures.Change(ids[0], h.records[ids[0]], h.work())
	checked := h.figures.Check(h.recount(), "2025-03-01")
	if len(checked.Differences) == 0 {
		t.Error("a record that was counted otherwise was not found")
	}
	if whole := len(checked.Differences) + checked.More; checked.More > 0 && len(checked.Differences) != unequalMax || whole < 3 {
		t.Errorf("%d differences and %d more", len(checked.Differences), checked.More)
	}
}
