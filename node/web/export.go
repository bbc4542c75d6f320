package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"wangge/crdt"
	"wangge/node/export"
	"wangge/node/report"
	"wangge/schema"
)

// Archive gives records out in bulk.
type Archive interface {
	// Each calls yield with every record of a kind's class whose space may hold work of
	// the area, in an order that does not change and only those behind a place, until yield
	// fails.
	Each(ctx context.Context, k *schema.Kind, area string, behind Place, yield func(crdt.Space, crdt.RecordID, crdt.Record) error) error
	// Reveals reports whether this node's pages show persons in full, so that an export may.
	Reveals() bool
	// Currency says what the records here know of.
	Currency() Currency
}

// Place is where a record stands in that order; before all of them for the zero value.
type Place struct {
	Space crdt.Space
	ID    crdt.RecordID
}

const (
	exportsMax = 2           // under way at once
	exportStep = time.Minute // in which a reader has to take something of the file
	reasonMin  = 4           // code points: a reason, and no dot
	clockShown = "2006-01-02 15:04"
)

// extract is what is asked of a kind's records, as the address carries it.
type extract struct {
	kind   *schema.Kind
	format export.Format
	query  report.Query // Area, From and To alone
	style  export.Style
	reason string // for persons in full; "" for masked
}

// export sends a kind's records as a file. What goes wrong in its midst cuts it off:
// half a file must not look like a whole one.
func (s *server) export(w http.ResponseWriter, r *http.Request) {
	x, problems := s.extract(r.URL.Query())
	if len(problems) > 0 {
		s.fail(w, r, problems)
		return
	}
	if x.kind == nil {
		s.fail(w, r, ErrMissing)
		return
	}
	select {
	case s.exports <- struct{}{}:
		defer func() { <-s.exports }()
	default:
		refuse(w, http.StatusServiceUnavailable, "已有两份导出正在进行，请稍后再试", "two exports are under way: try again when one has ended")
		return
	}
	records := export.Of(x.kind, x.reason != "", s.areaName)
	table := records.Table()
	table.About = append(s.about(x.query, s.Archive.Currency()), x.masking())
	rows := 0
	began := time.Now()
	file := attach(w, x.format, x.kind.Name)
	out, err := export.New(x.format, file, table, x.style)
	if err == nil {
		err = s.Archive.Each(r.Context(), x.kind, x.query.Area, Place{}, func(space crdt.Space, id crdt.RecordID, rec crdt.Record) error {
			if !records.Takes(rec, x.query) {
				return nil
			}
			rows++
			return out.Write(records.Row(space, id, rec))
		})
	}
	if err == nil {
		err = out.Close()
	}
	s.Log.Info("records went out", "kind", x.kind.Name, "format", string(x.format), "area", x.query.Area, "from", x.query.From, "to", x.query.To,
		"rows", rows, "in_full", x.reason != "", "reason", x.reason, "to_address", r.RemoteAddr, "took", time.Since(began).Round(time.Millisecond), "error", err)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
}

// extract reads what is asked. A name that it does not know is a problem: a misspelt
// bound would give a file that looks right.
func (s *server) extract(values url.Values) (x extract, problems schema.Problems) {
	x.format = export.XLSX
	wrong := func(name, zh, en string) {
		problems = append(problems, schema.Problem{Field: name, Text: schema.Text{Zh: zh, En: en}})
	}
	problems = singly(values, func(name, value string) bool { return s.readExtract(&x, name, value) })
	if x.query.From != "" && x.query.To != "" && x.query.From > x.query.To {
		wrong("to", "应不早于 from", "want a day that is not before from")
	}
	if (x.query.From != "" || x.query.To != "") && x.kind != nil && x.kind.When == "" {
		wrong("from", "这类记录没有日期", "records of this kind have no day")
	}
	if x.kind != nil && x.kind.Class == crdt.Confidential && !s.Archive.Reveals() {
		wrong("kind", "保密类记录只能在所属站点导出", "confidential records are given out only at the boxes that show them")
	}
	if x.reason != "" && (utf8.RuneCountInString(x.reason) < reasonMin || !s.Archive.Reveals()) {
		wrong("reason", "只有在记录所属的站点、写明理由（至少 4 个字），才能导出完整的个人信息",
			"persons in full are given out only at a box that shows them, and for a reason of at least 4 characters")
	}
	return x, problems
}

func (s *server) readExtract(x *extract, name, value string) (ok bool) {
	ok = true
	switch name {
	case "kind":
		x.kind, _ = s.Registry.Kind(value)
	case "format":
		x.format = export.Format(value)
		ok = x.format.Known()
	case "area":
		x.query.Area = value
		ok = value == "" || crdt.IsArea(value)
	case "from", "to":
		ok = value == "" || schema.Day(crdt.Text(value)) != ""
		if name == "from" {
			x.query.From = value
		} else {
			x.query.To = value
		}
	case "lang":
		x.style.English, ok = value == "en", value == "en" || value == "zh"
	case "reason":
		x.reason = value
	default:
		return false
	}
	return ok
}

func (x extract) masking() export.Line {
	l := export.Line{Title: schema.Text{Zh: "个人信息", En: "Persons"}, Value: "已遮挡 masked"}
	if x.reason != "" {
		l.Value = "完整，理由 in full, because: " + x.reason
	}
	return l
}

// about says what a file is of: whose, where, when, and how complete.
func (s *server) about(q report.Query, c Currency) []export.Line {
	lines := append(s.asked(q), line("截止时间", "Cut-off", shownAt(c.At)+" (+08:00)"), line("统计节点", "By", c.Replica))
	if c.Commit > 0 {
		lines = append(lines, line("提交序号", "Commit", fmt.Sprint(c.Commit)))
	}
	if len(c.Boxes) > 0 {
		lines = append(lines, line("完整性", "Completeness", complete(c)))
	}
	return lines
}

// asked says where and when a file is of.
func (s *server) asked(q report.Query) []export.Line {
	return []export.Line{
		line("区域", "Area", cmp.Or(strings.TrimSpace(s.areaName(q.Area)+" "+q.Area), "全部 all")),
		line("期间", "Period", cmp.Or(q.From, "起初 the beginning")+" – "+cmp.Or(q.To, "截至 now")),
	}
}

func line(zh, en, value string) export.Line {
	return export.Line{Title: schema.Text{Zh: zh, En: en}, Value: value}
}

// complete says up to when the work of how many boxes is here, and whose is late.
func complete(c Currency) string {
	sum := c.Complete
	if len(sum.Late) == 0 {
		return fmt.Sprintf("截至 %[1]s，%[2]d 个站已全部到齐 Up to %[1]s the work of all %[2]d boxes is here", shownAt(sum.At), sum.Of)
	}
	late := slices.Clone(sum.Late)
	for i, name := range late {
		if at := slices.IndexFunc(c.Boxes, func(b Heard) bool { return b.Name == name }); at >= 0 {
			late[i] += " " + shownAt(c.Boxes[at].At)
		}
	}
	return fmt.Sprintf("截至 %[1]s，%[2]d 个站中 %[3]d 个已到齐 Up to %[1]s the work of %[3]d of %[2]d boxes is here; 未到 not of: %[4]s",
		shownAt(sum.At), sum.Of, sum.Boxes, strings.Join(late, ", "))
}

// shownAt shows a moment by China's clock, a dash for none.
func shownAt(at time.Time) string {
	if at.IsZero() {
		return "—"
	}
	return inChina(at).Format(clockShown)
}

func inChina(t time.Time) time.Time { return t.In(time.FixedZone("+08:00", 8*60*60)) }

// attach heads a reply that is a file, and returns where it is written to: a reader
// that takes something now and then may be as slow as it is.
func attach(w http.ResponseWriter, f export.Format, name string) *slowly {
	h := w.Header()
	h.Set("Content-Type", f.Media())
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s.%s"`, name, f))
	return &slowly{w, http.NewResponseController(w), time.Time{}}
}

// slowly is a reply for which a reader has time as long as it takes some of it.
type slowly struct {
	http.ResponseWriter
	control *http.ResponseController
	asked   time.Time
}

func (s *slowly) Write(b []byte) (int, error) {
	if now := time.Now(); now.Sub(s.asked) > time.Second {
		s.asked = now
		s.control.SetWriteDeadline(now.Add(exportStep)) // where there is none, none is needed
	}
	return s.ResponseWriter.Write(b)
}
