package report

import (
	"maps"
	"math/rand/v2"
	"testing"

	"wangge/crdt"
	"wangge/schema"
)

// everything has two kinds with a report of every sort: points are linked to by works.
func everything(t testing.TB) *schema.Registry {
	text := func(s string) schema.Text { return schema.Text{Zh: s, En: s} }
	field := func(id crdt.FieldID, name string, kind schema.FieldType) schema.Field {
		f := schema.Field{ID: id, Name: name, Title: text(name), Type: kind, Merge: kind.DefaultMerge()}
		switch kind {
		case schema.TypeChoice, schema.TypeChoices:
			f.Options = []schema.Option{{Value: "a", Title: text("A")}, {Value: "b", Title: text("B")}, {Value: "c", Title: text("C")}}
		case schema.TypeInt, schema.TypeDecimal:
			f.Range = schema.Range{Min: -1000, Max: 1000}
		}
		return f
	}
	grid := field(1, "grid", schema.TypeGrid)
	grid.Required = true
	point := schema.Kind{
		Name: "point", Title: text("point"), Area: schema.Area{Field: "grid", Level: 12},
		Fields: []schema.Field{grid, field(2, "sort", schema.TypeChoice), field(3, "staff", schema.TypeInt)},
		Reports: []schema.Report{
			{Name: "all", Title: text("all"), Count: schema.Records, By: []string{"area", "sort"}},
			{Name: "staff", Title: text("staff"), Count: schema.Sum, Of: "staff", By: []string{"area"}},
		},
	}
	link := field(5, "point", schema.TypeLink)
	link.To = "point"
	hours := field(6, "hours", schema.TypeInt)
	hours.Merge = crdt.Counter
	work := schema.Kind{
		Name: "work", Title: text("work"), Area: schema.Area{Field: "grid", Level: 12}, When: "done",
		Fields: []schema.Field{
			grid, field(2, "done", schema.TypeDate), field(3, "sort", schema.TypeChoice), field(4, "open", schema.TypeBool), link, hours,
			field(7, "cost", schema.TypeDecimal), field(8, "since", schema.TypeInstant), field(9, "until", schema.TypeDate), field(10, "tags", schema.TypeChoices),
		},
		Reports: everyReport(t, text),
	}
	place := field(1, "place", schema.TypeDistrict)
	place.Required = true
	census := schema.Kind{
		Name: "census", Title: text("census"), Area: schema.Area{Field: "place", Level: 6},
		Fields: []schema.Field{place, field(2, "people", schema.TypeInt), field(3, "since", schema.TypeDate), field(4, "until", schema.TypeDate)},
		Reports: []schema.Report{
			{Name: "counts", Title: text("counts"), Count: schema.Records, By: []string{"area"}},
			{Name: "people", Title: text("people"), Count: schema.Sum, Of: "people", By: []string{"area"}, From: "since", To: "until"},
		},
	}
	r, err := schema.New([]schema.Kind{point, work, census})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func everyReport(t testing.TB, text func(string) schema.Text) []schema.Report {
	by := []string{"area", "day", "sort", "open"}
	where := func(texts ...string) (all []schema.Formula) {
		for _, text := range texts {
			f, err := schema.ParseFormula(text)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, f)
		}
		return all
	}
	return []schema.Report{
		{Name: "all", Title: text("all"), Count: schema.Records, By: by},
		{Name: "some", Title: text("some"), Count: schema.Records, By: by, Where: where(`sort in ("a", "b") and not open`, `point.staff >= 10 or point.sort = "c"`)},
		{Name: "tagged", Title: text("tagged"), Count: schema.Records, By: by, Where: where(`tags has "a" or cost > 2`)},
		{Name: "unknown", Title: text("unknown"), Count: schema.Records, By: by, Where: where(`not filled(point.sort)`)},
		{Name: "points", Title: text("points"), Count: schema.Distinct, Of: "point", By: by},
		{Name: "big_points", Title: text("big"), Count: schema.Distinct, Of: "point", By: by, Where: where(`point.staff > 0`)},
		{Name: "sorts", Title: text("sorts"), Count: schema.Distinct, Of: "sort", By: []string{"area", "month"}},
		{Name: "villages", Title: text("villages"), Count: schema.Distinct, Of: "area:12", By: by},
		{Name: "hours", Title: text("hours"), Count: schema.Sum, Of: "hours", By: by},
		{Name: "cost", Title: text("cost"), Count: schema.Sum, Of: "cost", By: by, Shown: schema.Shown{Decimals: 1}},
		{Name: "mean", Title: text("mean"), Count: schema.Average, Of: "cost", By: by, Shown: schema.Shown{Decimals: 2}},
		{Name: "ended", Title: text("ended"), Count: schema.Records, By: by, When: "until"},
		{Name: "standing", Title: text("standing"), Count: schema.Records, By: by, From: "since", To: "until"},
		{Name: "staying", Title: text("staying"), Count: schema.Distinct, Of: "point", By: by, From: "since"},
		{Name: "left", Title: text("left"), Count: schema.Average, Of: "cost", By: by, To: "until", Shown: schema.Shown{Decimals: 2}},
		{Name: "share", Title: text("share"), Count: schema.Ratio, Of: "some", Per: "all", By: by, Shown: schema.Shown{Times: 100, Decimals: 1}},
		{Name: "cover", Title: text("cover"), Count: schema.Ratio, Of: "staying", Per: "standing", By: by, Shown: schema.Shown{Times: 100, Rounding: schema.Floor}},
		{Name: "apiece", Title: text("apiece"), Count: schema.Ratio, Of: "cost", Per: "point.staff", By: []string{"area"}, Shown: schema.Shown{Times: 10000, Decimals: 2}},
		{Name: "per_head", Title: text("per head"), Count: schema.Ratio, Of: "all", Per: "census.people", By: []string{"area"}, Shown: schema.Shown{Times: 10000, Decimals: 2}},
		{Name: "more", Title: text("more"), Count: schema.Difference, Of: "all", Back: "year", By: by},
		{Name: "points_up", Title: text("points up"), Count: schema.Difference, Of: "cover", Back: "month", By: by, Shown: schema.Shown{Decimals: 1}},
		{Name: "growth", Title: text("growth"), Count: schema.Growth, Of: "hours", Back: "quarter", By: by, Shown: schema.Shown{Times: 100, Decimals: 1}},
		{Name: "weekly", Title: text("weekly"), Count: schema.Growth, Of: "points", Back: "week", By: by, Shown: schema.Shown{Times: 100}},
	}
}

// history is records that change at random.
type history struct {
	rng      *rand.Rand
	registry *schema.Registry
	records  map[crdt.RecordID]crdt.Record
	figures  *Figures
}

func (h *history) pick(n int) bool { return h.rng.IntN(n) == 0 }

func (h *history) grid() crdt.Value {
	return crdt.Text([]string{"14058110521101", "14058110521102", "140581105212017", "14058110621101", "14058210521101"}[h.rng.IntN(5)])
}

func (h *history) date() crdt.Value {
	return crdt.Text(dayText(dayNumber("2024-01-01") + int32(h.rng.IntN(500))))
}

func (h *history) sort() crdt.Value { return crdt.Text([]string{"a", "b", "c", "d"}[h.rng.IntN(4)]) }

// step changes one record: it is written anew, deleted, brought back, or said to be one
// with another.
func (h *history) step() {
	at := id(h.rng.IntN(70))
	before := h.records[at]
	after := h.work()
	if at[15] < 20 {
		after = record("point", map[crdt.FieldID]crdt.Value{1: h.grid(), 2: h.sort(), 3: crdt.Int(int64(h.rng.IntN(30) - 5))})
	}
	if at[15] >= 60 {
		places := []string{"140581", "140581105", "140581106", "140581105211", "140582"}
		after = record("census", map[crdt.FieldID]crdt.Value{1: crdt.Text(places[h.rng.IntN(5)]), 2: crdt.Int(int64(h.rng.IntN(900))), 3: h.date()})
	}
	if h.pick(4) && before.Kind != "" {
		after = before.Clone()
		dot := crdt.Dot{Writer: 5, Seq: uint64(h.rng.IntN(1 << 30))}
		other := id(int(at[15])/20*20 + h.rng.IntN(20))
		switch h.rng.IntN(4) {
		case 0:
			after.Apply(dot, 9, before.Delete(at), crdt.Frontier{1: 1})
		case 1, 2:
			after.Apply(dot, 9, before.SameAs(at, other), crdt.Frontier{1: 1, 5: 1 << 40})
			if theirs := h.records[other]; theirs.Kind == before.Kind && at != other && h.pick(2) {
				both := theirs.Clone()
				both.Apply(dot, 9, theirs.SameAs(other, at), crdt.Frontier{1: 1, 5: 1 << 40})
				h.figures.Change(other, theirs, both)
				h.records[other] = both
			}
		default:
			for _, name := range before.Aliases() {
				dot.Index++
				after.Apply(dot, 9, before.NotSameAs(at, name), crdt.Frontier{1: 1, 5: 1 << 40})
			}
		}
	}
	h.figures.Change(at, before, after)
	h.records[at] = after
}

func (h *history) work() crdt.Record {
	values := map[crdt.FieldID]crdt.Value{1: h.grid(), 2: h.date(), 4: crdt.Bool(h.pick(2)), 5: crdt.Ref(id(h.rng.IntN(22)))}
	if !h.pick(5) {
		values[3], values[7] = h.sort(), crdt.Float(float64(h.rng.IntN(9000)-3000)/1000)
	}
	if !h.pick(3) {
		values[8] = crdt.Int(1704067200000 + h.rng.Int64N(400*day))
	}
	if !h.pick(3) {
		values[9] = h.date()
	}
	if h.pick(6) {
		delete(values, []crdt.FieldID{2, 5, 4}[h.rng.IntN(3)])
	}
	rec := record("work", values)
	for i := range h.rng.IntN(3) {
		w := crdt.NewWriter(uint32(i+2), 0)
		rec.Apply(crdt.Dot{Writer: w, Seq: 1}, 2, rec.Add(crdt.RecordID{}, "work", 6, w, int64(h.rng.IntN(9)+1)), nil)
		rec.Apply(crdt.Dot{Writer: w, Seq: 2}, 2, rec.AddElement(crdt.RecordID{}, "work", 10, h.sort()), nil)
	}
	return rec
}

// ask makes up a question, which need not be one.
func (h *history) ask() Query {
	kinds := h.registry.Kinds()
	k := kinds[[]int{0, 1, 1, 1, 1, 1, 1, 1, 1, 2}[h.rng.IntN(10)]]
	r := k.Reports[h.rng.IntN(len(k.Reports))]
	q := Query{Report: k.Name + "." + r.Name}
	for _, by := range []string{"area:6", "area:9", "area:12", "area:14", "area", "day", "week", "month", "quarter", "year", "sort", "open"} {
		if h.pick(6) {
			q.By = append(q.By, by)
		}
	}
	h.rng.Shuffle(len(q.By), func(i, j int) { q.By[i], q.By[j] = q.By[j], q.By[i] })
	if h.pick(3) {
		area, _ := h.grid().Text()
		q.Area = area[:2+h.rng.IntN(len(area)-2)]
	}
	for _, day := range []*string{&q.From, &q.To, &q.AsOf} {
		if !h.pick(3) {
			*day, _ = h.date().Text()
		}
	}
	if h.pick(3) {
		first, last := periodDays([]string{"month", "quarter", "year"}[h.rng.IntN(3)], dayNumber("2024-01-01")+int32(h.rng.IntN(500)))
		q.From, q.To = dayText(first), dayText(last)
	}
	if h.pick(3) {
		value, _ := h.sort().Text()
		q.Where = map[string]string{"sort": value}
	}
	return q
}

func (h *history) recount() *Recount {
	c := NewRecount(h.registry)
	for id, rec := range h.records {
		c.Add(id, rec)
	}
	return c
}

func TestAnyFigureEqualsARecountAfterAnyHistory(t *testing.T) {
	answered := map[string]int{}
	for seed := range uint64(60) {
		h := &history{rng: rand.New(rand.NewPCG(seed, 11)), registry: everything(t), records: map[crdt.RecordID]crdt.Record{}}
		h.figures = New(h.registry)
		if seed%3 > 0 {
			h.figures.rolledFrom, h.figures.rollStep = 1, 3
			h.figures.Reset()
		}
		for round := range 8 {
			for range 20 {
				h.step()
				for range h.rng.IntN(4) { // rollups are on their way while records change
					h.figures.RollUp(h.pick(2))
				}
			}
			if round == 3 && seed%3 == 2 {
				h.figures.Ready()
			}
			for seed%3 == 2 && round > 4 && h.figures.RollUp(true) {
			}
			twin := h.recount()
			for range 30 {
				q := h.ask()
				table, err := h.figures.Answer(q)
				if err != nil {
					continue
				}
				answered[q.Report]++
				if got, want := table.Counted(), twin.Count(q); !maps.Equal(got, want) {
					t.Fatalf("seed %d: %+v\nfigures %v\nrecount %v\n", seed, q, got, want)
				}
			}
		}
	}
	for _, k := range everything(t).Kinds() {
		for _, r := range k.Reports {
			if answered[k.Name+"."+r.Name] < 20 {
				t.Errorf("%s.%s was answered %d times: it is hardly tested", k.Name, r.Name, answered[k.Name+"."+r.Name])
			}
		}
	}
}
