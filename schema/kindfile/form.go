package kindfile

import (
	"fmt"

	"wangge/crdt"
	"wangge/schema"
)

// form is a kind as people write it: names in place of numbers, and nothing that
// goes without saying.
type form struct {
	Kind     string         `yaml:"kind"`
	Title    schema.Text    `yaml:"title,flow"`
	System   schema.Text    `yaml:"system,flow,omitempty"`
	Class    string         `yaml:"class"`
	Area     area           `yaml:"area,flow"`
	Identity []string       `yaml:"identity,flow,omitempty"`
	When     string         `yaml:"when,omitempty"`
	Names    names          `yaml:"names,flow,omitempty"`
	Alike    alike          `yaml:"alike,flow,omitempty"`
	Decide   bool           `yaml:"decide,omitempty"`
	Fields   []field        `yaml:"fields"`
	Tasks    []task         `yaml:"tasks,omitempty"`
	Reports  []report       `yaml:"reports,omitempty"`
	Retired  []crdt.FieldID `yaml:"retired,omitempty"`
}

type area struct {
	Field string `yaml:"field"`
	Level string `yaml:"level"`
}

type names struct {
	Code  string `yaml:"code"`
	Title string `yaml:"title"`
	From  string `yaml:"from,omitempty"`
	To    string `yaml:"to,omitempty"`
	Next  string `yaml:"next,omitempty"`
}

type alike struct {
	Name string   `yaml:"name"`
	By   []string `yaml:"by,flow,omitempty"`
}

type field struct {
	ID        uint16           `yaml:"id"`
	Name      string           `yaml:"name"`
	Section   schema.Text      `yaml:"section,flow,omitempty"`
	Title     schema.Text      `yaml:"title,flow"`
	Hint      schema.Text      `yaml:"hint,flow,omitempty"`
	Type      schema.FieldType `yaml:"type"`
	Merge     string           `yaml:"merge,omitempty"` // the type's own when left out
	Required  bool             `yaml:"required,omitempty"`
	Guarded   bool             `yaml:"guarded,omitempty"`
	Sealed    bool             `yaml:"sealed,omitempty"`
	Office    bool             `yaml:"office,omitempty"`
	Multiline bool             `yaml:"multiline,omitempty"`
	Range     []float64        `yaml:"range,flow,omitempty"` // least and most
	Options   []option         `yaml:"options,omitempty"`
	To        string           `yaml:"to,omitempty"`
	Parent    string           `yaml:"parent,omitempty"`
	Inline    bool             `yaml:"inline,omitempty"`
	Files     files            `yaml:"files,omitempty"`
	Ask       string           `yaml:"ask,omitempty"`
	Must      []must           `yaml:"must,omitempty"`
	Is        string           `yaml:"is,omitempty"`
	Decide    schema.Decide    `yaml:"decide,flow,omitempty"`
}

type must struct {
	That string      `yaml:"that"`
	Else schema.Text `yaml:"else,flow"`
}

// files bounds a field of files; what is left out is the type's own.
type files struct {
	Media []string `yaml:"media,omitempty"`
	Size  int64    `yaml:"size,omitempty"` // MB
	Count int      `yaml:"count,omitempty"`
}

type option struct {
	Value string `yaml:"value"`
	Zh    string `yaml:"zh,omitempty"` // the value itself when left out
	En    string `yaml:"en"`

	After  []string `yaml:"after,flow,omitempty"`
	Begins bool     `yaml:"begins,omitempty"`
	Ends   bool     `yaml:"ends,omitempty"`
	Asks   []string `yaml:"asks,flow,omitempty"`
}

// compile says everything that goes without saying.
func (f *form) compile() (schema.Kind, *schema.Fault) {
	wrong := func(path, text string) (schema.Kind, *schema.Fault) {
		return schema.Kind{}, &schema.Fault{Kind: f.Kind, Path: path, Text: text}
	}
	class, err := crdt.ParseClass(f.Class)
	if err != nil {
		return wrong("$.class", "a class is open, personal or confidential")
	}
	level, ok := levels()[f.Area.Level]
	if !ok {
		return wrong("$.area.level", "a level is county, township or community")
	}
	kind := schema.Kind{
		Name: f.Kind, Title: f.Title, System: f.System, Class: class, Area: schema.Area{Field: f.Area.Field, Level: level},
		Identity: f.Identity, When: f.When, Decide: f.Decide, Retired: f.Retired,
	}
	if f.Names != (names{}) {
		kind.Names = (*schema.Naming)(&f.Names)
	}
	if f.Alike.Name != "" || len(f.Alike.By) > 0 {
		kind.Alike = (*schema.Alike)(&f.Alike)
	}
	for i, field := range f.Fields {
		compiled, part, text := field.compile()
		if text != "" {
			return wrong(fmt.Sprintf("$.fields[%d].%s", i, part), text)
		}
		kind.Fields = append(kind.Fields, compiled)
	}
	for i, r := range f.Reports {
		compiled, part, text := r.compile()
		if text != "" {
			return wrong(fmt.Sprintf("$.reports[%d].%s", i, part), text)
		}
		kind.Reports = append(kind.Reports, compiled)
	}
	for i, task := range f.Tasks {
		compiled, part, text := task.compile()
		if text != "" {
			return wrong(fmt.Sprintf("$.tasks[%d].%s", i, part), text)
		}
		kind.Tasks = append(kind.Tasks, compiled)
	}
	return kind, nil
}

// compile returns the field, or the part that is wrong and why.
func (f *field) compile() (compiled schema.Field, part, text string) {
	compiled = schema.Field{
		ID: crdt.FieldID(f.ID), Name: f.Name, Section: f.Section, Title: f.Title, Hint: f.Hint, Type: f.Type,
		Merge: f.Type.DefaultMerge(), Required: f.Required, Guarded: f.Guarded, Sealed: f.Sealed, Office: f.Office, Multiline: f.Multiline,
		To: f.To, Parent: f.Parent, Inline: f.Inline, Files: f.Files.compile(f.Type), Decide: f.Decide,
	}
	if f.Merge != "" {
		merge, err := crdt.ParseType(f.Merge)
		if err != nil {
			return compiled, "merge", "a field merges as register, set, counter, text, attachment, bounded or log"
		}
		compiled.Merge = merge
	}
	switch len(f.Range) {
	case 0:
	case 2:
		compiled.Range = schema.Range{Min: f.Range[0], Max: f.Range[1]}
	default:
		return compiled, "range", "give the least and the most, such as [0, 100]"
	}
	for _, o := range f.Options {
		title := schema.Text{Zh: o.Zh, En: o.En}
		if title.Zh == "" {
			title.Zh = o.Value
		}
		compiled.Options = append(compiled.Options, schema.Option{Value: o.Value, Title: title, After: o.After, Begins: o.Begins, Ends: o.Ends, Asks: o.Asks})
	}
	return f.formulas(compiled)
}

// formulas reads what the field asks and demands.
func (f *field) formulas(compiled schema.Field) (_ schema.Field, part, text string) {
	var err error
	if f.Ask != "" {
		if compiled.Ask, err = schema.ParseFormula(f.Ask); err != nil {
			return compiled, "ask", err.Error()
		}
	}
	if f.Is != "" {
		if compiled.Is, err = schema.ParseFormula(f.Is); err != nil {
			return compiled, "is", err.Error()
		}
	}
	for i, m := range f.Must {
		that, err := schema.ParseFormula(m.That)
		if err != nil {
			return compiled, fmt.Sprintf("must[%d].that", i), err.Error()
		}
		compiled.Must = append(compiled.Must, schema.Must{That: that, Else: m.Else})
	}
	return compiled, "", ""
}

func (f files) compile(t schema.FieldType) schema.Files {
	compiled := t.DefaultFiles()
	if f.Media != nil {
		compiled.Media = f.Media
	}
	if f.Size != 0 {
		compiled.Size = min(f.Size, schema.FileSizeMax) << 20 // bounded, so that it stays what it is: too large
	}
	if f.Count != 0 {
		compiled.Count = f.Count
	}
	return compiled
}
