package export

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"wangge/crdt"
	"wangge/node/report"
	"wangge/schema"
)

// Records turns records of one kind into rows: what lists show, whole. Sealed fields
// are left out; what marks a person, and what is said of a confidential case, is masked.
type Records struct {
	kind   *schema.Kind
	reveal bool
	called func(code string) string // what an area is called; nil: no column says so
	fields []*schema.Field          // of the columns behind the record's own; nil for the words of the one before
	table  Table
}

// own are the columns that every record has, before its fields and after them.
func own() (before, after []Column) {
	before = []Column{
		{Name: "record", Title: schema.Text{Zh: "记录编号", En: "Record"}},
		{Name: "space", Title: schema.Text{Zh: "所属空间", En: "Space"}},
	}
	after = []Column{
		{Name: "changed", Title: schema.Text{Zh: "最后修改", En: "Last changed"}, Type: Moment},
		{Name: "conflict", Title: schema.Text{Zh: "有未定内容", En: "Values side by side"}, Type: Bool},
		{Name: "newer", Title: schema.Text{Zh: "来自较新表单", En: "From a newer form"}, Type: List},
	}
	return before, after
}

// Of returns how records of a kind become rows. If reveal, what is masked else stands there
// in full: who asks for that must be allowed to, and leaves a reason. If called is not nil
// a column says what the record's area is called; "" is none.
func Of(k *schema.Kind, reveal bool, called func(code string) string) *Records {
	before, after := own()
	r := &Records{kind: k, reveal: reveal, called: called, table: Table{Name: k.Name, Title: k.Title, Columns: before}}
	for i := range k.Fields {
		f := &k.Fields[i]
		if f.Sealed {
			continue
		}
		c := Column{Name: r.free(f.Name), Title: f.Title, Type: r.typeOf(f)}
		r.add(f, c)
		if f.Name == k.Area.Field && called != nil {
			r.add(nil, Column{Name: r.free(f.Name + "_name"), Title: nameOf(f.Title)})
		}
		if coded(f) {
			c.Name = r.free(f.Name + "_title")
			c.Title = schema.Text{Zh: f.Title.Zh + "（名称）", En: f.Title.En + " (title)"}
			r.add(nil, c)
		}
	}
	r.table.Columns = append(r.table.Columns, after...)
	return r
}

func (r *Records) add(f *schema.Field, c Column) {
	r.fields, r.table.Columns = append(r.fields, f), append(r.table.Columns, c)
}

// free returns a name that no column has: a field may be called as a record's own.
func (r *Records) free(name string) string {
	_, after := own()
	taken := slices.Concat(r.table.Columns, after)
	for slices.ContainsFunc(taken, func(c Column) bool { return c.Name == name }) {
		name += "_"
	}
	return name
}

// coded reports whether options read otherwise than they are stored, as codes of a
// national standard do.
func coded(f *schema.Field) bool {
	return slices.ContainsFunc(f.Options, func(o schema.Option) bool { return o.Title.Zh != o.Value })
}

// Masks reports whether a field stands in the rows masked.
func (r *Records) Masks(f *schema.Field) bool { return !r.reveal && r.kind.Masks(f) }

func (r *Records) typeOf(f *schema.Field) Type {
	switch {
	case r.Masks(f):
		return Text
	case f.Type == schema.TypeLadder:
		return Text
	case f.Merge == crdt.Counter || f.Merge == crdt.Bounded:
		return Whole
	case f.Merge == crdt.Set || f.Merge == crdt.Attachments || f.Merge == crdt.Log:
		return List
	}
	switch f.Type {
	case schema.TypeInt:
		return Whole
	case schema.TypeDecimal:
		return Number
	case schema.TypeBool:
		return Bool
	case schema.TypeInstant:
		return Moment
	case schema.TypeDate:
		return Day
	}
	return Text
}

// Table returns the table that the rows make.
func (r *Records) Table() Table { return r.table }

// Column returns the names of the columns in which a field stands, and how what it says
// reads: "" for none.
func (r *Records) Column(field string) (name, title string) {
	before, _ := own()
	for i, f := range r.fields {
		if f == nil || f.Name != field {
			continue
		}
		name = r.table.Columns[len(before)+i].Name
		if i+1 < len(r.fields) && r.fields[i+1] == nil && f.Name != r.kind.Area.Field {
			title = r.table.Columns[len(before)+i+1].Name
		}
	}
	return name, title
}

// Takes reports whether a record goes out for a question's area and days. A deleted
// one does not.
func (r *Records) Takes(rec crdt.Record, q report.Query) bool {
	if rec.Kind != r.kind.Name || rec.Fate() == crdt.Dead {
		return false
	}
	if q.Area != "" {
		area, _ := r.winner(rec, r.kind.Area.Field).Text()
		if !strings.HasPrefix(area, q.Area) {
			return false
		}
	}
	if q.From == "" && q.To == "" {
		return true
	}
	day := schema.Day(r.winner(rec, r.kind.When))
	return day != "" && day >= q.From && (q.To == "" || day <= q.To)
}

func (r *Records) winner(rec crdt.Record, name string) crdt.Value {
	if f, ok := r.kind.Field(name); ok {
		return f.Winner(rec.Cells[f.ID])
	}
	return ""
}

// Row returns a record's row.
func (r *Records) Row(space crdt.Space, id crdt.RecordID, stored crdt.Record) []any {
	rec := r.kind.Calculate(stored)
	row := make([]any, 0, len(r.table.Columns))
	row = append(row, id.String(), space.String())
	newer := []string{}
	for i, f := range r.fields {
		if f == nil { // the words of what stands before
			row = append(row, r.words(r.fields[i-1], row[len(row)-1]))
			continue
		}
		cell := rec.Cells[f.ID]
		value := r.value(f, cell)
		if value == nil && len(f.Shown(cell)) > 0 {
			newer = append(newer, f.Name) // of another type than this form's
		}
		row = append(row, value)
	}
	newer = append(newer, r.strange(stored)...)
	row = append(row, time.UnixMilli(stored.Stamp().Millis()).UTC(), len(stored.Conflicts()) > 0, nil)
	if len(newer) > 0 {
		row[len(row)-1] = newer
	}
	return row
}

// strange names the fields, in order, of which the kind knows nothing.
func (r *Records) strange(rec crdt.Record) (names []string) {
	var strange []crdt.FieldID
	for field, c := range rec.Cells {
		if _, known := r.kind.FieldByID(field); known || field == crdt.Deleted || field == crdt.Alias {
			continue
		}
		if len(c.Entries) > 0 && !slices.Contains(r.kind.Retired, field) {
			strange = append(strange, field)
		}
	}
	slices.Sort(strange)
	for _, field := range strange {
		names = append(names, fmt.Sprintf("#%d", field))
	}
	return names
}

// value returns what a column shows of a cell, nil for nothing and for what does not
// fit the field's type.
func (r *Records) value(f *schema.Field, c crdt.Cell) any {
	if len(c.Entries) == 0 {
		return nil
	}
	switch {
	case r.Masks(f):
		if w := f.Winner(c); w != "" {
			return f.Mask(w)
		}
		return nil
	case f.Merge == crdt.Counter:
		return c.Sum()
	case f.Merge == crdt.Bounded:
		return c.Ledger().Balance()
	case r.typeOf(f) == List:
		return list(f, c)
	}
	v := f.Winner(c)
	switch r.typeOf(f) {
	case Whole:
		return held(v.Int())
	case Number:
		if n, ok := v.Int(); ok {
			return float64(n)
		}
		return held(v.Float())
	case Bool:
		return held(v.Bool())
	case Moment:
		if ms, ok := v.Int(); ok && schema.Day(v) != "" {
			return time.UnixMilli(ms).UTC()
		}
		return nil
	case Day:
		if day, err := time.Parse(time.DateOnly, schema.Day(v)); err == nil {
			return day
		}
		return nil
	}
	if v == "" {
		return nil
	}
	return fmt.Sprint(schema.Show(v))
}

func held[T any](v T, ok bool) any {
	if !ok {
		return nil
	}
	return v
}

// list returns the elements of a set, the entries of a log, the roots of files.
func list(f *schema.Field, c crdt.Cell) any {
	all := []string{}
	if f.Merge == crdt.Log {
		for _, e := range c.Log() {
			all = append(all, fmt.Sprint(schema.Show(e.Value)))
		}
	} else {
		for _, v := range c.Values() {
			if a, ok := v.Attachment(); ok {
				all = append(all, fmt.Sprintf("%x", a.Root))
				continue
			}
			all = append(all, fmt.Sprint(schema.Show(v)))
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

// words returns how a code reads: what an area is called, or the titles of options.
func (r *Records) words(f *schema.Field, value any) any {
	if f.Name != r.kind.Area.Field {
		return titles(f, value)
	}
	if code, ok := value.(string); ok {
		if name := r.called(code); name != "" {
			return name
		}
	}
	return nil
}

// titles returns how chosen options read.
func titles(f *schema.Field, value any) any {
	one := func(s string) string {
		if t, ok := f.Label(crdt.Text(s)); ok {
			return t.Zh
		}
		return s // an option of a newer form
	}
	switch v := value.(type) {
	case string:
		return one(v)
	case []string:
		all := make([]string, len(v))
		for i, s := range v {
			all[i] = one(s)
		}
		return all
	}
	return nil
}

func rowsTitle() schema.Text { return schema.Text{Zh: "行数", En: "Rows"} }
