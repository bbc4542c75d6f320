package export

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"math"
	"time"
)

// jsonWriter writes an object a row, its keys in the order of the columns. What is
// not filled in has no key.
type jsonWriter struct {
	out   *bufio.Writer
	keys  [][]byte // quoted, with their colon
	cols  []Column
	array bool
	rows  int
	text  bytes.Buffer
	enc   *json.Encoder
}

func newJSON(out io.Writer, t Table, array bool) Writer {
	w := &jsonWriter{out: bufio.NewWriterSize(out, 64<<10), cols: t.Columns, array: array}
	w.enc = json.NewEncoder(&w.text)
	w.enc.SetEscapeHTML(false)
	for _, c := range t.Columns {
		key, _ := json.Marshal(c.Name) // a text is always JSON
		w.keys = append(w.keys, append(key, ':'))
	}
	return w
}

func (w *jsonWriter) Write(row []any) error {
	if w.array {
		w.out.WriteString(map[bool]string{true: "[\n", false: ",\n"}[w.rows == 0])
	}
	w.rows++
	w.out.WriteByte('{')
	first := true
	for i, c := range w.cols {
		value := c.json(row[i])
		if value == nil {
			continue
		}
		w.text.Reset()
		if err := w.enc.Encode(value); err != nil {
			return err
		}
		if !first {
			w.out.WriteByte(',')
		}
		first = false
		w.out.Write(w.keys[i])
		w.out.Write(bytes.TrimRight(w.text.Bytes(), "\n"))
	}
	w.out.WriteByte('}')
	if !w.array {
		return w.out.WriteByte('\n') // a writer that has failed says so from then on
	}
	return nil
}

// json returns a value as JSON carries it: a moment with its zone, a figure as a
// number with its point. A number that is none is left out.
func (c Column) json(value any) any {
	switch v := value.(type) {
	case int64:
		if c.Type == Figure {
			return json.Number(decimal(v, c.Places))
		}
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
	case time.Time:
		if c.Type == Day {
			return v.Format(time.DateOnly)
		}
		return china(v).Format("2006-01-02T15:04:05.000Z07:00")
	}
	return value
}

func (w *jsonWriter) Close() error {
	if w.array {
		w.out.WriteString(map[bool]string{true: "[]\n", false: "\n]\n"}[w.rows == 0])
	}
	return w.out.Flush()
}
