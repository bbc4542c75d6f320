package node

import (
	"strings"

	"wangge/crdt"
	"wangge/node/doubt"
	"wangge/node/store"
	"wangge/node/web"
	"wangge/schema"
)

// addAstray adds the records that are kept elsewhere than their area says, with who wrote that.
func (o office) addAstray(d *web.Doubtful, found doubt.List) error {
	d.Astray = web.Astray{Count: found.Count, Items: []web.Stray{}}
	for _, ref := range found.First {
		item, rec, ok, err := o.doubted(ref)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		kind, _ := o.kinds.Kind(rec.Kind)
		f, _ := kind.Field(kind.Area.Field)
		last := rec.Cells[f.ID].Latest()
		area, _ := last.Value.Text()
		d.Astray.Items = append(d.Astray.Items, web.Stray{Item: item, Area: plainArea(area, kind.Area.Level), Wrote: o.wrote(last.Dot, last.Stamp)})
	}
	return nil
}

// plainArea returns so much of an area's code as names a space, and nothing of what is no code:
// another program may have written anything there.
func plainArea(area string, level int) string {
	if strings.Trim(area, "0123456789") != "" {
		return ""
	}
	return area[:min(len(area), level)]
}

// wrote says who wrote something; nothing of what nobody did.
func (n *node) wrote(d crdt.Dot, at crdt.Stamp) web.Wrote {
	if d.Seq == 0 {
		return web.Wrote{}
	}
	return web.Wrote{Device: n.device(d.Writer.Device()).Name, At: at.Millis()}
}

// addEarly adds the records that take away what is not here, with what they do.
func (o office) addEarly(d *web.Doubtful, found doubt.Early) error {
	d.Early = web.Early{Count: found.Count, More: found.More, Items: []web.Earlier{}}
	for _, e := range found.First {
		item, rec, ok, err := o.doubted(e.Ref)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		kind, _ := o.kinds.Kind(rec.Kind)
		out := web.Earlier{Item: item}
		for _, u := range e.Parts {
			out.Parts = append(out.Parts, web.Unheld{
				Field: fieldTitle(kind, u.Field), Wrote: o.wrote(u.By, u.Stamp), Of: o.device(u.Writer.Device()).Name, Named: u.Seq, Held: u.Held,
			})
		}
		d.Early.Items = append(d.Early.Items, out)
	}
	return nil
}

// fieldTitle returns what a field is called, nothing of the one that holds deletions.
func fieldTitle(k *schema.Kind, id crdt.FieldID) schema.Text {
	f, known := k.FieldByID(id)
	switch {
	case id == crdt.Deleted:
		return schema.Text{}
	case id == crdt.Alias:
		return schema.Text{Zh: "同一条记录", En: "same record"}
	case !known:
		return schema.Text{Zh: "新版表单的一项", En: "a field of a newer form"}
	}
	return f.Title
}

// addAgreed adds the pairs that are one by the word of both, the latest first, with who said so.
func (o office) addAgreed(d *web.Doubtful, found doubt.Agreed) error {
	d.Agreed = web.Agreed{Count: found.Count, Pairs: []web.Merge{}}
	for _, pair := range found.Last {
		m := web.Merge{}
		for _, p := range [][2]doubt.Ref{{pair.One, pair.Other}, {pair.Other, pair.One}} {
			item, rec, ok, err := o.doubted(p[0])
			if err != nil {
				return err
			}
			if said := sameWord(rec, p[1].ID); ok && said.Dot.Seq != 0 { // else it was taken back meanwhile
				m.Items, m.Said = append(m.Items, item), append(m.Said, o.wrote(said.Dot, said.Stamp))
			}
		}
		if len(m.Items) == 2 {
			d.Agreed.Pairs = append(d.Agreed.Pairs, m)
		}
	}
	return nil
}

// sameWord returns the latest entry by which a record names another as the same.
func sameWord(rec crdt.Record, other crdt.RecordID) crdt.Entry {
	var words crdt.Cell
	for _, e := range rec.Cells[crdt.Alias].Entries {
		if id, ok := e.Value.Ref(); ok && id == other {
			words.Entries = append(words.Entries, e)
		}
	}
	return words.Latest()
}

// doubted reads a record, and how lists show it; false if it went meanwhile, or stands in no list.
func (o office) doubted(ref doubt.Ref) (web.Item, crdt.Record, bool, error) {
	rec, err := o.store.Record(ref.Space, ref.ID)
	kind, known := o.kinds.Kind(rec.Kind)
	if err != nil || !known || kind.Class == crdt.Confidential { // of these the number alone is told
		return web.Item{}, rec, false, err
	}
	return desk(o).item(kind, store.Listed{Space: ref.Space, ID: ref.ID, Record: rec}), rec, true, nil
}
