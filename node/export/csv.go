package export

import (
	"encoding/csv"
	"io"

	"wangge/schema"
)

// csvWriter writes a table as RFC 4180 has it, in UTF-8.
type csvWriter struct {
	out     *csv.Writer
	columns []Column
	cells   []string
}

func newCSV(out io.Writer, t Table, s Style) (Writer, error) {
	if !s.Plain {
		if _, err := io.WriteString(out, "\uFEFF"); err != nil {
			return nil, err
		}
	}
	w := &csvWriter{csv.NewWriter(out), t.Columns, make([]string, len(t.Columns))}
	w.out.UseCRLF = true
	for i, c := range t.Columns {
		w.cells[i] = guarded(word(c, s.English))
	}
	return w, w.out.Write(w.cells)
}

// word returns a column's title in one language, or its name.
func word(c Column, english bool) string {
	for _, text := range []string{map[bool]string{true: c.Title.En}[english], c.Title.Zh} {
		if text != "" {
			return text
		}
	}
	return c.Name
}

func (w *csvWriter) Write(row []any) error {
	for i, c := range w.columns {
		w.cells[i] = c.plain(row[i])
		if c.Type == Text || c.Type == List { // a number may begin with a sign
			w.cells[i] = guarded(w.cells[i])
		}
	}
	return w.out.Write(w.cells)
}

func (w *csvWriter) Close() error {
	w.out.Flush()
	return w.out.Error()
}

// both returns a wording in both languages, the second on a line of its own.
func both(t schema.Text, otherwise string) string {
	switch {
	case t.Empty():
		return otherwise
	case t.En == "" || t.En == t.Zh:
		return t.Zh
	case t.Zh == "":
		return t.En
	}
	return t.Zh + "\n" + t.En
}
