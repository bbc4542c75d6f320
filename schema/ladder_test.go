package schema_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"wangge/crdt"
	"wangge/schema"
)

// petition is a ladder with a fork, two endings, and a way back.
func petition() *schema.Field {
	return &schema.Field{ID: 5, Name: "status", Type: schema.TypeLadder, Merge: crdt.Log, Options: []schema.Option{
		{Value: "登记"},
		{Value: "受理", After: []string{"登记", "退回"}},
		{Value: "转送", After: []string{"登记"}},
		{Value: "退回", After: []string{"转送"}},
		{Value: "答复", After: []string{"受理"}, Ends: true},
		{Value: "撤回", After: []string{"登记", "受理", "转送"}, Ends: true},
	}}
}

func TestACaseStandsWhereItsStepsLeadIt(t *testing.T) {
	for what, test := range map[string]struct {
		steps, stands string
		astray        int
	}{
		"nothing":                         {"", "", 0},
		"begun":                           {"登记", "登记", 0},
		"begun in the middle":             {"受理", "", 1},
		"the whole way":                   {"登记 转送 退回 受理 答复", "答复", 0},
		"two closings are one":            {"登记 受理 答复 答复", "答复", 0},
		"a step that does not follow":     {"登记 答复 受理", "受理", 1},
		"a closed case is not gone on":    {"登记 撤回 受理 答复", "撤回", 2},
		"a rung of a newer form moves it": {"登记 约谈 受理", "受理", 0},
	} {
		var cell crdt.Cell
		for i, rung := range strings.Fields(test.steps) {
			step := schema.Step{Rung: rung, Number: 1 + i}
			cell = cell.Apply(crdt.Dot{Writer: 1, Seq: uint64(1 + i)}, crdt.NewStamp(int64(1000-i)), crdt.Op{Type: crdt.Log, Value: step.Value()}, nil)
		}
		way := petition().Case(cell)
		astray := 0
		for _, s := range way.Steps {
			if s.Standing == schema.Astray {
				astray++
			}
		}
		if way.Rung != test.stands || astray != test.astray {
			t.Errorf("%s: stands at %q with %d astray, want %q with %d", what, way.Rung, astray, test.stands, test.astray)
		}
	}
}

// written is a step on its way.
type written struct {
	dot   crdt.Dot
	stamp crdt.Stamp
	value crdt.Value
}

// twin folds by hand: the least of what is left, again and again, held against a table
// of what follows what.
func twin(f *schema.Field, steps []written) (stands string, standings []schema.Standing) {
	follows := map[[2]string]bool{}
	for _, o := range f.Options {
		if len(o.After) == 0 {
			follows[[2]string{"", o.Value}] = true
		}
		for _, from := range o.After {
			follows[[2]string{from, o.Value}] = true
		}
	}
	left := slices.Clone(steps)
	for len(left) > 0 {
		least := 0
		for i := range left {
			if before(left[i], left[least]) {
				least = i
			}
		}
		s, _ := schema.ParseStep(left[least].value)
		standing := schema.Astray
		if s.Rung == stands {
			standing = schema.Again
		} else if follows[[2]string{stands, s.Rung}] {
			standing, stands = schema.Moved, s.Rung
		}
		standings = append(standings, standing)
		left = slices.Delete(left, least, least+1)
	}
	return stands, standings
}

func before(a, b written) bool {
	x, _ := schema.ParseStep(a.value)
	y, _ := schema.ParseStep(b.value)
	switch {
	case x.Number != y.Number:
		return x.Number < y.Number
	case a.stamp != b.stamp:
		return a.stamp < b.stamp
	}
	return a.dot.Compare(b.dot) < 0
}

// People take steps apart and meet now and then, their clocks wrong by days. Whoever
// holds the same steps finds the same case; nobody's step that answers another's stands
// before it; and the naive fold says the same.
func TestACaseIsFoldedAlikeWhateverTheOrder(t *testing.T) {
	f := petition()
	seen := map[schema.Standing]int{}
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 3))
		places := make([]crdt.Cell, 3)
		held := make([][]written, 3)
		skew := []int64{r.Int64N(9) - 4, 0, r.Int64N(9) - 4}
		for n := range 12 {
			at := r.IntN(3)
			if r.IntN(3) == 0 { // meets another
				for _, w := range held[(at+1)%3] {
					if !slices.Contains(held[at], w) {
						held[at], places[at] = append(held[at], w), applied(places[at], w)
					}
				}
			}
			rung := f.Options[r.IntN(len(f.Options))].Value
			if next := f.Next(f.Case(places[at]).Rung); len(next) > 0 && r.IntN(4) > 0 {
				rung = next[r.IntN(len(next))].Value // as the page lets one
			}
			step := f.Take(places[at], schema.Step{Rung: rung, Note: fmt.Sprint(n)}.Value())
			w := written{crdt.Dot{Writer: crdt.Writer(at), Seq: uint64(1 + n)}, crdt.NewStamp(1e12 + int64(n) + skew[at]), step}
			stood := f.Case(places[at]).Rung
			held[at], places[at] = append(held[at], w), applied(places[at], w)
			if got := f.Case(places[at]).Steps; got[len(got)-1].Entry.Dot != w.dot {
				t.Fatalf("seed %d: a step does not stand behind those that its author saw, %s: %+v", seed, stood, got)
			}
		}
		var all []written
		for _, list := range held {
			for _, w := range list {
				if !slices.Contains(all, w) {
					all = append(all, w)
				}
			}
		}
		stands, standings := twin(f, all)
		var first schema.Case
		for range 5 {
			r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			var cell crdt.Cell
			for _, w := range all {
				cell = applied(cell, w)
			}
			way := f.Case(cell)
			if first.Steps == nil {
				first = way
			}
			if !reflect.DeepEqual(way, first) || way.Rung != stands {
				t.Fatalf("seed %d: the case stands at %s, %s or %s: %+v", seed, way.Rung, first.Rung, stands, way)
			}
		}
		for i, s := range first.Steps {
			if seen[s.Standing]++; s.Standing != standings[i] {
				t.Fatalf("seed %d: step %d is %s, the naive fold says %s", seed, i, s.Standing, standings[i])
			}
		}
	}
	if seen[schema.Moved] < 500 || seen[schema.Again] < 100 || seen[schema.Astray] < 500 {
		t.Errorf("the worlds show too little: %v", seen)
	}
}

func applied(c crdt.Cell, w written) crdt.Cell {
	return c.Apply(w.dot, w.stamp, crdt.Op{Type: crdt.Log, Value: w.value}, nil)
}

func TestWhatIsNoStepIsLeftOut(t *testing.T) {
	for _, v := range []crdt.Value{
		"", crdt.Text(""), crdt.Text("登记"), crdt.Text("\n1\n\n"), crdt.Text("登记\n-1\n\n"), crdt.Text("登记\n1000000\n\n"),
		crdt.Text("登记\nx\n\n"), crdt.Text("登记\n1\n99\n"), crdt.Text("登记\n1\ny\n"), crdt.Int(3),
	} {
		if s, ok := schema.ParseStep(v); ok {
			t.Errorf("%q is the step %+v", v, s)
		}
		if way := petition().Case(applied(crdt.Cell{}, written{crdt.Dot{Writer: 1, Seq: 1}, 1, v})); len(way.Steps) > 0 {
			t.Errorf("%q is shown as %+v", v, way)
		}
	}
	s := schema.Step{Rung: "登记", Number: 7, At: 1732266000000, Note: "两行\n的话"}
	if again, ok := schema.ParseStep(s.Value()); !ok || again != s {
		t.Errorf("%+v reads back as %+v", s, again)
	}
}

func FuzzStep(f *testing.F) {
	f.Add("登记\n7\n1732266000000\n两行\n的话")
	f.Fuzz(func(t *testing.T, text string) {
		s, ok := schema.ParseStep(crdt.Text(text))
		if again, same := schema.ParseStep(s.Value()); ok && (!same || again != s) {
			t.Errorf("%q is %+v and then %+v", text, s, again)
		}
	})
}

// A formula sees where the case stands, whether that closes it, and when it came where.
func TestFormulasAskALadder(t *testing.T) {
	registry := shipped(t)
	kind, _ := registry.Kind("hazard_report")
	status, _ := kind.Field("status")
	var cell crdt.Cell
	for i, s := range []schema.Step{{Rung: "待处置"}, {Rung: "已消除", At: 1732266000000}, {Rung: "待处置"}, {Rung: "处置中"}, {Rung: "已消除", At: 1732276000000}} {
		s.Number = i + 1
		cell = applied(cell, written{crdt.Dot{Writer: 1, Seq: uint64(i + 1)}, crdt.NewStamp(1732260000000 + int64(i)), s.Value()})
	}
	for text, want := range map[string]any{
		`status`: "已消除", `status = "已消除"`: true, `ended(status)`: true, `steps(status)`: 4.0,
		`reached(status, "待处置")`: 1732260000000.0, `reached(status, "已消除")`: 1732276000000.0,
	} {
		formula, err := schema.ParseFormula(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := kind.Evaluate(formula, func(id crdt.FieldID) []crdt.Value {
			if id != status.ID {
				return nil
			}
			return status.Shown(cell)
		}); got != want {
			t.Errorf("%s is %v, want %v", text, got, want)
		}
	}
}

func TestFaultyLaddersAreRefused(t *testing.T) {
	ladder := func(k *schema.Kind) *schema.Field { f, _ := k.Field("status"); return f }
	for at, change := range map[string]func(*schema.Kind){
		"$.fields[8].options[1].after[0]": func(k *schema.Kind) { ladder(k).Options[1].After = []string{"没有"} },
		"$.fields[8].options[1].after": func(k *schema.Kind) {
			ladder(k).Options[1].After, ladder(k).Options[2].After = []string{"已消除"}, []string{"处置中"}
		},
		"$.fields[8].options[2].asks[0]": func(k *schema.Kind) { ladder(k).Options[2].Asks = []string{"status"} },
		"$.fields[6].options[0].ends":    func(k *schema.Kind) { f, _ := k.Field("category"); f.Options[0].Ends = true },
		"$.fields[6].options[1].after":   func(k *schema.Kind) { f, _ := k.Field("category"); f.Options[1].After = []string{"消防"} },
		"$.fields[8].merge":              func(k *schema.Kind) { ladder(k).Merge = crdt.Register },
		"$.fields[8].must[0].that": func(k *schema.Kind) {
			ladder(k).Must[0].That, _ = schema.ParseFormula(`reached(status, "没有") >= reported_at`)
		},
		"$.fields[8].ask": func(k *schema.Kind) { ladder(k).Ask, _ = schema.ParseFormula(`ended(category)`) },
	} {
		kinds, byName := copied(t, compiled(t))
		change(byName["hazard_report"])
		_, err := schema.New(kinds)
		if fault, ok := err.(*schema.Fault); !ok || fault.Path != at {
			t.Errorf("%s: %v", at, err)
		}
	}
}
