package kindfile_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"wangge/crdt"
	"wangge/schema"
	"wangge/schema/kindfile"
)

const tree = `kind: tree
title: {zh: 树, en: Tree}
class: open
area: {field: grid, level: community}
fields:
  - {id: 1, name: grid, title: {zh: 网格, en: Grid}, type: grid, required: true}
  - {id: 2, name: waterings, title: {zh: 浇水, en: Waterings}, type: int, merge: counter, range: [0, 9]}
  - id: 3
    name: state
    title: {zh: 长势, en: State}
    type: choices
    options:
      - {value: 好, en: Good}
      - {value: "02", zh: 差, en: Poor}
reports:
  - {name: trees, title: {zh: 棵数, en: Trees}, count: records, by: [area]}
`

func load(text string) (*schema.Registry, error) {
	return kindfile.Load(fstest.MapFS{"tree.yaml": {Data: []byte(text)}})
}

func TestShippedKindsHoldTogether(t *testing.T) {
	registry, err := kindfile.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"grid_visit", "mediation_note", "newjob_checkin", "person"} {
		if _, ok := registry.Kind(name); !ok {
			t.Errorf("%s does not ship", name)
		}
	}
}

func TestWhatGoesWithoutSayingIsCompiled(t *testing.T) {
	registry, err := load(tree)
	if err != nil {
		t.Fatal(err)
	}
	kind, _ := registry.Kind("tree")
	if kind.Class != crdt.Open || kind.Area.Level != schema.Community {
		t.Errorf("got %v, %v", kind.Class, kind.Area)
	}
	for name, want := range map[string]crdt.Type{"grid": crdt.Register, "waterings": crdt.Counter, "state": crdt.Set} {
		if f, _ := kind.Field(name); f.Merge != want {
			t.Errorf("%s merges as %s", name, f.Merge)
		}
	}
	state, _ := kind.Field("state")
	if good, poor := state.Options[0].Title, state.Options[1].Title; good.Zh != "好" || poor.Zh != "差" {
		t.Errorf("the options are %v and %v", good, poor)
	}
	if f, _ := kind.Field("waterings"); f.Range != (schema.Range{Min: 0, Max: 9}) {
		t.Errorf("the range is %v", f.Range)
	}
}

func TestAFieldMergesAsItsFileSays(t *testing.T) {
	number := "type: int, merge: counter, range: [0, 9]"
	for merge, line := range map[string]string{
		"bounded": "type: int, merge: bounded", "log": "type: text, merge: log", "text": "type: text, merge: text, multiline: true",
	} {
		registry, err := load(strings.Replace(tree, number, line, 1))
		if err != nil {
			t.Errorf("%s: %v", merge, err)
			continue
		}
		kind, _ := registry.Kind("tree")
		if f, _ := kind.Field("waterings"); f.Merge.String() != merge {
			t.Errorf("%s is compiled to %s", merge, f.Merge)
		}
	}
}

func TestWrongFileIsNamedWithItsLine(t *testing.T) {
	tests := []struct{ old, new, want string }{
		{"class: open", "class: open\ncolour: green", "tree.yaml:4: "},
		{"type: grid,", "type: grid, colour: green,", "tree.yaml:6: "},
		{"{value: 好, en: Good}", "{value: 好, fr: Bon}", "tree.yaml:13: "},
		{"count: records,", "count: records, colour: green,", "tree.yaml:16: "},
		{"class: open", "class: [open", "tree.yaml:"},
		{"id: 3", "id: three", "tree.yaml:8: this value has the wrong type"},
		{"class: open", "class: open\nclass: open", "tree.yaml:4: "},
		{"class: open", "class: secret", "tree.yaml:3: class: "},
		{"level: community", "level: moon", "tree.yaml:4: area.level: "},
		{"merge: counter", "merge: last", "tree.yaml:7: fields[1].merge: "},
		{"[0, 9]", "[0, 9, 10]", "tree.yaml:7: fields[1].range: "},
		{"[0, 9]", "[9, 0]", "tree.yaml:7: fields[1].range: "},
		{"id: 3", "id: 2", "tree.yaml:8: fields[2].id: "},
		{"value: \"02\"", "value: 好", "tree.yaml:14: fields[2].options[1].value: "},
		{"by: [area]", "by: [area, horse]", "tree.yaml:16: reports[0].by[1]: "},
		{"title: {zh: 树, en: Tree}\n", "", "tree.yaml:1: title: "},
		{"kind: tree", "kind: bush", "tree.yaml:1: kind: "},
		{"reports:", "---\nreports:", "tree.yaml: write one kind"},
	}
	for _, test := range tests {
		if !strings.Contains(tree, test.old) {
			t.Fatalf("%q is not in the file", test.old)
		}
		_, err := load(strings.Replace(tree, test.old, test.new, 1))
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%q: got %v, want %s", test.new, err, test.want)
		}
	}
}

func TestFaultAcrossFilesIsNamedInItsOwn(t *testing.T) {
	_, err := kindfile.Load(fstest.MapFS{
		"bush.yaml": {Data: []byte(strings.Replace(tree, "kind: tree", "kind: bush", 1))},
		"tree.yaml": {Data: []byte(strings.Replace(tree, "type: choices", "type: link\n    to: horse", 1))},
	})
	if err == nil || !strings.HasPrefix(err.Error(), "tree.yaml:1") {
		t.Errorf("got %v", err)
	}
}

func TestFolderWithoutKindsIsRefused(t *testing.T) {
	if _, err := kindfile.Load(fstest.MapFS{}); err == nil {
		t.Error("an empty folder was taken")
	}
	if _, err := load(strings.Repeat("# long\n", 1<<16)); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("a long file: got %v", err)
	}
	if _, err := load(""); err == nil {
		t.Error("an empty file was taken")
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(tree)
	f.Add("kind: &a {b: *a}")
	f.Add("- - -")
	f.Fuzz(func(t *testing.T, text string) {
		if registry, err := load(text); err == nil && len(registry.Kinds()) != 1 {
			t.Errorf("one file gives %d kinds", len(registry.Kinds()))
		}
	})
}
