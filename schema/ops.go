package schema

import (
	"slices"

	"wangge/crdt"
)

// Ops returns what w must write for a record to say what the form says: nothing
// of what the record says already. Ops of several forms are made one after the
// other, each of the record as the one before left it.
func (f Filled) Ops(rec crdt.Record, w crdt.Writer) []crdt.Op {
	ops := make([]crdt.Op, 0, 2*len(f.Kind.Fields))
	if rec.Fate() == crdt.Dead { // who fills it in again wants it back
		ops = append(ops, rec.Restore(f.ID))
	}
	for i := range f.Kind.Fields {
		field := &f.Kind.Fields[i]
		for _, v := range f.Values[field.ID] {
			if op, changes := f.op(rec, w, field, v); changes {
				ops = append(ops, op)
			}
		}
	}
	return ops
}

func (f Filled) op(rec crdt.Record, w crdt.Writer, field *Field, v crdt.Value) (op crdt.Op, changes bool) {
	cell := rec.Cells[field.ID]
	switch field.Merge {
	case crdt.Set:
		op = rec.AddElement(f.ID, f.Kind.Name, field.ID, v)
		return op, len(op.Replaces) == 0
	case crdt.Attachments:
		return f.attach(rec, field.ID, v)
	case crdt.Counter:
		n, _ := v.Int()
		return rec.Add(f.ID, f.Kind.Name, field.ID, w, n-cell.Sum()), n != cell.Sum()
	case crdt.MergedText:
		op = f.text(rec, field.ID, v)
		return op, op.Value != ""
	case crdt.Log:
		if field.Type == TypeLadder {
			return f.step(rec, field, v)
		}
		// A form that is sent again notes nothing.
		return rec.Append(f.ID, f.Kind.Name, field.ID, v), !slices.Contains(cell.Values(), v)
	case crdt.Bounded:
		return f.opening(rec, w, field.ID, v)
	}
	now := cell.Values()
	return rec.Assign(f.ID, f.Kind.Name, field.ID, v), len(now) != 1 || now[0] != v
}

// text returns the op by which a form's text comes into a record. A record
// that has a text already, because the form was filled in at another time or
// place, gets it on a line below: a form has seen nothing that it could change.
// A form that is sent again brings nothing, whatever was written since.
func (f Filled) text(rec crdt.Record, field crdt.FieldID, v crdt.Value) crdt.Op {
	cell := rec.Cells[field]
	text, _ := v.Text()
	if len(cell.Entries) == 0 { // as mostly: nothing to compare with
		return crdt.Op{
			Record: f.ID, Kind: f.Kind.Name, Field: field, Type: crdt.MergedText,
			Value: crdt.Event(nil, crdt.Edit{Put: text}),
		}
	}
	if brought(cell, text) {
		return crdt.Op{}
	}
	if now := cell.Text(); now != "" {
		text = now + "\n" + text
	}
	return rec.EditText(f.ID, f.Kind.Name, field, cell.TextHeads(), text)
}

// opening returns the op by which a form puts something into a bounded counter.
// A form that is sent again finds it there and puts in nothing.
func (f Filled) opening(rec crdt.Record, w crdt.Writer, field crdt.FieldID, v crdt.Value) (op crdt.Op, changes bool) {
	n, _ := v.Int()
	if rec.Cells[field].Ledger().Of(w).Earned > 0 {
		return op, false
	}
	op, err := rec.Earn(f.ID, f.Kind.Name, field, w, n)
	return op, err == nil // Read took it, so it is above zero and not too much
}

// brought reports whether an event of the cell did nothing but put the text.
func brought(c crdt.Cell, text string) bool {
	return slices.ContainsFunc(c.Entries, func(e crdt.Entry) bool {
		_, edits, _ := e.Value.Event()
		return len(edits) == 1 && edits[0].Cut == 0 && (edits[0].Put == text || edits[0].Put == "\n"+text)
	})
}
