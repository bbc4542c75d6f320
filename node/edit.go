package node

import (
	"fmt"
	"slices"

	"wangge/crdt"
	"wangge/node/web"
	"wangge/schema"
)

// edit is a person's edit on its way into an op.
type edit struct {
	web.Edit
	writer crdt.Writer
	kind   *schema.Kind
	id     crdt.RecordID
	rec    crdt.Record // as it stands
	beside []web.Edit  // all edits of the request, this one among them
}

// op returns the op that the edit asks for, or says what is wrong with it. An op
// without value and replaced dots need not be written: it changes nothing.
func (e edit) op() (op crdt.Op, complaint schema.Text) {
	switch {
	case e.Delete:
		return e.rec.Delete(e.id), complaint
	case e.Restore:
		return e.rec.Restore(e.id), complaint
	}
	field, ok := e.kind.Field(e.Field)
	if !ok {
		return op, schema.Text{Zh: "表单里没有这一项", En: "the form has no such field"}
	}
	switch {
	case field.Calculated():
		return op, schema.Text{Zh: "此项由系统算出，请修改它所依据的内容", En: "this is worked out: change what it is worked out of"}
	case field.Decided():
		return op, schema.Text{Zh: "此项由县里给出，这里不能修改", En: "the county gives this: it cannot be changed here"}
	case field.Merge == crdt.Register && e.Set != nil:
		return e.register(field)
	case field.Merge == crdt.MergedText && e.Set != nil:
		return e.text(field)
	case field.Merge == crdt.Set && e.Add != nil:
		return e.element(field, e.Add, e.rec.AddElement)
	case field.Merge == crdt.Set && e.Remove != nil:
		return e.element(field, e.Remove, e.rec.RemoveElement)
	case field.Merge == crdt.Attachments && e.Add != nil:
		return e.element(field, e.Add, e.rec.Attach)
	case field.Merge == crdt.Attachments && e.Remove != nil:
		return e.element(field, e.Remove, e.rec.Detach)
	case field.Merge == crdt.Log && e.Append != nil:
		return e.entry(field)
	case field.Merge == crdt.Bounded && e.Plus != 0:
		return e.account(field)
	case field.Merge == crdt.Counter && e.Plus != 0 && e.To == "":
		return e.rec.Add(e.id, e.kind.Name, field.ID, e.writer, e.Plus), complaint
	}
	return op, schema.Text{Zh: "这一项不能这样修改", En: "this field cannot be changed in this way"}
}

// register writes a value over what the person saw; "" empties the field.
func (e edit) register(field *schema.Field) (op crdt.Op, complaint schema.Text) {
	value, complaint := e.read(field, e.Set)
	if complaint.Empty() {
		complaint = e.judge(field, value)
	}
	if !complaint.Empty() {
		return op, complaint
	}
	op = e.rec.Assign(e.id, e.kind.Name, field.ID, value)
	if e.Saw != nil {
		op.Replaces, complaint = e.saw()
	}
	return op, complaint
}

// entry adds to a log.
func (e edit) entry(field *schema.Field) (op crdt.Op, complaint schema.Text) {
	values, complaint := field.Read(e.Append)
	switch {
	case !complaint.Empty():
		return op, complaint
	case len(values) != 1:
		return op, schema.Text{Zh: "请写下一条内容", En: "write one thing"}
	}
	v := values[0]
	if field.Type == schema.TypeLadder {
		v = field.Take(e.rec.Cells[field.ID], v)
		complaint = e.stepped(field, v)
	}
	return e.rec.Append(e.id, e.kind.Name, field.ID, v), complaint
}

// stepped holds a step against where the case stands, and against what it asks for:
// that stands in the record, or comes with the step.
func (e edit) stepped(field *schema.Field, step crdt.Value) schema.Text {
	s, _ := schema.ParseStep(step)
	if complaint := field.Follows(field.Case(e.rec.Cells[field.ID]).Rung, s.Rung); !complaint.Empty() {
		return complaint
	}
	lacks := e.kind.Lacks(field, s.Rung, func(asked *schema.Field) bool {
		return len(asked.Shown(e.rec.Cells[asked.ID])) > 0 || slices.ContainsFunc(e.beside, func(b web.Edit) bool {
			return b.Field == asked.Name && (b.Set != nil && b.Set != "" || b.Add != nil || b.Append != nil)
		})
	})
	if len(lacks) == 0 {
		return e.kind.Judge(field, func(id crdt.FieldID) []crdt.Value {
			of, _ := e.kind.FieldByID(id)
			values := of.Shown(e.rec.Cells[id])
			if id == field.ID {
				values = append(values, step)
			}
			return values
		})
	}
	asked, _ := e.kind.Field(lacks[0].Field)
	return schema.Text{
		Zh: "请先填写“" + asked.Title.Zh + "”", En: "fill in " + asked.Title.En + " first",
	}
}

type setOp func(crdt.RecordID, string, crdt.FieldID, crdt.Value) crdt.Op

func (e edit) element(field *schema.Field, given any, make setOp) (op crdt.Op, complaint schema.Text) {
	value, complaint := e.read(field, []any{given})
	switch {
	case !complaint.Empty():
		return op, complaint
	case value == "":
		return op, schema.Text{Zh: "此项必填", En: "this must be filled in"}
	}
	return make(e.id, e.kind.Name, field.ID, value), complaint
}

// read returns the value that is given, "" if none is. What the form does not
// know but the field shows may be given back: it comes from a newer form, and
// this box's people may keep it or take it out.
func (e edit) read(field *schema.Field, given any) (crdt.Value, schema.Text) {
	values, complaint := field.Read(given)
	if list, ok := given.([]any); ok {
		given = list[0]
	}
	for _, v := range e.rec.Cells[field.ID].Values() {
		if !complaint.Empty() && fmt.Sprint(schema.Show(v)) == fmt.Sprint(given) {
			return v, schema.Text{}
		}
	}
	return append(values, "")[0], complaint
}

// judge holds a register's new value against what its kind wants of the record:
// nothing that is asked and required is emptied, and what must hold does.
func (e edit) judge(field *schema.Field, value crdt.Value) schema.Text {
	values := func(id crdt.FieldID) []crdt.Value {
		switch {
		case id != field.ID:
			of, _ := e.kind.FieldByID(id)
			return of.Shown(e.rec.Cells[id])
		case value == "":
			return nil
		}
		return []crdt.Value{value}
	}
	if value == "" && field.Required && e.kind.Asks(field, values) {
		return schema.Text{Zh: "此项必填", En: "this must be filled in"}
	}
	return e.kind.Judge(field, values)
}

// stale says that a page names versions which are not there.
func stale() schema.Text {
	return schema.Text{Zh: "页面上的版本号有误，请刷新后重试", En: "the versions that the page names are not here: reload it"}
}

// saw returns the dots that the page names.
func (e edit) saw() ([]crdt.Dot, schema.Text) {
	var dots []crdt.Dot
	for _, text := range e.Saw {
		dot, err := crdt.ParseDot(text)
		if err != nil {
			return nil, stale()
		}
		dots = append(dots, dot)
	}
	slices.SortFunc(dots, crdt.Dot.Compare)
	return slices.Compact(dots), schema.Text{}
}
