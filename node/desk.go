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
		problems, err := hindered(draft, records)
		if err == nil && len(problems) > 0 {
			err = problems
		}
		if err != nil {
			return err
		}
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
		if r.Kind.Decide != d.isHub() {
			return nil, schema.Problems{{Field: "kind", Text: othersTo(r.Kind)}}
		}
		if !d.id.Device.MayWrite(r.Space) {
			return nil, schema.Problems{{Field: filled.Kind.Area.Field, Text: d.elsewhere(r)}}
		}
	}
	return records, nil
}

// othersTo says who writes records of a kind, which those in front of this machine do not.
func othersTo(k *schema.Kind) schema.Text {
	if k.Decide {
		return schema.Text{
			Zh: k.Title.Zh + "由县里统一登记，本站不能填写或修改；有出入请告诉县里",
			En: "the county alone writes down " + k.Title.En + ": if something is wrong with it, tell the county",
		}
	}
	return schema.Text{
		Zh: k.Title.Zh + "由各站登记，请在站里填写",
		En: k.Title.En + " is written down at the boxes: fill it in there",
	}
}

func (n *node) elsewhere(r schema.Filled) schema.Text {
	area := n.areaName(r.Area)
	return schema.Text{
		Zh: fmt.Sprintf("本站无权登记 %s 的%s，请到所属站点登记", area, r.Kind.Title.Zh),
		En: fmt.Sprintf("this box may not write %s for %s: save it at the box of that area", r.Kind.Title.En, area),
	}
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

// hindered says what keeps a form's records from being saved here: files that are not
// on this disk, and steps that do not follow from where a case stands.
func hindered(draft *store.Draft, records []schema.Filled) (schema.Problems, error) {
	problems := unfiled(draft, records)
	for _, r := range records {
		rec, err := draft.Record(r.Space, r.ID)
		if err != nil {
			return nil, err
		}
		problems = append(problems, r.Steps(rec)...)
	}
	return problems, nil
}

// write puts into the draft what a filled form says and the record does not.
func write(draft *store.Draft, f schema.Filled) error {
	rec, err := draft.Record(f.Space, f.ID)
	if err != nil {
		return err
	}
	draft.Write(f.Space, f.Ops(rec, draft.Writer())...)
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
		kind = stranger(name.Kind) // may be deleted and restored
	}
	if kind.Decide {
		return schema.Problems{{Field: "kind", Text: othersTo(kind)}}
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
		counted := map[string]bool{}
		for _, e := range edits {
			if e.Same != nil || e.Apart != nil {
				complaint, err := d.alias(draft, space, id, e)
				if err != nil {
					return err
				}
				if !complaint.Empty() {
					problems = append(problems, schema.Problem{Field: "same", Text: complaint})
				}
				continue
			}
			e, wrong, err := d.within(draft, kind, id, rec, e)
			if err != nil {
				return err
			}
			if problems = append(problems, wrong...); len(wrong) > 0 {
				continue
			}
			edit := edit{e, draft.Writer(), kind, id, rec, edits}
			op, complaint := edit.op()
			if complaint.Empty() {
				complaint = filed(draft, op.Value)
			}
			if e.Plus != 0 && counted[e.Field] { // made of the same state, the two would not add up
				complaint = schema.Text{Zh: "一次只能改一个数", En: "change a count once in a request"}
			}
			counted[e.Field] = counted[e.Field] || e.Plus != 0
			if !complaint.Empty() {
				problems = append(problems, schema.Problem{Field: e.Field, Text: complaint})
			} else if op.Value != "" || len(op.Replaces) > 0 { // else it changes nothing
				draft.Write(space, op)
			}
		}
		if len(problems) > 0 {
			return problems
		}
		return nil
	})
}
