package kindfile

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"wangge/crdt"
	"wangge/schema"
	"wangge/schema/kinds"
)

// Sample is a form that somebody might fill in, and what is to come of it.
type Sample struct {
	Line    int            // where it begins in its file
	Form    map[string]any // as its JSON would decode
	Problem string         // the field that is to be complained of; "" where the form is to be taken
	Shows   map[string]any // what the record is to show in some fields, calculated ones too
}

// ShippedSamples returns the forms that somebody might have filled in of a kind that
// comes with the program, and that are taken.
func ShippedSamples(kind string) (forms []map[string]any, err error) {
	samples, err := Samples(kinds.Files, kind)
	for _, s := range samples {
		if s.Problem == "" {
			forms = append(forms, s.Form)
		}
	}
	return forms, err
}

// Samples reads samples/KIND.yaml: a list of forms that are taken, and of forms with
// what comes of them; FORMAT.md has both. The error is fs.ErrNotExist where there are
// none.
func Samples(files fs.FS, kind string) ([]Sample, error) {
	name := samplesOf(kind)
	text, err := readFile(files, name)
	if err != nil {
		return nil, err
	}
	tree, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, spoken(name, err)
	}
	data, err := yaml.YAMLToJSON(text)
	if err != nil {
		return nil, spoken(name, err)
	}
	var items []map[string]any
	if err := json.Unmarshal(data, &items); err != nil {
		return nil, fmt.Errorf("%s: write a list of forms: %w", name, err)
	}
	lines := []ast.Node{}
	if list, ok := tree.Docs[0].Body.(*ast.SequenceNode); ok {
		lines = list.Values
	}
	samples := make([]Sample, len(items))
	for i, item := range items {
		if samples[i], err = sampleOf(item); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, lines[i].GetToken().Position.Line, err)
		}
		samples[i].Line = lines[i].GetToken().Position.Line
	}
	return samples, nil
}

func samplesOf(kind string) string { return "samples/" + kind + suffix }

// sampleOf reads an item: a form by itself, or one that says what comes of it.
func sampleOf(item map[string]any) (s Sample, err error) {
	form, told := item["form"].(map[string]any)
	if !told {
		return Sample{Form: item}, nil
	}
	problem, isText := item["problem"].(string)
	shows, isForm := item["shows"].(map[string]any)
	for key := range item {
		if key != "form" && !(key == "problem" && isText) && !(key == "shows" && isForm) {
			return s, fmt.Errorf("%s: a sample has form, and problem (a field) or shows (fields and values)", key)
		}
	}
	if isText && isForm {
		return s, fmt.Errorf("a form that is refused shows nothing: take out problem or shows")
	}
	return Sample{Form: form, Problem: problem, Shows: shows}, nil
}

// Try returns what comes of the form other than it is to, a sentence each.
func (s Sample) Try(registry *schema.Registry, kind string) (differs []string) {
	filled, problems := registry.Check(kind, s.Form)
	if len(problems) == 0 { // of a kind with an identity a node judges these, which has the record
		problems = filled.Steps(crdt.Record{})
	}
	blamed := func(p schema.Problem) bool { return p.Field == s.Problem }
	switch {
	case s.Problem == "" && len(problems) > 0:
		return []string{"is refused: " + problems.Error()}
	case s.Problem != "" && len(problems) == 0:
		return []string{"is taken, and is to be refused for " + s.Problem}
	case s.Problem != "" && !slices.ContainsFunc(problems, blamed):
		return []string{"is to be refused for " + s.Problem + ", and is refused: " + problems.Error()}
	case s.Problem != "":
		return nil
	}
	shown := shownBy(filled)
	for _, name := range slices.Sorted(maps.Keys(s.Shows)) {
		if got, want := told(shown[name]), told(s.Shows[name]); got != want {
			differs = append(differs, fmt.Sprintf("%s shows %s and is to show %s", name, got, want))
		}
	}
	return differs
}

// shownBy returns what a record shows that the form has just written.
func shownBy(filled schema.Filled) map[string]any {
	records := filled.Records(nil, func() crdt.RecordID { return crdt.RecordID{1} })
	own := records[len(records)-1]
	rec, w := crdt.Record{}, crdt.NewWriter(1, 0)
	for i, op := range own.Ops(crdt.Record{}, w) {
		rec.Apply(crdt.Dot{Writer: w, Seq: 1, Index: uint32(i)}, 1, op, nil)
	}
	rec = own.Kind.Calculate(rec)
	values := map[crdt.FieldID][]crdt.Value{}
	for i := range own.Kind.Fields {
		f := &own.Kind.Fields[i]
		values[f.ID] = f.Shown(rec.Cells[f.ID])
	}
	return own.Kind.Form(values)
}

// told writes a value so that two that read the same are the same.
func told(v any) string {
	data, err := json.Marshal(v)
	if err != nil || v == nil {
		return "nothing"
	}
	return strings.TrimSpace(string(data))
}
