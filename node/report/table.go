package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"wangge/schema"
)

// WriteCSV writes the table as CSV (RFC 4180) in UTF-8, its heads in Chinese or
// English. The last line is the total.
func (t Table) WriteCSV(w io.Writer, english bool) error {
	say := func(text schema.Text) string {
		if english {
			return text.En
		}
		return text.Zh
	}
	out := csv.NewWriter(w)
	head := []string{}
	for _, c := range t.Columns {
		head = append(head, say(c.Title))
	}
	out.Write(append(head, say(t.Title)))
	for _, r := range t.Rows {
		line := []string{}
		for _, l := range r.Labels {
			line = append(line, inert(say(l)))
		}
		out.Write(append(line, strconv.FormatInt(r.Count, 10)))
	}
	last := make([]string, len(t.Columns))
	if len(last) > 0 {
		last[0] = say(schema.Text{Zh: "合计", En: "Total"})
	}
	out.Write(append(last, strconv.FormatInt(t.Total, 10)))
	out.Flush()
	return out.Error()
}

// inert keeps a spreadsheet from running a cell that begins like a formula.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
