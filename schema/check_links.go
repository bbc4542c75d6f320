package schema

import (
	"fmt"
	"slices"

	"wangge/crdt"
)

// linksMax is how many records one form names in one field of links.
const linksMax = 50

// links checks the forms within the form. An inline link may also be given as
// the id of a record that exists, which is how a stored form reads.
func (c *check) links() {
	seen := map[crdt.RecordID]bool{}
	for i := range c.kind.Fields {
		f := &c.kind.Fields[i]
		if !f.Inline {
			continue
		}
		if f.Type == TypeLinks {
			c.repeated(f, seen)
			continue
		}
		form, ok := c.form[f.Name].(map[string]any)
		if !ok {
			c.field(f)
		} else if c.asked(f) {
			c.within(f, f.Name, form, seen)
		}
	}
}

// repeated checks a list of forms and ids.
func (c *check) repeated(f *Field, seen map[crdt.RecordID]bool) {
	list, ok := c.form[f.Name].([]any)
	if !ok || len(list) == 0 || len(list) > linksMax {
		c.field(f) // which complains of what is no list, or too long
		return
	}
	if !c.asked(f) {
		return
	}
	for i, item := range list {
		at := fmt.Sprintf("%s.%d", f.Name, i)
		if form, ok := item.(map[string]any); ok {
			c.within(f, at, form, seen)
			continue
		}
		v, complaint := f.link(item)
		c.problems.add(at, complaint)
		if complaint.Empty() && !slices.Contains(c.filled.Values[f.ID], v) {
			c.filled.Values[f.ID] = append(c.filled.Values[f.ID], v)
		}
	}
}

// asked reports whether a form of its own is asked for, and complains if not.
func (c *check) asked(f *Field) bool {
	asked := c.kind.Asks(f, c.values)
	if !asked {
		c.problems.add(f.Name, unasked())
	}
	return asked
}

// within checks one form within the form.
func (c *check) within(f *Field, at string, form map[string]any, seen map[crdt.RecordID]bool) {
	if len(form) > namesMax {
		c.problems.add(at, tooMany())
		return
	}
	filled, problems := c.inline(f, form)
	if id, ok := filled.backTo(crdt.RecordID{}, f).RecordID(nil); ok {
		if seen[id] {
			c.problems.add(at, Text{"这一条在表单里出现了两次，请删去一次", "this stands in the form twice: take one out"})
		}
		seen[id] = true
	}
	c.filled.Links[f.ID] = append(c.filled.Links[f.ID], filled)
	for _, p := range problems {
		c.problems.add(at+"."+p.Field, p.Text)
	}
}

// inline checks the form of a linked record. Its area is that of the form around it,
// "" where that is itself wrong. That, and a link back, are filled in by themselves
// and cannot be typed. Of several forms each may say which record it is.
func (c *check) inline(f *Field, form map[string]any) (Filled, Problems) {
	k, _ := c.registry.Kind(f.To)
	in := check{
		registry: c.registry, kind: k, form: form, own: []string{k.Area.Field, f.Parent}, named: f.Type == TypeLinks,
		filled: Filled{Kind: k, Values: map[crdt.FieldID][]crdt.Value{}},
	}
	if around := c.filled.Area; around != "" {
		area, _ := k.Field(k.Area.Field)
		in.filled.Values[area.ID] = []crdt.Value{crdt.Text(around[:area.Type.areaDigits()])}
	}
	in.all()
	return in.filled, in.problems
}

func tooMany() Text {
	return Text{"表单项目太多，请分开提交", "the form has too many fields: split it"}
}

// references reads a list of records' ids.
func (f *Field) references(value any) ([]crdt.Value, Text) {
	list, ok := value.([]any)
	if !ok || len(list) > linksMax {
		return nil, Text{fmt.Sprintf("应为列表，最多 %d 条", linksMax), fmt.Sprintf("want a list of at most %d", linksMax)}
	}
	var values []crdt.Value
	for _, item := range list {
		v, complaint := f.link(item)
		if !complaint.Empty() {
			return nil, complaint
		}
		if !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	return values, Text{}
}

// CheckWithin checks a form that is added to a record's field of inline links. It
// returns the records that it writes; the last is the one to link to. The rest is as
// in Check and Filled.Records; area is the full code of the record's own area.
func (r *Registry) CheckWithin(f *Field, record crdt.RecordID, area string, form map[string]any, key []byte, mint func() crdt.RecordID) ([]Filled, Problems) {
	if f.Type != TypeLinks || !f.Inline {
		return nil, Problems{{f.Name, Text{"这一项不能这样添加", "nothing can be added to this field in this way"}}}
	}
	if len(form) > namesMax {
		return nil, Problems{{f.Name, tooMany()}}
	}
	around := check{registry: r, filled: Filled{Area: area}}
	filled, problems := around.inline(f, form)
	if len(problems) > 0 {
		return nil, problems
	}
	return filled.of(record, f, key, map[crdt.RecordID]int64{}).Records(key, mint), nil
}
