package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"wangge/node/export"
	"wangge/node/odata"
	"wangge/schema"
)

// exportMonth sends every frozen figure of a closed month as a file, with what the
// records say now.
func (s *server) exportMonth(w http.ResponseWriter, r *http.Request) {
	var format export.Format
	var style export.Style
	problems := singly(r.URL.Query(), func(name, value string) bool {
		switch name {
		case "format":
			format = export.Format(value)
			return format.Known()
		case "lang":
			style.English = value == "en"
			return style.English || value == "zh"
		}
		return false
	})
	if format == "" && len(problems) == 0 {
		problems = schema.Problems{{Field: "format", Text: schema.Text{Zh: "应为文件格式，例如 xlsx", En: "want a file's format, such as xlsx"}}}
	}
	if len(problems) > 0 {
		s.fail(w, r, problems)
		return
	}
	all, err := s.Months.Closed()
	at := slices.IndexFunc(all, func(c Closing) bool { return c.Month == r.PathValue("month") })
	if err == nil && at < 0 {
		err = ErrMissing
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if err := s.sendMonth(r.Context(), w, all[at], format, style); err != nil {
		s.Log.Error("a closed month could not be sent as a file", "month", all[at].Month, "format", string(format), "error", err)
		panic(http.ErrAbortHandler)
	}
}

func (s *server) sendMonth(ctx context.Context, w http.ResponseWriter, c Closing, format export.Format, style export.Style) error {
	ctx, cancel := context.WithTimeout(ctx, monthFileMax)
	defer cancel()
	table := frozenTable()
	table.About = closedAs(c)
	out, err := export.New(format, attach(w, format, c.Month), table, style)
	if err == nil {
		err = s.eachFrozen(ctx, c, odata.Narrow{}, out.Write)
	}
	if err == nil {
		err = out.Close()
	}
	return err
}

// monthFileMax is how long it may take: every report is counted again.
const monthFileMax = 2 * time.Minute

// closedAs says in a file how a month was closed.
func closedAs(c Closing) []export.Line {
	return []export.Line{
		line("月份", "Month", c.Month+", 结账数 frozen"), line("结账人", "Closed by", c.By), line("结账时间", "Closed at", shownAt(c.At)+" (+08:00)"),
		line("统计节点", "By", c.Replica), line("提交序号", "Commit", fmt.Sprint(c.Commit)), line("完整性", "Completeness", complete(Currency{Complete: c.Complete})),
	}
}
