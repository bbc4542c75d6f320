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
		return Filled{}, Problems{{formKind, tooMany()}}
	}
	c := check{registry: r, kind: k, form: form, named: true, filled: Filled{
		Kind: k, Values: map[crdt.FieldID][]crdt.Value{}, Links: map[crdt.FieldID][]Filled{},
	}}
	c.all()
	return c.filled, c.problems
}

// check is one form on its way through the checks.
type check struct {
	registry *Registry
	kind     *Kind
	form     map[string]any
	own      []string // fields that are filled in by themselves
	named    bool     // the form may say which record it is
	filled   Filled
	problems Problems
}

// all goes through the whole form.
func (c *check) all() {
	if c.named {
		c.envelope()
	}
	c.fields()
	c.place()
	c.links()
	c.judge()
	c.begin()
	c.strangers()
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

// fields reads every field but the inline links and those filled in by themselves.
func (c *check) fields() {
	for i := range c.kind.Fields {
		f := &c.kind.Fields[i]
		if f.Inline || f.Calculated() || f.Decided() || slices.Contains(c.own, f.Name) {
			continue
		}
		c.field(f)
	}
}

func (c *check) field(f *Field) {
	if f.To != "" && !f.Inline {
		if forms, all := c.identities(f); len(forms) > 0 {
			c.namedBy(f, forms, all)
			return
		}
	}
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

// values is what has been read of a field. Of forms within the form, which are read
// after all else, only how many there are can be seen.
func (c *check) values(id crdt.FieldID) []crdt.Value {
	if f, ok := c.kind.FieldByID(id); ok && f.Inline {
		list, _ := c.form[f.Name].([]any)
		return make([]crdt.Value, len(list))
	}
	if named := len(c.filled.Links[id]); named > 0 {
		return make([]crdt.Value, named)
	}
	return c.filled.Values[id]
}

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
		if value := c.form[f.Name]; f.Decided() && value != nil && value != "" {
			c.problems.add(f.Name, Text{"此项由县里给出，请不要填写", "the county gives this: leave it out"})
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

// strangers refuses names that are no field of the kind: what a person typed
// must not get lost in silence.
func (c *check) strangers() {
	for _, name := range slices.Sorted(maps.Keys(c.form)) {
		_, known := c.kind.Field(name)
		envelope := c.named && (name == formID || name == formKind)
		if !envelope && (!known || slices.Contains(c.own, name)) {
			c.problems.add(name, Text{"表单没有这一项，请删去或改正名称", "the form has no such field: remove it or correct its name"})
		}
	}
}
