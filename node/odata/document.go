package odata

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"time"

	"wangge/node/export"
	"wangge/schema"
)

// writer writes JSON, an object's names in the order in which they are given.
type writer struct{ bytes.Buffer }

func (w *writer) value(v any) {
	enc := json.NewEncoder(&w.Buffer)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("odata: a value that is no JSON: " + err.Error())
	}
	w.Truncate(w.Len() - 1) // the encoder's line feed
}

func (w *writer) pair(name string, v any) {
	if last := w.Bytes()[w.Len()-1]; last != '{' {
		w.WriteByte(',')
	}
	w.value(name)
	w.WriteByte(':')
	w.value(v)
}

// service writes the list of sets (OData JSON format 4.0, section 5).
func service(base string, sets []Set) []byte {
	type entry struct {
		Name  string `json:"name"`
		Title string `json:"title,omitempty"`
		Kind  string `json:"kind"`
		URL   string `json:"url"`
	}
	all := make([]entry, 0, len(sets))
	for _, s := range sets {
		all = append(all, entry{s.Table.Name, s.Table.Title.Zh, "EntitySet", s.Table.Name})
	}
	var w writer
	w.WriteByte('{')
	w.pair("@odata.context", base+"$metadata")
	w.pair("value", all)
	w.WriteByte('}')
	return w.Bytes()
}

// document writes a page of a set.
func (s *Set) document(base string, q query, p page) []byte {
	var w writer
	w.WriteByte('{')
	w.pair("@odata.context", base+"$metadata#"+s.Table.Name+s.chosen(q))
	if q.count {
		w.pair("@odata.count", p.count)
	}
	w.WriteString(`,"value":[`)
	for i, row := range p.rows {
		if i > 0 {
			w.WriteByte(',')
		}
		w.WriteString("\n{")
		s.properties(&w, q, row)
		w.WriteByte('}')
	}
	w.WriteString("\n]")
	if p.next != nil {
		w.pair("@odata.nextLink", base+s.Table.Name+"?"+written(p.next.Encode()))
	}
	w.WriteByte('}')
	return w.Bytes()
}

// written leaves the dollars of options as people write them, and spaces as every client
// reads them.
func written(encoded string) string {
	return strings.NewReplacer("%24", "$", "+", "%20").Replace(encoded)
}

// entity writes one row.
func (s *Set) entity(base string, q query, row []any) []byte {
	var w writer
	w.WriteByte('{')
	w.pair("@odata.context", base+"$metadata#"+s.Table.Name+s.chosen(q)+"/$entity")
	s.properties(&w, q, row)
	w.WriteByte('}')
	return w.Bytes()
}

// chosen names the columns of a row that has not all of them.
func (s *Set) chosen(q query) string {
	if q.picked == nil {
		return ""
	}
	names := make([]string, len(q.picked))
	for i, c := range q.picked {
		names[i] = s.Table.Columns[c].Name
	}
	return "(" + strings.Join(names, ",") + ")"
}

func (s *Set) properties(w *writer, q query, row []any) {
	if q.picked == nil {
		for i, c := range s.Table.Columns {
			w.pair(c.Name, carried(c, row[i]))
		}
		return
	}
	for _, i := range q.picked {
		w.pair(s.Table.Columns[i].Name, carried(s.Table.Columns[i], row[i]))
	}
}

// carried returns a value as JSON carries it: a list that is empty is there all the same.
func carried(c export.Column, v any) any {
	switch v := v.(type) {
	case nil:
		if c.Type == export.List {
			return []string{}
		}
	case int64:
		if c.Type == export.Figure {
			return json.Number(schema.Decimal(v, c.Places))
		}
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
	case time.Time:
		if c.Type == export.Day {
			return v.Format(time.DateOnly)
		}
		return v.In(time.FixedZone("+08:00", 8*60*60)).Format("2006-01-02T15:04:05.000Z07:00")
	}
	return v
}
