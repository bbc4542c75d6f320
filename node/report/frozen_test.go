package report

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"wangge/crdt"
	"wangge/schema"
)

// What is frozen answers as the figures did when it was: beside the tables that it has,
// an area's or a field's share of them.
func TestWhatIsFrozenAnswersAsTheFiguresDid(t *testing.T) {
	for seed := range uint64(20) {
		h := &history{rng: rand.New(rand.NewPCG(seed, 21)), registry: everything(t), records: map[crdt.RecordID]crdt.Record{}}
		h.figures = New(h.registry)
		for range 150 {
			h.step()
		}
		const month = "2025-02"
		all, _ := h.figures.Freeze(month)
		again := h.recount()
		asked, answered := 0, 0
		for name, frozen := range all {
			_, r, err := h.figures.report(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, q := range questionsAbout(frozen, r) {
				q.Report = name
				q = q.InMonth(month)
				asked++
				table, ok := frozen.Answer(q)
				if !ok {
					t.Errorf("%+v was not frozen", q)
					continue
				}
				answered += len(table.Rows)
				if got, want := table.Counted(), again.Count(q); !maps.Equal(got, want) && !(len(want) == 0 && got[""] == "0") {
					t.Fatalf("seed %d, %+v: frozen %v, a recount says %v", seed, q, got, want)
				}
			}
			for _, q := range []Query{{By: []string{"day"}}, {Where: map[string]string{"a": "b"}, Area: "14"}, {Area: "14"}, {By: []string{"area:12"}, Area: "1405811"}} {
				if _, ok := frozen.Answer(q); ok {
					t.Errorf("%s answers %+v", name, q)
				}
			}
		}
		if asked < 60 || answered < 60 {
			t.Fatalf("%d questions, %d rows", asked, answered)
		}
	}
}

// questionsAbout are what can be asked of a report that was frozen.
func questionsAbout(frozen Frozen, r *schema.Report) (all []Query) {
	areas := map[string]bool{}
	for _, table := range frozen {
		q := Query{}
		for _, column := range table.Columns {
			q.By = append(q.By, column.Name)
		}
		all = append(all, q)
		for _, row := range table.Rows {
			switch {
			case len(q.By) == 0 || row.Keys[0] == "":
			case r.Grouped(q.By[0]):
				all = append(all, Query{Where: map[string]string{q.By[0]: row.Keys[0]}})
			case len(row.Keys[0]) >= 6:
				areas[row.Keys[0]] = true
			}
		}
	}
	for area := range areas {
		if len(area) == 6 || len(area) == 9 || len(area) == 12 {
			all = append(all, Query{Area: area}, Query{Area: area, By: []string{"area:12"}})
		}
	}
	return all
}

func TestARestatementNamesEachFigureThatIsAnother(t *testing.T) {
	row := func(key string, n int64) Row {
		return Row{Keys: []string{key}, Labels: []schema.Text{{Zh: key}}, Count: n}
	}
	was := Table{Total: 1005, Decimals: 1, Rows: []Row{row("a", 10), row("b", 995)}}
	now := Table{Total: 1000, Decimals: 1, Rows: []Row{row("b", 995), row("c", 5)}}
	got := Restate(was, now)
	var keys, differences []string
	for _, r := range got {
		keys, differences = append(keys, append(r.Keys, "")[0]), append(differences, r.Difference)
	}
	if !slices.Equal(keys, []string{"", "a", "c"}) || !slices.Equal(differences, []string{"-0.5", "-1.0", "+0.5"}) || got[0].Frozen != "100.5" || got[2].Frozen != "" || got[2].Labels[0].Zh != "c" {
		t.Errorf("got %+v", got)
	}
	if got := Restate(was, was); len(got) != 0 {
		t.Errorf("of equal tables: %+v", got)
	}
	if now.Decimals = 0; Restate(was, now)[0].Difference != "" {
		t.Error("figures with other decimals have a difference")
	}
}

func TestAMonthIsReadByItsName(t *testing.T) {
	for n, want := range map[int]string{1: "2025-12", 12: "2025-01"} {
		if got := MonthsBefore("2026-01", n); got != want {
			t.Errorf("%d months before 2026-01 is %s", n, got)
		}
	}
	if first, last, ok := MonthDays("2028-02"); !ok || first != "2028-02-01" || last != "2028-02-29" {
		t.Errorf("got %s to %s", first, last)
	}
	for _, month := range []string{"2028", "2028-2", "2028-00", "2028-02-01", ""} {
		if _, _, ok := MonthDays(month); ok {
			t.Errorf("%q is a month", month)
		}
	}
}
