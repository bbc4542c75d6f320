package node

import (
	"fmt"
	"slices"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/node/web"
	"wangge/schema"
	"wangge/sync/wire"
)

// List returns a page of a kind's records, the latest changed first.
func (d desk) List(kind string, cursor []byte, limit int) (web.List, error) {
	k, ok := d.kinds.Kind(kind)
	if !ok && !slices.Contains(d.newer(), kind) {
		return web.List{}, web.ErrMissing
	}
	if !ok {
		k = stranger(kind)
	}
	list := web.List{Items: []web.Item{}}
	var last []byte
	err := d.store.Recent(kind, cursor, func(l store.Listed, next []byte) bool {
		if len(list.Items) == limit {
			list.Next = last
			return false
		}
		list.Items, last = append(list.Items, d.item(k, l)), next
		return true
	})
	return list, err
}

func (d desk) item(k *schema.Kind, l store.Listed) web.Item {
	level := d.store.RecordLevel(l.Space, l.Record)
	item := web.Item{
		Name:  web.Name{Kind: k.Name, Space: l.Space.String(), ID: l.ID.String()},
		Level: level, Reached: level.String(), Changed: l.Record.Stamp().Millis(),
		Conflict: len(l.Record.Conflicts()) > 0, Fate: l.Record.Fate().String(), Owed: d.filesOwed(l.Record),
		Values: map[string]any{}, Labels: map[string]schema.Text{},
	}
	rec := k.Calculate(l.Record)
	fields, _ := arranged(k, rec)
	for _, f := range fields {
		if f.Sealed {
			continue
		}
		cell := rec.Cells[f.ID]
		if item.Values[f.Name] = brief(f, cell); k.Masks(f) {
			item.Values[f.Name] = f.Mask(f.Winner(cell))
		}
		if len(f.Options) == 0 {
			continue
		}
		if label, ok := f.Label(f.Winner(cell)); ok {
			item.Labels[f.Name] = label
		}
	}
	return item
}

// brief returns what a list shows of a field that it need not mask.
func brief(f *schema.Field, c crdt.Cell) any {
	switch {
	case f.Merge == crdt.Counter:
		return c.Sum()
	case f.Type == schema.TypeLadder:
		return schema.Show(f.Winner(c))
	case f.Merge == crdt.Set || f.Merge == crdt.Attachments:
		all := []any{}
		for _, v := range c.Values() {
			all = append(all, schema.Show(v))
		}
		return all
	case f.Merge == crdt.Bounded:
		return c.Ledger().Balance()
	case f.Merge == crdt.MergedText:
		return shortened(c.Text())
	case f.Merge == crdt.Log: // the last that was noted
		return shortened(fmt.Sprint(schema.Show(c.Winner())))
	}
	return schema.Show(c.Winner())
}

// Record returns one record in full, every visible version with its author.
func (d desk) Record(name web.Name) (web.Record, error) {
	space, id, rec, err := d.find(name)
	if err != nil {
		return web.Record{}, err
	}
	k, known := d.kinds.Kind(rec.Kind)
	if !known {
		k = stranger(rec.Kind)
	}
	out := web.Record{Name: name, Reached: d.store.RecordLevel(space, rec).String(), Fate: rec.Fate().String(), Owed: d.filesOwed(rec), Fields: []web.Field{}}
	out.Same = d.twins(id, rec)
	d.addLinks(&out, k, space, id, rec)
	rec = k.Calculate(rec)
	fields, newer := arranged(k, rec)
	if !d.isHub() { // what to mask of a newer form's fields nobody can say
		fields = append(fields, newer...)
	}
	for _, f := range fields {
		if !d.withholds(f) {
			out.Fields = append(out.Fields, d.field(space, f, rec.Cells[f.ID]))
		}
	}
	return out, nil
}

func (d desk) field(space crdt.Space, f *schema.Field, c crdt.Cell) web.Field {
	out := web.Field{
		Name: f.Name, Title: f.Title, Merge: f.Merge.String(), Conflict: f.Merge == crdt.Register && c.Conflict(),
	}
	if f.Type == schema.TypeLadder {
		return d.ladder(space, f, c, out)
	}
	if f.Calculated() { // by nobody, and so at no level
		value := f.Winner(c)
		label, _ := f.Label(value)
		out.Versions = []web.Version{{Value: d.reveals(f, value), Label: label, Saw: []string{}}}
		return out
	}
	switch f.Merge {
	case crdt.Counter:
		sum := c.Sum()
		out.Total = &sum
	case crdt.Bounded:
		out.Ledger = d.ledger(space, c)
		return out
	case crdt.MergedText:
		out.Versions, out.Waiting = []web.Version{d.whole(space, f, c)}, c.TextWaiting()
		return out
	case crdt.Log:
		for _, e := range c.Log() {
			out.Versions = append(out.Versions, d.version(space, f, e))
		}
		return out
	}
	for _, v := range c.Values() {
		same := slices.DeleteFunc(slices.Clone(c.Entries), func(e crdt.Entry) bool { return e.Value != v })
		out.Versions = append(out.Versions, d.version(space, f, same...))
	}
	return out
}

// ladder shows the steps of a case in their order, and where it stands.
func (d desk) ladder(space crdt.Space, f *schema.Field, c crdt.Cell, out web.Field) web.Field {
	way := f.Case(c)
	out.Stands = way.Rung
	for _, s := range way.Steps {
		v := d.version(space, f, s.Entry)
		v.Label, _ = f.Label(crdt.Text(s.Rung))
		v.Value = web.Step{Step: s.Rung, At: s.At, Note: d.remarked(space, s.Note), Standing: s.Standing}
		out.Versions = append(out.Versions, v)
	}
	return out
}

// version gathers entries that show one value; the latest gives its author.
func (d desk) version(space crdt.Space, f *schema.Field, same ...crdt.Entry) web.Version {
	out := web.Version{Value: d.reveals(f, same[0].Value)}
	if label, ok := f.Label(same[0].Value); ok {
		out.Label = label
	}
	level := wire.AtCounty
	var latest crdt.Entry
	for _, e := range same {
		out.Saw = append(out.Saw, e.Dot.String())
		level = min(level, d.store.Level(space, e.Dot))
		if latest.Dot.Seq == 0 || e.Stamp > latest.Stamp {
			latest = e
		}
	}
	out.Reached, out.At = level.String(), latest.Stamp.Millis()
	out.Device = d.device(latest.Dot.Writer.Device()).Name
	return out
}
