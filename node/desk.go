package node

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/node/web"
	"wangge/schema"
)

// desk is what a box offers to the person in front of it.
type desk struct{ *node }

var _ web.Desk = desk{}

// Save checks a filled form and saves it with the records linked in it.
func (d desk) Save(kind string, form map[string]any) ([]web.Name, error) {
	records, err := d.fill(kind, form, mintID)
	if err != nil {
		return nil, err
	}
	err = d.save(func(draft *store.Draft) error {
		for _, r := range records {
			if err := write(draft, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	names := make([]web.Name, len(records))
	for i, r := range records {
		names[i] = web.Name{Kind: r.Kind.Name, Space: r.Space.String(), ID: r.ID.String()}
	}
	return names, nil
}

// save has the store save, and tells the person when the disk takes nothing.
func (d desk) save(fill func(*store.Draft) error) error {
	err := d.store.Save(fill)
	if errors.Is(err, store.ErrReadOnly) {
		d.log.Error("a form could not be saved", "error", err)
		return web.Refusal{Text: schema.Text{
			Zh: "本机磁盘写不进去（已满或有故障），暂时不能保存，已有内容仍可查看。请清理磁盘，之后会自动恢复，再点一次保存",
			En: "this node's disk takes nothing (" + err.Error() + "): then save again",
		}}
	}
	return err
}

// fill checks a form and this box's right to save it, and returns the records
// that it writes, the form's own last.
func (d desk) fill(kind string, form map[string]any, mint func() crdt.RecordID) ([]schema.Filled, error) {
	filled, problems := d.kinds.Check(kind, form)
	if len(problems) > 0 {
		return nil, problems
	}
	records := filled.Records(d.id.IdentityKey, mint)
	for _, r := range records {
		if !d.id.Device.MayWrite(r.Space) {
			return nil, schema.Problems{{Field: filled.Kind.Area.Field, Text: schema.Text{
				Zh: fmt.Sprintf("本站无权登记 %s 的%s，请到所属站点登记", r.Area, r.Kind.Title.Zh),
				En: fmt.Sprintf("this box may not write %s for %s: save it at the box of that area", r.Kind.Title.En, r.Area),
			}}}
		}
	}
	return records, nil
}

// mintID returns an id that no other device mints: the moment first, so that
// neighbours in time are neighbours on disk (RFC 9562, version 7, without its
// fixed bits).
func mintID() (id crdt.RecordID) {
	rand.Read(id[:])
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(time.Now().UnixMilli()))
	copy(id[:6], ms[2:])
	return id
}

// write puts into the draft what a filled form says and the record does not.
func write(draft *store.Draft, f schema.Filled) error {
	rec, err := draft.Record(f.Space, f.ID)
	if err != nil {
		return err
	}
	if rec.Fate() == crdt.Dead { // who fills it in again wants it back
		draft.Write(f.Space, rec.Restore(f.ID))
	}
	for _, field := range f.Kind.Fields {
		values := f.Values[field.ID]
		cell := rec.Cells[field.ID]
		for _, v := range values {
			op, changes := crdt.Op{}, false
			switch field.Merge {
			case crdt.Set:
				op = rec.AddElement(f.ID, f.Kind.Name, field.ID, v)
				changes = len(op.Replaces) == 0
			case crdt.Counter:
				n, _ := v.Int()
				op, changes = rec.Add(f.ID, f.Kind.Name, field.ID, draft.Writer(), n-cell.Sum()), n != cell.Sum()
			default:
				now := cell.Values()
				op, changes = rec.Assign(f.ID, f.Kind.Name, field.ID, v), len(now) != 1 || now[0] != v
			}
			if changes {
				draft.Write(f.Space, op)
			}
		}
	}
	return nil
}

// find reads a record's name and the record behind it.
func (d desk) find(name web.Name) (crdt.Space, crdt.RecordID, crdt.Record, error) {
	space, err := crdt.ParseSpace(name.Space)
	if err != nil {
		return space, crdt.RecordID{}, crdt.Record{}, web.ErrMissing
	}
	id, err := crdt.ParseRecordID(name.ID)
	if err != nil {
		return space, id, crdt.Record{}, web.ErrMissing
	}
	rec, err := d.store.Record(space, id)
	if err == nil && (rec.Kind == "" || rec.Kind != name.Kind) {
		err = web.ErrMissing
	}
	return space, id, rec, err
}

// Edit changes fields of a record.
func (d desk) Edit(name web.Name, edits []web.Edit) error {
	space, id, _, err := d.find(name)
	if err != nil {
		return err
	}
	kind, ok := d.kinds.Kind(name.Kind)
	if !ok {
		return web.ErrMissing
	}
	if !d.id.Device.MayWrite(space) {
		return schema.Problems{{Field: kind.Area.Field, Text: schema.Text{
			Zh: "本站无权修改此区域的记录", En: "this box may not change records of this area",
		}}}
	}
	return d.save(func(draft *store.Draft) error {
		rec, err := draft.Record(space, id)
		if err != nil {
			return err
		}
		var problems schema.Problems
		for _, e := range edits {
			op, problem := editOp(draft.Writer(), rec, id, kind, e)
			if problem != nil {
				problems = append(problems, schema.Problem{Field: e.Field, Text: *problem})
				continue
			}
			draft.Write(space, op)
		}
		if len(problems) > 0 {
			return problems
		}
		return nil
	})
}

// editOp turns an edit into an op, or says what is wrong with it.
func editOp(w crdt.Writer, rec crdt.Record, id crdt.RecordID, kind *schema.Kind, e web.Edit) (op crdt.Op, problem *schema.Text) {
	switch {
	case e.Delete:
		return rec.Delete(id), nil
	case e.Restore:
		return rec.Restore(id), nil
	}
	field, ok := kind.Field(e.Field)
	if !ok {
		return op, &schema.Text{Zh: "表单里没有这一项", En: "the form has no such field"}
	}
	given, merge := e.Set, crdt.Register
	switch {
	case e.Add != nil:
		given, merge = e.Add, crdt.Set
	case e.Remove != nil:
		given, merge = e.Remove, crdt.Set
	case e.Plus != 0:
		given, merge = e.Plus, crdt.Counter
	}
	if given == nil || merge != field.Merge {
		return op, &schema.Text{Zh: "这一项不能这样修改", En: "this field cannot be changed in this way"}
	}
	if merge == crdt.Counter {
		return rec.Add(id, kind.Name, field.ID, w, e.Plus), nil
	}
	if merge == crdt.Set {
		given = []any{given}
	}
	values, complaint := field.Read(given)
	if !complaint.Empty() {
		return op, &complaint
	}
	value := crdt.Value("") // an emptied field: nothing stands where something stood
	if len(values) == 1 {
		value = values[0]
	} else if field.Required || merge == crdt.Set {
		return op, &schema.Text{Zh: "此项必填", En: "this must be filled in"}
	}
	switch {
	case e.Add != nil:
		return rec.AddElement(id, kind.Name, field.ID, value), nil
	case e.Remove != nil:
		return rec.RemoveElement(id, kind.Name, field.ID, value), nil
	}
	op = rec.Assign(id, kind.Name, field.ID, value)
	if e.Saw == nil {
		return op, nil
	}
	op.Replaces = nil
	for _, text := range e.Saw {
		dot, err := crdt.ParseDot(text)
		if err != nil {
			return op, &schema.Text{Zh: "页面上的版本号有误，请刷新后重试", En: "the versions that the page names cannot be read: reload it"}
		}
		op.Replaces = append(op.Replaces, dot)
	}
	return op, nil
}
