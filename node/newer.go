package node

import (
	"fmt"

	"wangge/crdt"
	"wangge/schema"
)

// Records of a newer form are kept, merged and passed on like all others; here is
// how they are shown.

// newer returns the kinds of records here that no form of this node's knows.
func (n *node) newer() (kinds []string) {
	all, err := n.store.Kinds()
	if err != nil {
		n.log.Error("the kinds of the records here cannot be read", "error", err)
	}
	for _, kind := range all {
		if _, known := n.kinds.Kind(kind); !known && !ours(kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// stranger stands for a kind of a newer form. It has no fields: what they show is
// for a record's page, since nobody can tell here what a list would have to mask.
func stranger(kind string) *schema.Kind { return &schema.Kind{Name: kind} }

// arranged returns the fields of which a record shows something: those that the
// form has, in its order, and those of a newer form by their numbers.
func arranged(k *schema.Kind, rec crdt.Record) (known, newer []*schema.Field) {
	for i := range k.Fields {
		if len(rec.Cells[k.Fields[i].ID].Entries) > 0 {
			known = append(known, &k.Fields[i])
		}
	}
	for _, id := range rec.Fields() {
		cell := rec.Cells[id]
		own := id == crdt.Deleted || id == crdt.Alias // the record's, of no form
		if _, ok := k.FieldByID(id); ok || own || len(cell.Entries) == 0 {
			continue
		}
		name := fmt.Sprintf("#%d", id)
		newer = append(newer, &schema.Field{ID: id, Name: name, Title: schema.Text{Zh: name, En: name}, Merge: cell.Type})
	}
	return known, newer
}
