package report

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"wangge/crdt"
	"wangge/schema"
)

// sites has records with amounts, and reports of every count over them.
func sites(t *testing.T) *schema.Registry {
	t.Helper()
	text := func(s string) schema.Text { return schema.Text{Zh: s, En: s} }
	field := func(id crdt.FieldID, name string, kind schema.FieldType, merge crdt.Type) schema.Field {
		f := schema.Field{ID: id, Name: name, Title: text(name), Type: kind, Merge: merge}
		if id > 2 && id < 6 {
			f.Range = schema.Range{Min: -1000, Max: 1000}
		}
		return f
	}
	area, open := field(1, "area", schema.TypeArea, crdt.Register), field(2, "open", schema.TypeBool, crdt.Register)
	area.Required = true
	by := []string{"area"}
	site := schema.Kind{
		Name: "site", Title: text("site"), Area: schema.Area{Field: "area", Level: 12},
		Fields: []schema.Field{
			area, open, field(3, "staff", schema.TypeInt, crdt.Register), field(4, "share", schema.TypeDecimal, crdt.Register),
			field(5, "calls", schema.TypeInt, crdt.Counter),
		},
		Reports: []schema.Report{
			{Name: "all", Title: text("all"), Count: schema.Records, By: by},
			{Name: "opened", Title: text("opened"), Count: schema.Records, By: by, Where: conditions(t, "open")},
			{Name: "staff", Title: text("staff"), Count: schema.Sum, Of: "staff", By: by},
			{Name: "share", Title: text("share"), Count: schema.Sum, Of: "share", By: by, Shown: schema.Shown{Decimals: 3}},
			{Name: "calls", Title: text("calls"), Count: schema.Sum, Of: "calls", By: by},
			{Name: "mean", Title: text("mean"), Count: schema.Average, Of: "staff", By: by, Shown: schema.Shown{Decimals: 2}},
			{Name: "rate", Title: text("rate"), Count: schema.Ratio, Of: "opened", Per: "all", By: by, Shown: schema.Shown{Times: 100, Rounding: schema.Floor}},
			{Name: "apiece", Title: text("apiece"), Count: schema.Ratio, Of: "share", Per: "site.staff", By: by, Shown: schema.Shown{Times: 10000, Decimals: 1}},
		},
	}
	r, err := schema.New([]schema.Kind{site})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func chanceSite(rng *rand.Rand) crdt.Record {
	values := map[crdt.FieldID]crdt.Value{1: crdt.Text(fmt.Sprintf("14058110%d211", rng.IntN(3))), 2: crdt.Bool(rng.IntN(3) > 0)}
	if rng.IntN(4) > 0 {
		values[3] = crdt.Int(int64(rng.IntN(60) - 20))
	}
	if rng.IntN(4) > 0 {
		values[4] = crdt.Float(float64(rng.IntN(9000)-3000) / 1000)
	}
	rec := record("site", values)
	for i := range rng.IntN(3) {
		w := crdt.NewWriter(uint32(i+2), 0)
		rec.Apply(crdt.Dot{Writer: w, Seq: 1}, 2, rec.Add(crdt.RecordID{}, "site", 5, w, int64(rng.IntN(9)+1)), nil)
	}
	return rec
}

// summed is the dumb twin: it adds up records with fractions that are never rounded.
type summed struct{ all, opened, filled, staff, share, calls *big.Rat }

func summedUp(records map[crdt.RecordID]crdt.Record) summed {
	rat := func() *big.Rat { return new(big.Rat) }
	s := summed{rat(), rat(), rat(), rat(), rat(), rat()}
	one := big.NewRat(1, 1)
	for _, rec := range records {
		s.all.Add(s.all, one)
		if open, _ := rec.Cells[2].Winner().Bool(); open {
			s.opened.Add(s.opened, one)
		}
		if n, ok := rec.Cells[3].Winner().Int(); ok {
			s.staff.Add(s.staff, big.NewRat(n, 1))
			s.filled.Add(s.filled, one)
		}
		if x, ok := rec.Cells[4].Winner().Float(); ok {
			thousandths, _ := new(big.Rat).SetString(fmt.Sprintf("%.3f", x))
			s.share.Add(s.share, thousandths)
		}
		s.calls.Add(s.calls, big.NewRat(rec.Cells[5].Sum(), 1))
	}
	return s
}

// cut writes a fraction with so many decimals, half up or down.
func cut(x *big.Rat, decimals int, down bool) string {
	for range decimals {
		x = new(big.Rat).Mul(x, big.NewRat(10, 1))
	}
	if !down {
		x = new(big.Rat).Add(x, big.NewRat(1, 2))
	}
	whole := new(big.Int).Div(x.Num(), x.Denom()) // Euclidean: down, since denominators are above zero
	return Table{Decimals: decimals}.Figure(whole.Int64())
}

func TestSumsAveragesAndRatiosEqualARecountAfterAnyChanges(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 7))
		f := New(sites(t))
		records := map[crdt.RecordID]crdt.Record{}
		for range 40 {
			at, after := id(rng.IntN(15)), chanceSite(rng)
			f.Change(at, records[at], after)
			records[at] = after
		}
		s := summedUp(records)
		over := func(a, b *big.Rat, times int64) *big.Rat {
			if b.Sign() == 0 {
				return nil
			}
			return new(big.Rat).Mul(new(big.Rat).Quo(a, b), big.NewRat(times, 1))
		}
		for name, want := range map[string]struct {
			value    *big.Rat
			decimals int
			down     bool
		}{
			"staff": {s.staff, 0, false}, "share": {s.share, 3, false}, "calls": {s.calls, 0, false}, "mean": {over(s.staff, s.filled, 1), 2, false},
			"rate": {over(s.opened, s.all, 100), 0, true}, "apiece": {over(s.share, s.staff, 10000), 1, false},
		} {
			table, err := f.Answer(Query{Report: "site." + name, By: []string{"area"}})
			if err != nil {
				t.Fatal(err)
			}
			expected := ""
			if want.value != nil {
				expected = cut(want.value, want.decimals, want.down)
			}
			if table.Sum() != expected {
				t.Fatalf("seed %d: %s is %q, a recount says %q", seed, name, table.Sum(), expected)
			}
		}
	}
}

func TestRatioHasARowForEveryGroupThatCanBeDivided(t *testing.T) {
	f := New(sites(t))
	site := func(area int, open bool) crdt.Record {
		return record("site", map[crdt.FieldID]crdt.Value{1: crdt.Text(fmt.Sprintf("14058110%d211", area)), 2: crdt.Bool(open)})
	}
	if table, err := f.Answer(Query{Report: "site.rate"}); err != nil || !table.None || table.Sum() != "" || len(table.Rows) != 0 {
		t.Errorf("with no records: %+v, %v", table, err)
	}
	for i, rec := range []crdt.Record{site(1, true), site(1, true), site(1, false), site(2, false)} {
		f.Change(id(i), crdt.Record{}, rec)
	}
	table, err := f.Answer(Query{Report: "site.rate", By: []string{"area"}})
	if err != nil || len(table.Rows) != 2 || table.Rows[0].Count != 66 || table.Rows[1].Count != 0 || table.Total != 50 {
		t.Errorf("got %+v, %v: want 66 %% and 0 %%, 50 %% in all", table, err)
	}
	if table, _ = f.Answer(Query{Report: "site.rate", Area: "140581102"}); table.Total != 0 || table.None {
		t.Errorf("one area: %+v", table)
	}
}

func TestFigureIsWrittenWithItsPlaces(t *testing.T) {
	for want, n := range map[string]int64{"0.00": 0, "0.05": 5, "-0.05": -5, "12.34": 1234, "-1.00": -100} {
		if got := (Table{Decimals: 2}).Figure(n); got != want {
			t.Errorf("%d is written %s, want %s", n, got, want)
		}
	}
}
