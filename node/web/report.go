package web

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"wangge/node/export"
	"wangge/node/report"
	"wangge/schema"
)

// Limits of a question, before it costs anything.
const (
	groupingsMax = 6
	askedMax     = 200              // bytes of one part of the question
	undividedMax = 100              // rows without a figure that an answer names; files have them all
	currentMax   = 10 * time.Second // for an answer that must be current
)

// asked is a question as the address carries it.
type asked struct {
	query   report.Query
	month   string // whose days are asked for, instead of from and to
	current bool
	compare bool // with the periods before, as files and months are
	format  export.Format
	english bool
	mark    bool // CSV: a byte order mark first, by which Excel knows UTF-8
}

func (s *server) report(w http.ResponseWriter, r *http.Request) {
	a, problems := s.ask(r.URL.Query())
	if len(problems) > 0 {
		s.fail(w, r, problems)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), currentMax)
	defer cancel()
	if a.month != "" {
		a.query = a.query.InMonth(a.month)
	}
	answer, err := s.figures(ctx, a)
	if err == nil && (a.compare || a.month != "" || a.format != "") {
		answer.Compared = s.compare(ctx, answer.Table, a)
	}
	s.nameAreas(&answer)
	switch {
	case err != nil:
		s.failFigures(w, r, err)
	case a.format != "" && a.format != export.JSON:
		s.sendTable(w, answer, a)
	default:
		answer.Columns = append([]report.Column{}, answer.Columns...) // [], not null
		answer.Rows = append([]report.Row{}, answer.Rows...)
		answer.Table = answer.Brief(undividedMax)
		answer.Currency.whole()
		send(w, http.StatusOK, answer)
	}
}

// figures asks the office, or for a month those who keep its figures.
func (s *server) figures(ctx context.Context, a asked) (Answer, error) {
	if a.month == "" {
		return s.Office.Report(ctx, a.query, a.current)
	}
	return s.Months.Report(ctx, a.month, a.query, a.current)
}

// sendTable sends a report as a file.
func (s *server) sendTable(w http.ResponseWriter, answer Answer, a asked) {
	whole := export.Report{Table: answer.Table, Compared: answer.Compared}
	if answer.Month != nil && answer.Month.Frozen {
		whole.Now = answer.Month.Now
	}
	table, rows := export.Figures(whole, a.english)
	table.About = append(s.aboutFigures(a, answer), table.About...)
	out, err := export.New(a.format, attach(w, a.format, "report"), table, export.Style{English: a.english, Plain: !a.mark})
	for _, row := range rows {
		if err == nil {
			err = out.Write(row)
		}
	}
	if err == nil {
		err = out.Close()
	}
	if err != nil {
		s.Log.Error("a report could not be sent as a file", "report", answer.Report, "format", string(a.format), "error", err)
		panic(http.ErrAbortHandler)
	}
}

// ask reads the question. A name that it does not know is a problem: a misspelt
// filter would give a figure that looks right.
func (s *server) ask(values url.Values) (a asked, problems schema.Problems) {
	problems = singly(values, a.read)
	if _, _, ok := report.MonthDays(a.month); a.month != "" && (!ok || s.Months == nil || a.query.From+a.query.To+a.query.AsOf != "") {
		problems = append(problems, schema.Problem{Field: "month", Text: schema.Text{
			Zh: "应为月份，例如 2026-11，且不再给起止日期", En: "want a month, such as 2026-11, and no days beside it"}})
	}
	if len(a.query.By) > groupingsMax {
		problems = append(problems, schema.Problem{Field: "by", Text: schema.Text{
			Zh: fmt.Sprintf("最多按 %d 项分组", groupingsMax), En: fmt.Sprintf("group by at most %d things", groupingsMax)}})
	}
	return a, problems
}

// singly hands each part of a question to read, which reports whether it is one.
func singly(values url.Values, read func(name, value string) bool) (problems schema.Problems) {
	wrong := func(name, zh, en string) {
		problems = append(problems, schema.Problem{Field: name, Text: schema.Text{Zh: zh, En: en}})
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		value := values.Get(name)
		if len(values[name]) > 1 || len(value) > askedMax || len(name) > askedMax {
			wrong(shortened(name), "只能给一次，且不超过 200 字节", "give this once, and in at most 200 bytes")
			continue
		}
		if !read(name, value) {
			wrong(name, "没有这个条件，或写法不对，见 FORMAT.md", "there is no such condition, or it is not written so; see FORMAT.md")
		}
	}
	return problems
}

// read takes one part of the question, and reports whether it is one.
func (a *asked) read(name, value string) (ok bool) {
	ok = true
	switch name {
	case "report":
		a.query.Report = value
	case "by":
		if value != "" {
			a.query.By = strings.Split(value, ",")
		}
	case "area":
		a.query.Area = value
	case "from":
		a.query.From = value
	case "to":
		a.query.To = value
	case "as_of":
		a.query.AsOf = value
	case "month":
		a.month = value
	case "current":
		a.current, ok = yes(value)
	case "compared":
		a.compare, ok = yes(value)
	case "bom":
		a.mark, ok = yes(value)
	case "format":
		a.format = export.Format(value)
		ok = a.format.Known()
	case "lang":
		a.english, ok = value == "en", value == "en" || value == "zh"
	default:
		return a.where(name, value)
	}
	return ok
}

func (a *asked) where(name, value string) bool {
	field, ok := strings.CutPrefix(name, "where.")
	if !ok || field == "" {
		return false
	}
	if a.query.Where == nil {
		a.query.Where = map[string]string{}
	}
	a.query.Where[field] = value
	return true
}

func yes(value string) (is, ok bool) {
	is, err := strconv.ParseBool(value)
	return is, err == nil
}

// shortened returns a name that is only to be shown again.
func shortened(name string) string {
	return strings.ToValidUTF8(name[:min(len(name), askedMax)], "")
}
