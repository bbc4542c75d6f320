package schema

import (
	"maps"
	"slices"

	"wangge/crdt"
)

// The names that a form may carry beside its fields: a line of an import says
// which record it is, and of what kind.
const (
	formID   = "id"
	formKind = "kind"
)

// namesMax bounds a form before anything of it is looked at.
const namesMax = 1000

// Check turns a form, as JSON decodes it, into what is to be written, or says
// what is wrong with it. Null, "", and the empty list mean that a field was not
// filled in.
func (r *Registry) Check(kind string, form map[string]any) (Filled, Problems) {
	k, ok := r.Kind(kind)
	if !ok {
		return Filled{}, Problems{{formKind, Text{"没有这种表单，请更新程序或改正 kind", "there is no such kind: update the program or correct the kind"}}}
	}
	if len(form) > namesMax {
		return Filled{}, Problems{{formKind, Text{"表单项目太多，请分开提交", "the form has too many fields: split it"}}}
	}
	c := check{registry: r, kind: k, form: form, filled: Filled{
		Kind: k, Values: map[crdt.FieldID][]crdt.Value{}, Links: map[crdt.FieldID]Filled{},
	}}
	c.envelope()
	c.fields("")
	c.place()
	c.links()
	c.judge()
	c.begin()
	c.strangers("")
	return c.filled, c.problems
}

// check is one form on its way through the checks.
type check struct {
	registry *Registry
	kind     *Kind
	form     map[string]any
	filled   Filled
	problems Problems
}

// inline checks the form of a linked record. Its area is that of the form around
// it and cannot be typed; "" stands for an area that is itself wrong.
func (c *check) inline(k *Kind, form map[string]any, around string) (Filled, Problems) {
	in := check{registry: c.registry, kind: k, form: form, filled: Filled{
		Kind: k, Values: map[crdt.FieldID][]crdt.Value{},
	}}
	in.fields(k.Area.Field)
	if f, _ := k.Field(k.Area.Field); around != "" {
		in.filled.Values[f.ID] = []crdt.Value{crdt.Text(around[:f.Type.areaDigits()])}
		in.place()
	}
	in.judge()
	in.strangers(k.Area.Field)
	return in.filled, in.problems
}

// envelope reads what the form says about itself.
func (c *check) envelope() {
	if name, ok := c.form[formKind]; ok && name != c.kind.Name {
		c.problems.add(formKind, Text{"kind 与表单种类不一致", "the kind is not that of the form"})
	}
	id, ok := c.form[formID]
	if !ok {
		return
	}
	s, _ := id.(string)
	record, err := ParseID(s)
	if err != nil {
		c.problems.add(formID, Text{"编号应为 26 位 ULID 或 32 位十六进制", "want a ULID of 26 characters or 32 hex digits"})
		return
	}
	c.filled.ID = record
}

// fields reads every field but the inline links and the one to skip.
func (c *check) fields(skip string) {
	for i := range c.kind.Fields {
		f := &c.kind.Fields[i]
		if f.Inline || f.Calculated() || f.Name == skip {
			continue
		}
		c.field(f)
	}
}

func (c *check) field(f *Field) {
	values, complaint := f.Read(c.form[f.Name])
	switch asked := c.kind.Asks(f, c.values); {
	case !complaint.Empty():
	case len(values) > 0 && !asked:
		complaint = unasked()
	case len(values) == 0 && f.Required && asked:
		complaint = Text{"必填，请填写", "this is required: fill it in"}
	}
	c.problems.add(f.Name, complaint)
	if len(values) > 0 {
		c.filled.Values[f.ID] = values
	}
}

// values is what has been read of a field.
func (c *check) values(id crdt.FieldID) []crdt.Value { return c.filled.Values[id] }

func unasked() Text {
	return Text{"按前面所填，此项不用填写，请清空", "after what was answered before, this is not asked: leave it empty"}
}

// judge holds what was read against what must be true of it.
func (c *check) judge() {
	of := c.kind.reading(c.values)
	for i := range c.kind.Fields {
		f := &c.kind.Fields[i]
		if f.Calculated() {
			c.given(f, of)
			continue
		}
		c.problems.add(f.Name, c.kind.Judge(f, c.values))
	}
}

// place finds the space by the area field, if that was accepted.
func (c *check) place() {
	f, _ := c.kind.Field(c.kind.Area.Field)
	values := c.filled.Values[f.ID]
	if len(values) == 0 {
		return
	}
	c.filled.Area, _ = values[0].Text()
	c.filled.Space = crdt.Space{Area: c.filled.Area[:c.kind.Area.Level], Class: c.kind.Class}
}

// links checks the forms within the form. An inline link may also be given as
// the id of a record that exists, which is how a stored form reads.
func (c *check) links() {
	for _, f := range c.kind.Fields {
		if !f.Inline {
			continue
		}
		form, ok := c.form[f.Name].(map[string]any)
		if !ok {
			c.field(&f)
			continue
		}
		if len(form) > namesMax {
			c.problems.add(f.Name, Text{"表单项目太多，请分开提交", "the form has too many fields: split it"})
			continue
		}
		if !c.kind.Asks(&f, c.values) {
			c.problems.add(f.Name, unasked())
			continue
		}
		to, _ := c.registry.Kind(f.To)
		filled, problems := c.inline(to, form, c.filled.Area)
		c.filled.Links[f.ID] = filled
		for _, p := range problems {
			c.problems.add(f.Name+"."+p.Field, p.Text)
		}
	}
}

// strangers refuses names that are no field of the kind: what a person typed
// must not get lost in silence.
func (c *check) strangers(skip string) {
	for _, name := range slices.Sorted(maps.Keys(c.form)) {
		_, known := c.kind.Field(name)
		envelope := skip == "" && (name == formID || name == formKind)
		if !envelope && (!known || name == skip) {
			c.problems.add(name, Text{"表单没有这一项，请删去或改正名称", "the form has no such field: remove it or correct its name"})
		}
	}
}
