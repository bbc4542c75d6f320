package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/chromedp/chromedp"

	"wangge/schema"
)

func asksWhatFollows(t *testing.T, browser context.Context) {
	tab, b := openDesk(t, browser, "/#/fill/mediation_note")
	tab.sees("form", "结果")
	const unasked = `!document.querySelector('#field-handed_to').checkVisibility()`
	tab.until(unasked)
	tab.types("#field-parties", "甲、乙")
	tab.chooses("#field-category", "邻里")
	tab.clicksText("转办")
	tab.sees("form", "转办单位")
	tab.types("#field-handed_to", "镇司法所")
	tab.clicksText("未达成")
	tab.until(unasked)
	tab.clicksText("转办")
	tab.until(`document.querySelector('#field-handed_to').value === '镇司法所'`) // not lost with a slip
	tab.clicksText("未达成")
	tab.clicksText("保存")
	tab.sees(".receipt", "已保存")
	list, err := b.List("mediation_note", nil, 1)
	if err != nil || len(list.Items) != 1 || list.Items[0].Values["handed_to"] != nil {
		t.Errorf("saved %v, %v", list.Items, err)
	}
}

// worksFormulas has the page and the node work out the same formulas.
func worksFormulas(t *testing.T, browser context.Context) {
	tab, _ := openDesk(t, browser, "/#/fill/grid_visit")
	form := map[string]any{"a": 3.0, "b": -0.5, "t": "待跟进", "u": "𠀋", "d": "2024-02-29", "e": "2026-02-28", "y": true, "l": []string{"x", "待跟进"}, "m": 1763776800000.0,
		"i": "11010519491231002X", "c": "140581105211"}
	r := rand.New(rand.NewPCG(1, 2))
	var formulas []schema.Formula
	for len(formulas) < 2000 {
		if f, err := schema.ParseFormula(chanceFormula(r, 3)); err == nil {
			formulas = append(formulas, f)
		}
	}
	trees, err := json.Marshal(formulas)
	if err != nil {
		t.Fatal(err)
	}
	filled, _ := json.Marshal(form)
	script := fmt.Sprintf(`import('/app/formula.js').then(({ value }) => { const form = %s;
		return JSON.stringify(%s.map((tree) => value(tree, (name) => form[name]) ?? null)) })`, filled, trees)
	got, err := chromedp.Run(tab.ctx, chromedp.Evaluate[string](script, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	var page []any
	if err := json.Unmarshal([]byte(got), &page); err != nil {
		t.Fatal(err)
	}
	said := map[string]int{}
	for i, f := range formulas {
		node := f.Value(func(name string) any { return form[name] })
		if list, ok := node.([]string); ok {
			node = []any{list[0], list[1]}
		}
		if !reflect.DeepEqual(page[i], node) {
			t.Errorf("%s is %v to the node and %v to the page", f, node, page[i])
		}
		said[fmt.Sprintf("%T", node)]++
	}
	if said["bool"] < 100 || said["float64"] < 100 || said["string"] < 50 {
		t.Errorf("the formulas say too little: %v", said)
	}
	worksResults(t, tab, form, formulas)
}

// chanceFormula writes a formula that may make no sense, as JSON can carry one.
func chanceFormula(r *rand.Rand, depth int) string {
	leaves := []string{"a", "b", "t", "u", "d", "e", "y", "l", "m", "i", "c", "9", "nothing", "0", "2.5", `"x"`, `"待跟进"`, `"2025-03-01"`, `"2025-02-30"`, "true", "false"}
	if depth == 0 || r.IntN(8) == 0 {
		return leaves[r.IntN(len(leaves))]
	}
	one := func() string { return chanceFormula(r, depth-1) }
	switch n := r.IntN(6); n {
	case 0, 1:
		ops := []string{"or", "and", "=", "!=", "<", "<=", ">", ">=", "has", "+", "-", "*", "/"}
		return "(" + one() + " " + ops[r.IntN(len(ops))] + " " + one() + ")"
	case 2:
		return "(" + one() + " in (" + one() + ", " + one() + "))"
	case 3:
		return []string{"not ", "filled", "count", "length", "day", "round", "born", "sex"}[r.IntN(8)] + "(" + one() + ")"
	case 4:
		return "join(" + one() + ", " + one() + ", " + one() + ")"
	}
	if r.IntN(5) == 0 {
		return "if(" + one() + ", " + one() + ", " + one() + ")"
	}
	return []string{"days", "years", "min", "max", "area", "later"}[r.IntN(6)] + "(" + one() + ", " + one() + ")"
}
