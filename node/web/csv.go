package web

import (
	"encoding/csv"
	"net/http"
	"strings"
	"unicode/utf8"

	"wangge/node/report"
	"wangge/schema"
)

// sendTable writes a report as CSV (RFC 4180): a column for each grouping, and
// one for the figure. There is no row of totals: a person in two groups is one
// person, so a total belongs to the question without groups.
func sendTable(w http.ResponseWriter, t report.Table, a asked) {
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Disposition", `attachment; filename="report.csv"`)
	if a.mark {
		w.Write([]byte("\uFEFF"))
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	var head []string
	for _, c := range t.Columns {
		head = append(head, cell(a.word(c.Title, c.Name)))
	}
	out.Write(append(head, cell(a.word(t.Title, t.Report))))
	for _, row := range t.Rows {
		var line []string
		for i, key := range row.Keys {
			line = append(line, cell(a.word(row.Labels[i], key)))
		}
		out.Write(append(line, t.Figure(row.Count)))
	}
	out.Flush() // a client that has gone needs no table
}

// word returns a wording in the language asked for, or what it stands for.
func (a asked) word(t schema.Text, otherwise string) string {
	if a.english && t.En != "" {
		return t.En
	}
	if t.Zh != "" {
		return t.Zh
	}
	return otherwise
}

// cell guards a text against being run as a formula by the program that opens
// the file: what people typed must not act on the analyst's machine.
func cell(text string) string {
	first, _ := utf8.DecodeRuneInString(text)
	if strings.ContainsRune("=+-@\t\r＝＋－＠", first) {
		return "'" + text
	}
	return text
}
