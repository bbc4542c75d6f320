package kindfile_test

import (
	"bytes"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"wangge/schema/kindfile"
	"wangge/schema/kinds"
)

// editor returns the schema as a validator of the field reads it.
func editor(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := kindfile.Editor()
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	if err := compiler.AddResource("kind.json", document); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("kind.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// marked returns what an editor marks in a file.
func marked(t *testing.T, schema *jsonschema.Schema, text []byte) error {
	t.Helper()
	data, err := yaml.YAMLToJSON(text)
	if err != nil {
		return err
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return err
	}
	return schema.Validate(document)
}

func TestEditorsTakeEveryShippedKind(t *testing.T) {
	schema := editor(t)
	names, err := fs.Glob(kinds.Files, "*.yaml")
	if err != nil || len(names) < 5 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(kinds.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		if err := marked(t, schema, text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// whole is a kind that says everything that a kind may say.
const whole = `kind: tree
title: {zh: 树, en: Tree}
system: {zh: 绿化, en: Greening}
class: personal
area: {field: grid, level: community}
identity: [number]
when: planted
fields:
  - {id: 1, name: grid, title: {zh: 网格, en: Grid}, type: grid, required: true}
  - {id: 2, name: number, section: {zh: 树, en: The tree}, title: {zh: 编号, en: Number}, hint: {zh: 牌上, en: On its sign}, type: text, required: true, guarded: true, range: [1, 9]}
  - {id: 3, name: planted, title: {zh: 栽于, en: Planted}, type: date}
  - {id: 4, name: waterings, title: {zh: 浇水, en: Waterings}, type: int, merge: counter, range: [0, 9]}
  - id: 5
    name: state
    title: {zh: 状态, en: State}
    type: ladder
    options:
      - {value: 待办, en: Open}
      - {value: 办结, zh: 办结了, en: Done, after: [待办], ends: true, asks: [note]}
  - {id: 6, name: note, title: {zh: 备注, en: Note}, type: text, multiline: true, merge: text, ask: "filled(planted)", must: [{that: count(note) < 99, else: {zh: 太短, en: too short}}]}
  - {id: 7, name: near, title: {zh: 邻树, en: Near}, type: links, to: tree}
  - {id: 8, name: rest, title: {zh: 其他, en: Rest}, type: file, sealed: true, files: {media: [application/pdf], size: 5, count: 2}}
  - {id: 9, name: age, title: {zh: 树龄, en: Age}, type: int, is: "years(planted, planted)"}
reports:
  - {name: trees, title: {zh: 棵数, en: Trees}, count: records, by: [area, day], where: ['state = "办结"'], unit: {zh: 棵, en: trees}}
  - {name: share, title: {zh: 占比, en: Share}, count: ratio, of: trees, per: trees, times: 100, decimals: 1, rounding: floor, by: [area]}
retired: [20]
`

func TestEditorsMarkWhatCannotBeRead(t *testing.T) {
	schema := editor(t)
	load := func(text string) error {
		_, err := kindfile.Load(fstest.MapFS{"tree.yaml": {Data: []byte(text)}})
		return err
	}
	if err := load(whole); err != nil {
		t.Fatal(err)
	}
	if err := marked(t, schema, []byte(whole)); err != nil {
		t.Fatal(err)
	}
	for _, test := range unreadable() {
		text := strings.Replace(whole, test[0], test[1], 1)
		if text == whole {
			t.Fatalf("%q is not in the file", test[0])
		}
		if load(text) == nil {
			t.Errorf("%q is read", test[1])
		}
		if marked(t, schema, []byte(text)) == nil {
			t.Errorf("%q is not marked", test[1])
		}
	}
}

// unreadable returns a text of the whole kind, and another that cannot be read there.
func unreadable() [][2]string {
	return [][2]string{
		{"kind: tree", "kind: Tree"},
		{"kind: tree\n", ""},
		{"title: {zh: 树, en: Tree}\n", ""},
		{"title: {zh: 树, en: Tree}", "title: {zh: 树}"},
		{"title: {zh: 树, en: Tree}", "title: {zh: 树, en: Tree, fr: Arbre}"},
		{"system: {zh: 绿化, en: Greening}", "system: {en: Greening}"},
		{"class: personal", "class: secret"},
		{"class: personal", "colour: green\nclass: personal"},
		{"level: community", "level: moon"},
		{"area: {field: grid, level: community}", "area: {field: grid}"},
		{"area: {field: grid, level: community}", "area: grid"},
		{"identity: [number]", "identity: {a: 3}"},
		{"retired: [20]", "retired: [0]"},
		{"retired: [20]", "retired: [x]"},
		{"id: 2", "id: 0"},
		{"id: 2", "id: 70000"},
		{"id: 2", "id: two"},
		{"name: number,", "name: kind,"},
		{"name: number,", "name: 9number,"},
		{"type: date", "type: poem"},
		{"type: date", "merge: register"},
		{"merge: counter", "merge: last"},
		{"range: [0, 9]", "range: [0]"},
		{"range: [0, 9]", "range: [0, 9, 10]"},
		{"range: [0, 9]", "range: [a, b]"},
		{"required: true, guarded", "required: 3, guarded"},
		{"{value: 待办, en: Open}", "{en: Open}"},
		{"{value: 待办, en: Open}", "{value: 待办}"},
		{"{value: 待办, en: Open}", "{value: 待办, en: Open, colour: green}"},
		{"type: ladder", "type: text"},
		{"type: ladder\n    options:\n      - {value: 待办, en: Open}\n      - {value: 办结, zh: 办结了, en: Done, after: [待办], ends: true, asks: [note]}", "type: ladder"},
		{"type: links, to: tree", "type: links"},
		{"type: links, to: tree", "type: text, to: tree"},
		{"type: links, to: tree", "type: links, to: tree, parent: x"},
		{"type: links, to: tree", "type: text, inline: true"},
		{"type: file, sealed", "type: text, sealed"},
		{"size: 5", "size: 21"},
		{"count: 2}}", "count: 51}}"},
		{"media: [application/pdf]", "media: []"},
		{"that: count(note) < 99, ", ""},
		{", else: {zh: 太短, en: too short}", ""},
		{"count: records", "count: all"},
		{"count: records, ", ""},
		{"name: trees, ", ""},
		{"where: ['state = \"办结\"']", "where: ['']"},
		{"where: ['state = \"办结\"']", "where: {state: 办结}"},
		{"count: ratio, of: trees, per: trees, times: 100", "count: growth, of: trees, back: decade, times: 100"},
		{"rounding: floor", "say: maybe"},
		{"rounding: floor", "rounding: up"},
		{"decimals: 1", "decimals: 7"},
		{"times: 100", "times: -1"},
		{"unit: {zh: 棵, en: trees}", "unit: {zh: 棵}"},
	}
}
