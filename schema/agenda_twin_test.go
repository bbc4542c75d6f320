package schema_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/crdt"
	"wangge/schema"
)

// twinItem is a thing to do as the twin finds it.
type twinItem struct {
	id                       crdt.RecordID
	task                     string
	opens, due, missed, told int64
	undated                  bool
}

// twin looks at all records for each task, and at each day and each span one by one.
type twinAgenda struct {
	registry *schema.Registry
	records  map[crdt.RecordID]crdt.Record
	off      map[string]bool // days off that are no weekends, and false for those worked
	now      int64
}

func china(ms int64) time.Time { return time.UnixMilli(ms).In(time.FixedZone("", 8*3600)) }

func (w twinAgenda) items() (items []twinItem) {
	for id, rec := range w.records {
		k, ok := w.registry.Kind(rec.Kind)
		if !ok || rec.Fate() == crdt.Dead {
			continue
		}
		for i := range k.Tasks {
			if item, ok := w.item(k, &k.Tasks[i], id, rec); ok {
				items = append(items, item)
			}
		}
	}
	return items
}

func (w twinAgenda) item(k *schema.Kind, t *schema.Task, id crdt.RecordID, rec crdt.Record) (item twinItem, ok bool) {
	values := shownBy(k, rec)
	if !t.While.IsZero() && k.Evaluate(t.While, values) != true {
		return item, false
	}
	var from int64
	switch v := k.Evaluate(t.From, values).(type) {
	case float64:
		from = int64(v)
	case string:
		day, err := time.ParseInLocation(time.DateOnly, v, time.FixedZone("", 8*3600))
		if err != nil {
			return item, false
		}
		from = day.UnixMilli()
	default:
		return item, false
	}
	item = twinItem{id: id, task: t.Name}
	by := w.last(t.By, id)
	if t.Repeats {
		from = max(from, by)
	}
	switch {
	case len(t.Times) > 0:
		w.rounds(t, &item, from, by)
	case by >= from && !t.Repeats:
		return item, false
	case !t.Hours.IsZero():
		item.opens, item.due = from, from+int64(k.Evaluate(t.Hours, values).(float64))*3600_000
	default:
		item.opens = from
		w.days(t, &item, int(k.Evaluate(t.Days, values).(float64)))
	}
	if t.Escalate.To != 0 && !item.undated && w.last(t.Escalate.Raise, id) < item.opens {
		item.told = item.due + int64(t.Escalate.After)*60_000
	}
	return item, true
}

func (w twinAgenda) days(t *schema.Task, item *twinItem, n int) {
	m := china(item.opens)
	day := time.Date(m.Year(), m.Month(), m.Day(), 0, 0, 0, 0, m.Location())
	for n > 0 {
		day = day.AddDate(0, 0, 1)
		weekend := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
		off, said := w.off[day.Format(time.DateOnly)]
		if t.Working && !said && (day.Year() < 2024 || day.Year() > 2026) {
			item.undated, item.due = true, 0
			return
		}
		if !t.Working || said && !off || !said && !weekend {
			n--
		}
	}
	item.due = day.AddDate(0, 0, 1).UnixMilli()
}

func (w twinAgenda) rounds(t *schema.Task, item *twinItem, from, by int64) {
	type span struct{ start, end int64 }
	var spans []span
	m := china(from)
	for day := time.Date(m.Year(), m.Month(), m.Day(), 0, 0, 0, 0, m.Location()); day.UnixMilli() < max(w.now, from)+3*86400_000; day = day.AddDate(0, 0, 1) {
		for _, s := range t.Times {
			start, end := day.Add(time.Duration(s.Start)*time.Minute).UnixMilli(), day.Add(time.Duration(s.End)*time.Minute).UnixMilli()
			if start >= from {
				spans = append(spans, span{start, end})
			}
		}
	}
	for len(spans) > 0 && spans[0].start <= by {
		spans = spans[1:]
	}
	item.opens, item.due = spans[0].start, spans[0].end
	for _, s := range spans {
		if s.end <= w.now {
			item.missed++
		}
	}
}

// last returns when somebody last did something about a record.
func (w twinAgenda) last(d schema.Doing, id crdt.RecordID) int64 {
	latest := int64(-1 << 62)
	for _, rec := range w.records {
		if d.Kind == "" || rec.Kind != d.Kind || rec.Fate() == crdt.Dead {
			continue
		}
		k, _ := w.registry.Kind(rec.Kind)
		link, _ := k.Field(d.Link)
		when, _ := k.Field(k.When)
		about, _ := link.Winner(rec.Cells[link.ID]).Ref()
		at, _ := when.Winner(rec.Cells[when.ID]).Int()
		if about == id && at <= w.now+600_000 {
			latest = max(latest, at)
		}
	}
	return latest
}

// Records come, change and go in any order, and at any moment the index says what the
// twin finds in them.
func TestTheAgendaEqualsALookAtEveryRecord(t *testing.T) {
	r := withVisits(t)
	off := map[string]bool{}
	for _, text := range strings.Fields("2026-01-01 2026-01-02 2026-10-01 2026-10-02 2026-10-05 2026-10-06 2026-10-07 2026-09-25 2026-06-19 2026-05-01 2026-05-04 2026-05-05") {
		off[text] = true
	}
	for _, text := range strings.Fields("2026-01-04 2026-10-10 2026-09-20 2026-05-09") {
		off[text] = false
	}
	start, seen := at(t, "2026-09-10T00:00"), map[string]int{}
	for seed := range uint64(15) {
		rng := rand.New(rand.NewPCG(seed, 11))
		a := schema.NewAgenda(r, shippedCalendar(t))
		w := twinAgenda{r, map[crdt.RecordID]crdt.Record{}, off, 0}
		moment := func() int64 { return start + rng.Int64N(40*86400_000)/60_000*60_000 }
		for range 60 {
			n := rng.IntN(30)
			kind, form := chanceForm(rng, n, moment)
			after := stored(t, r, kind, form)
			if rng.IntN(8) == 0 {
				gone := after.Clone()
				gone.Apply(crdt.Dot{Writer: 1, Seq: 2}, crdt.NewStamp(1764000000002), after.Delete(idOf(n)), crdt.Frontier{1: 1})
				after = gone
			}
			a.Change(crdt.Space{}, idOf(n), w.records[idOf(n)], after)
			w.records[idOf(n)] = after
			w.now = moment()
			var got []twinItem
			for _, i := range a.At(w.now, "") {
				got = append(got, twinItem{i.ID, i.Task.Name, i.Opens, i.Due, int64(i.Missed), i.Told, i.Unknown != 0})
				seen[i.Kind.Name+"."+i.Task.Name+" "+string(i.State(w.now))]++
			}
			want := w.items()
			for _, list := range [][]twinItem{got, want} {
				slices.SortFunc(list, func(a, b twinItem) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
			}
			if !slices.Equal(got, want) {
				t.Fatalf("seed %d, at %s:\n%+v\nthe twin says\n%+v", seed, china(w.now), got, want)
			}
		}
	}
	for _, want := range []string{"elder_pact.look escalated", "elder_pact.look open", "elder_alert.see overdue", "hazard_report.remove later", "hazard_report.remove_grave escalated", "elder_pact.visit later", "elder_pact.call overdue"} {
		if seen[want] < 3 {
			t.Errorf("%s was seen %d times: the worlds show too little: %v", want, seen[want], seen)
		}
	}
}

// withVisits has somebody visit each elder anew ten days after an alert, and call once.
func withVisits(t *testing.T) *schema.Registry {
	kinds, byName := copied(t, compiled(t))
	from, _ := schema.ParseFormula("since")
	days, _ := schema.ParseFormula("10")
	by := schema.Doing{Kind: "elder_alert", Link: "elder"}
	title := schema.Text{Zh: "探访", En: "Visit"}
	byName["elder_pact"].Tasks = append(byName["elder_pact"].Tasks,
		schema.Task{Name: "visit", Title: title, From: from, Days: days, Repeats: true, By: by},
		schema.Task{Name: "call", Title: title, From: from, Hours: days, By: by})
	r, err := schema.New(kinds)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// chanceForm is a form of a record whose number says of what kind it is.
func chanceForm(rng *rand.Rand, n int, moment func() int64) (kind string, form map[string]any) {
	day := func(ms int64) string { return china(ms).Format(time.DateOnly) }
	ms := moment()
	switch {
	case n < 6:
		form := elder(day(ms))
		form["status"] = []any{"在约", "在约", []any{"在约", "已终止"}}[rng.IntN(3)]
		return "elder_pact", form
	case n < 16:
		return "curtain_check", map[string]any{
			"grid": "14058110521101", "elder": hexID(rng.IntN(6)), "day": day(ms), "slot": "早", "checked_at": ms,
			"state": []any{"正常", map[string]any{"step": "异常", "at": ms}}[rng.IntN(2)],
		}
	case n < 20:
		return "elder_alert", map[string]any{
			"grid": "14058110521101", "elder": hexID(rng.IntN(6)), "raised_at": ms, "cause": "其他",
			"status": []any{"已告警", []any{"已告警", "已出发"}}[rng.IntN(2)],
		}
	}
	return "hazard_report", map[string]any{
		"grid": "14058110521101", "reported_at": ms, "category": "消防", "severity": []string{"一般", "较大", "重大"}[rng.IntN(3)],
		"status": []any{"待处置", []any{"待处置", map[string]any{"step": "已消除", "at": ms + 1}}}[rng.IntN(2)],
	}
}

// BenchmarkAgenda is a tablet with ten thousand records: four hundred elders and their
// month of checks take most of it.
func BenchmarkAgenda(b *testing.B) {
	r := shipped(b)
	a := schema.NewAgenda(r, shippedCalendar(b))
	rng := rand.New(rand.NewPCG(1, 1))
	start := at(b, "2026-09-10T00:00")
	var records []crdt.Record
	for n := range 10_000 {
		kind, form := chanceForm(rng, n%30, func() int64 { return start + rng.Int64N(30*86400_000) })
		if n%30 < 16 && n%30 >= 6 {
			form["elder"] = hexID(n / 30 * 30)
		}
		records = append(records, stored(b, r, kind, form))
		a.Change(crdt.Space{}, idOf(n), crdt.Record{}, records[n])
	}
	b.Run("change", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			n := i % len(records)
			a.Change(crdt.Space{}, idOf(n), records[n], records[n])
		}
	})
	b.Run("list", func(b *testing.B) {
		for b.Loop() {
			if len(a.At(start+20*86400_000, "")) == 0 {
				b.Fatal("nothing to do")
			}
		}
	})
}

// shownBy returns what a record shows of each field.
func shownBy(k *schema.Kind, rec crdt.Record) func(crdt.FieldID) []crdt.Value {
	return func(id crdt.FieldID) []crdt.Value {
		f, ok := k.FieldByID(id)
		if !ok {
			return nil
		}
		return f.Shown(rec.Cells[id])
	}
}
