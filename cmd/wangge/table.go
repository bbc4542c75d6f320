package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"wangge/schema"
)

// column is where a table's column goes in a form: a field, and of a linked
// form the link before it.
type column struct {
	link  string
	field schema.Field
}

func readTable(in io.Reader, k *schema.Kind, kinds *schema.Registry) (*lineReader, error) {
	table, err := openTable(bufio.NewReaderSize(in, 2*lineMax))
	if err != nil {
		return nil, err
	}
	r := &lineReader{table: table}
	for _, name := range table.names {
		c, ok := findColumn(name, k, kinds)
		if !ok {
			return nil, fmt.Errorf("the column %q is no field of %s: name the columns as the form does", name, k.Name)
		}
		r.fields = append(r.fields, c)
	}
	return r, nil
}

func findColumn(name string, k *schema.Kind, kinds *schema.Registry) (column, bool) {
	if name == "id" || name == "kind" {
		return column{field: schema.Field{Name: name, Type: schema.TypeText}}, true
	}
	for _, f := range k.Fields {
		if f.Name == name || f.Title.Zh == name || f.Title.En == name {
			return column{field: f}, true
		}
	}
	for _, f := range k.Fields {
		to, ok := kinds.Kind(f.To)
		if !f.Inline || !ok {
			continue
		}
		inner := strings.TrimPrefix(name, f.Name+".")
		for _, g := range to.Fields {
			if g.Name == inner || g.Title.Zh == name || g.Title.En == name {
				return column{f.Name, g}, true
			}
		}
	}
	return column{}, false
}

func (r *lineReader) nextRow() (line, error) {
	row, number, fault, err := r.table.row()
	if err != nil || fault != "" {
		return line{number: number, fault: fault}, err
	}
	l := line{number: number}
	form := map[string]any{}
	for i, text := range row {
		put(form, r.fields[i], strings.TrimSpace(text))
	}
	l.form, err = json.Marshal(form)
	if len(l.form) > lineMax {
		l.fault = fmt.Sprintf("longer than %d bytes", lineMax)
	}
	return l, err
}

// put sets a column's value in a form. An empty cell was not filled in.
func put(form map[string]any, c column, text string) {
	if text == "" {
		return
	}
	if c.link != "" {
		inner, _ := form[c.link].(map[string]any)
		if inner == nil {
			inner = map[string]any{}
			form[c.link] = inner
		}
		form = inner
	}
	form[c.field.Name] = typed(c.field.Type, text)
}

// typed turns a cell's text into what a form's JSON would carry. What cannot be
// turned stays text, and the check of the form says so.
func typed(t schema.FieldType, text string) any {
	switch t {
	case schema.TypeInt, schema.TypeDecimal:
		if n := json.Number(text); json.Valid([]byte(text)) {
			return n
		}
	case schema.TypeInstant:
		if strings.Trim(text, "0123456789") == "" {
			return json.Number(text)
		}
		return strings.Replace(text, " ", "T", 1)
	case schema.TypeBool:
		switch strings.ToLower(text) {
		case "是", "true", "1", "yes":
			return true
		case "否", "false", "0", "no":
			return false
		}
	case schema.TypeChoices:
		return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(";；、|", r) })
	}
	return text
}
