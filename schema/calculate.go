package schema

import (
	"fmt"
	"math"
	"unicode/utf8"

	"wangge/crdt"
)

// A calculated field is never asked for and never written: what two people changed
// apart comes together field by field, and a stored result would contradict it. It
// is worked out of what stands, whenever it is shown, counted or exported.

// Calculated reports whether the field is worked out of others.
func (f *Field) Calculated() bool { return !f.Is.IsZero() }

// Calculate is Kind.Calculate by the record's own kind. A record of a kind that is
// not here is returned as it is.
func (r *Registry) Calculate(rec crdt.Record) crdt.Record {
	if k, ok := r.Kind(rec.Kind); ok {
		return k.Calculate(rec)
	}
	return rec
}

// Calculate returns the record with its calculated fields beside the others, for
// whoever shows, counts or exports it. Their cells hold one entry without author.
// Nobody may write or merge what is returned.
func (k *Kind) Calculate(rec crdt.Record) crdt.Record {
	all := rec
	var of func(string) any
	for i := range k.Fields {
		f := &k.Fields[i]
		if !f.Calculated() {
			continue
		}
		if of == nil {
			all, of = rec.Clone(), k.readingOf(rec)
		}
		delete(all.Cells, f.ID) // whatever an older form's machine wrote
		if v := f.stored(of(f.Name)); v != "" {
			if all.Cells == nil {
				all.Cells = map[crdt.FieldID]crdt.Cell{}
			}
			all.Cells[f.ID] = crdt.Cell{Type: crdt.Register, Entries: []crdt.Entry{{Value: v}}}
		}
	}
	return all
}

// result works a calculated field out. What its type would not take is nothing.
func (f *Field) result(of func(string) any) any {
	if !f.Ask.IsZero() && !f.Ask.Holds(of) {
		return nil
	}
	switch v := f.Is.Value(of).(type) {
	case float64:
		if f.Type == TypeInt {
			v = math.Floor(v + 0.5)
		}
		if f.Range.complaint(v).Empty() && (f.Type != TypeInt || math.Abs(v) <= exactMax) {
			return v
		}
	case bool:
		return v
	case string:
		if f.takesText(v) {
			return v
		}
	}
	return nil
}

func (f *Field) takesText(s string) bool {
	switch f.Type {
	case TypeDate:
		return dateComplaint(s).Empty()
	case TypeChoice:
		return f.offers(s)
	}
	return s != "" && len(s) <= utf8.UTFMax*textMax && utf8.RuneCountInString(s) <= textMax
}

// stored returns a result as if it were stored.
func (f *Field) stored(result any) crdt.Value {
	switch v := result.(type) {
	case float64:
		if f.Type == TypeInt {
			return crdt.Int(int64(v))
		}
		return crdt.Float(v)
	case bool:
		return crdt.Bool(v)
	case string:
		return crdt.Text(v)
	}
	return ""
}

// given holds what a form says of a calculated field against what comes out: an
// export that is read again may say it, and nobody else.
func (c *check) given(f *Field, of func(string) any) {
	value := c.form[f.Name]
	if value == nil || value == "" {
		return
	}
	if comes := of(f.Name); comes == nil || fmt.Sprint(value) != fmt.Sprint(Show(f.stored(comes))) {
		c.problems.add(f.Name, Text{"此项由系统算出，请不要填写", "this is worked out of other answers: leave it out"})
	}
}
