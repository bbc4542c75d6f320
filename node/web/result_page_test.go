package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/chromedp/chromedp"

	"wangge/crdt"
	"wangge/node/web"
	"wangge/schema"
	"wangge/schema/kindfile"
)

// worksResults has both make fields' values of what the formulas come to.
func worksResults(t *testing.T, tab *tab, form map[string]any, formulas []schema.Formula) {
	t.Helper()
	types := map[string][]schema.FieldType{
		"float64": {schema.TypeInt, schema.TypeDecimal}, "string": {schema.TypeText, schema.TypeDate, schema.TypeChoice}, "bool": {schema.TypeBool}, "<nil>": {schema.TypeInt},
	}
	kind, rec := standing(form)
	given := len(kind.Fields)
	for i, f := range formulas {
		fits := types[fmt.Sprintf("%T", f.Value(func(name string) any { return form[name] }))]
		if len(fits) == 0 {
			continue
		}
		one := schema.Field{
			Name: fmt.Sprintf("r%d", i), Type: fits[i%len(fits)], Merge: crdt.Register, Is: f,
			Range: schema.Range{Min: -3, Max: 4}, Options: []schema.Option{{Value: "x"}, {Value: "待跟进"}, {Value: "14"}},
		}
		if i%4 == 0 {
			one.Ask = formulas[(i+1)%len(formulas)]
		}
		one.ID = crdt.FieldID(len(kind.Fields) + 1)
		kind.Fields = append(kind.Fields, one)
	}
	fields, err := json.Marshal(kind.Fields[given:])
	if err != nil {
		t.Fatal(err)
	}
	filled, _ := json.Marshal(form)
	script := fmt.Sprintf(`import('/app/formula.js').then(({ holds, result }) => { const form = %s; const of = (name) => form[name];
		return JSON.stringify(%s.map((f) => (f.ask === undefined || holds(f.ask, of) ? result(f, of) : null) ?? null)) })`, filled, fields)
	got, err := chromedp.Run(tab.ctx, chromedp.Evaluate[string](script, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	var page []any
	if err := json.Unmarshal([]byte(got), &page); err != nil {
		t.Fatal(err)
	}
	all, said := kind.Calculate(rec), 0
	for i, f := range kind.Fields[given:] {
		var node any
		if v := all.Cells[f.ID].Winner(); v != "" {
			node = schema.Show(v)
			said++
		}
		if fmt.Sprint(page[i]) != fmt.Sprint(node) {
			t.Errorf("%s, a %s, is %v to the node and %v to the page", f.Is, f.Type, node, page[i])
		}
	}
	if said < 200 {
		t.Errorf("only %d fields come to something", said)
	}
}

// standing returns a record that says what a form says, and a kind with its fields.
func standing(form map[string]any) (kind schema.Kind, rec crdt.Record) {
	kind = schema.Kind{Name: "x"}
	rec = crdt.Record{Kind: "x", Cells: map[crdt.FieldID]crdt.Cell{}}
	put := func(f schema.Field, values ...crdt.Value) {
		f.ID = crdt.FieldID(len(kind.Fields) + 1)
		kind.Fields = append(kind.Fields, f)
		cell := crdt.Cell{Type: f.Merge}
		for i, v := range values {
			cell.Entries = append(cell.Entries, crdt.Entry{Dot: crdt.Dot{Seq: uint64(i)}, Value: v})
		}
		rec.Cells[f.ID] = cell
	}
	for name, v := range form {
		switch v := v.(type) {
		case float64:
			put(schema.Field{Name: name, Type: schema.TypeDecimal, Merge: crdt.Register}, crdt.Float(v))
		case string:
			put(schema.Field{Name: name, Type: schema.TypeText, Merge: crdt.Register}, crdt.Text(v))
		case bool:
			put(schema.Field{Name: name, Type: schema.TypeBool, Merge: crdt.Register}, crdt.Bool(v))
		case []string:
			put(schema.Field{Name: name, Type: schema.TypeChoices, Merge: crdt.Set}, crdt.Text(v[0]), crdt.Text(v[1]))
		}
	}
	return kind, rec
}

// seesWhatComesOut sees a figure that is worked out while it is typed.
func seesWhatComesOut(t *testing.T, browser context.Context) {
	registry, err := kindfile.Load(fstest.MapFS{"tree.yaml": {Data: []byte(`kind: tree
title: {zh: 树, en: Tree}
class: open
area: {field: area, level: community}
fields:
  - {id: 1, name: area, title: {zh: 社区, en: Community}, type: area, required: true}
  - {id: 2, name: planted, title: {zh: 栽, en: Planted}, type: int}
  - {id: 3, name: dead, title: {zh: 枯, en: Dead}, type: int}
  - {id: 4, name: alive, title: {zh: 成活, en: Alive}, type: int, range: [0, 1000], is: planted - dead}
  - {id: 5, name: why, title: {zh: 枯因, en: Why}, type: text, ask: alive < planted}
`)}})
	if err != nil {
		t.Fatal(err)
	}
	b := newBox(registry)
	tab := openTab(t, browser, web.Options{Registry: b.registry, Machine: b, Desk: b}, "/#/fill/tree")
	tab.types("#field-area", home)
	tab.types("#field-planted", "40")
	tab.until(`document.querySelector('output').textContent === '–' && !document.querySelector('#field-why').checkVisibility()`)
	tab.types("#field-dead", "2")
	tab.until(`document.querySelector('output').textContent === '38' && document.querySelector('#field-why').checkVisibility()`)
	tab.clicksText("保存")
	tab.sees(".receipt", "已保存")
	list, err := b.List("tree", nil, 1)
	if err != nil || len(list.Items) != 1 || list.Items[0].Values["dead"] == nil {
		t.Errorf("saved %v, %v", list.Items, err)
	}
}
