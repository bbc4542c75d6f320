package node

import (
	"slices"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/node/web"
	"wangge/schema"
)

// What a hub replica shows of one record is what lists show, whole: guarded fields masked,
// sealed ones and those of a newer form left out, confidential records not at all.

// unseen says that a record is not for the county's eyes.
func unseen() error {
	return web.Refusal{Text: schema.Text{
		Zh: "这条记录是保密的，县中心不展示；需要时请在登记它的站点查看",
		En: "this record is confidential, and the county does not show it: look at it at the box that wrote it",
	}}
}

// mayShow returns an error of the kind of which this replica shows no record.
func (n *node) mayShow(kind string) error {
	k, known := n.kinds.Kind(kind)
	switch {
	case !known:
		return web.ErrMissing
	case k.Class == crdt.Confidential:
		return unseen()
	}
	return nil
}

// withholds reports whether this machine leaves out a field wherever it shows a record.
func (n *node) withholds(f *schema.Field) bool { return n.isHub() && f.Sealed }

// reveals returns a field's value as this machine's pages show it.
func (n *node) reveals(f *schema.Field, v crdt.Value) any {
	if f.Guarded && n.isHub() {
		return f.Mask(v)
	}
	return schema.Show(v)
}

// remarked returns what was noted with a step of a record in a space, as this machine's
// pages show it. No field says of it whom it tells of, so the hub shows that of open
// records alone.
func (n *node) remarked(space crdt.Space, note string) string {
	if note != "" && space.Class != crdt.Open && n.isHub() {
		return "***"
	}
	return note
}

var _ web.Chronicler = office{}

// History tells what the log says of a record, save by save.
func (o office) History(name web.Name, limit int) (web.History, error) {
	if err := o.mayShow(name.Kind); err != nil {
		return web.History{}, err
	}
	space, id, rec, err := desk(o).find(name)
	if err != nil {
		return web.History{}, err
	}
	touches, err := o.store.History(space, id)
	if err != nil {
		return web.History{}, err
	}
	k, _ := o.kinds.Kind(rec.Kind)
	c := chronicle{node: o.node, kind: k, space: space, rec: rec, was: map[crdt.Dot]crdt.Value{}}
	for _, t := range touches {
		c.add(t)
	}
	slices.Reverse(c.saves)
	h := web.History{Saves: c.saves}
	if len(h.Saves) > limit {
		h.Saves, h.More = h.Saves[:limit], len(h.Saves)-limit
	}
	return h, nil
}

// chronicle is a history as it is told, the earliest first.
type chronicle struct {
	*node
	kind  *schema.Kind
	space crdt.Space
	rec   crdt.Record
	was   map[crdt.Dot]crdt.Value // what the ops that were told wrote
	last  crdt.Dot                // whose save is told
	saves []web.Save
}

// add tells of one op: as part of the save before if it is of the same batch.
func (c *chronicle) add(t store.Touch) {
	c.was[t.Dot] = t.Op.Value
	change, ok := c.change(t)
	if !ok {
		return
	}
	if len(c.saves) == 0 || c.last.Writer != t.Dot.Writer || c.last.Seq != t.Dot.Seq {
		c.saves = append(c.saves, web.Save{
			Device: c.device(t.Dot.Writer.Device()).Name, At: t.Stamp.Millis(), Reached: c.store.Level(c.space, t.Dot).String(),
		})
	}
	c.last = t.Dot
	save := &c.saves[len(c.saves)-1]
	save.Changes = append(save.Changes, change)
}

// change says what an op did; false of what this machine leaves out.
func (c *chronicle) change(t store.Touch) (web.Change, bool) {
	out := web.Change{Stands: slices.ContainsFunc(c.rec.Cells[t.Op.Field].Entries, func(e crdt.Entry) bool { return e.Dot == t.Dot })}
	switch {
	case t.Op.Field == crdt.Deleted:
		out.Act = either(t.Op.Value == "", "restore", "delete")
		return out, true
	case t.Op.Field == crdt.Alias:
		out.Act = either(t.Op.Value == "", "apart", "same")
		return out, true
	}
	f, ok := c.kind.FieldByID(t.Op.Field)
	if !ok || f.Sealed {
		return out, false
	}
	out.Field, out.Title = f.Name, f.Title
	var value crdt.Value
	out.Act, value = c.act(f, t.Op)
	if value == "" {
		return out, true
	}
	out.Value = c.reveals(f, value)
	out.Label, _ = f.Label(value)
	if s, ok := schema.ParseStep(value); ok && f.Type == schema.TypeLadder {
		out.Value = web.Step{Step: s.Rung, At: s.At, Note: c.remarked(c.space, s.Note)}
		out.Label, _ = f.Label(crdt.Text(s.Rung))
	}
	return out, true
}

// act returns what an op did to its field, and the value to be shown with it, if any.
func (c *chronicle) act(f *schema.Field, op crdt.Op) (act string, value crdt.Value) {
	switch f.Merge {
	case crdt.Set, crdt.Attachments:
		if op.Value == "" {
			return "remove", c.replaced(op)
		}
		return "add", op.Value
	case crdt.Log:
		return either(f.Type == schema.TypeLadder, "step", "note"), op.Value
	case crdt.Counter: // a writer's entry is the sum of all that it has added
		now, _ := op.Value.Int()
		for _, dot := range op.Replaces {
			before, _ := c.was[dot].Int()
			now -= before
		}
		return "plus", crdt.Int(now)
	case crdt.Bounded:
		return "spend", ""
	case crdt.MergedText:
		return "text", ""
	}
	switch {
	case op.Value == "":
		return "clear", ""
	case len(op.Replaces) > 1:
		return "settle", op.Value
	}
	return "set", op.Value
}

// replaced returns what an op took away, as far as that was told.
func (c *chronicle) replaced(op crdt.Op) crdt.Value {
	for _, dot := range op.Replaces {
		if v := c.was[dot]; v != "" {
			return v
		}
	}
	return ""
}

func either(is bool, then, other string) string {
	if is {
		return then
	}
	return other
}
