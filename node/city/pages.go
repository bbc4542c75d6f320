package city

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"wangge/node/export"
	"wangge/node/policy"
	"wangge/node/publication"
	"wangge/schema"
)

//go:embed page.html
var pageText string

// Pages are what the folder shows in a browser: which areas have published a month, all its
// reports, and each with every area beside the sum. They need no script, read the folder
// anew for each request, and change nothing.
func (f *Folder) Pages(kinds *schema.Registry) (http.Handler, error) {
	frame, err := template.New("").Parse(pageText)
	if err != nil {
		return nil, err
	}
	root, err := policy.ReadAuthority(filepath.Join(f.dir, "county.crt"))
	if err != nil {
		return nil, err
	}
	s := &pages{f, kinds, frame.Lookup("frame"), root.Name()}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.show(s.months))
	mux.HandleFunc("GET /month", s.show(s.month))
	mux.HandleFunc("GET /report", s.show(s.report))
	mux.HandleFunc("GET /file", s.file)
	return mux, nil
}

type pages struct {
	folder *Folder
	kinds  *schema.Registry
	frame  *template.Template
	name   string
}

// page is what one page shows: the months, or a month, or a report.
type page struct {
	English   bool
	Name      string
	Area      string
	Problem   string
	Months    []Month
	Earlier   string // the last month of this page, if there are months before it
	Month     *Month
	Reports   []Report
	Report    *Report
	Line      Line
	About     []export.Line
	Groupings []grouping
	at        *url.URL
}

// grouping is one by which a report may be asked, as it reads.
type grouping struct {
	By    string
	Title schema.Text
}

// show answers with a page, or with the sentence of what is wrong.
func (s *pages) show(fill func(*http.Request, *page) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p := &page{English: r.FormValue("lang") == "en", Name: s.name, Area: s.folder.area, at: r.URL}
		status := http.StatusOK
		if err := fill(r, p); err != nil {
			status, p.Problem = http.StatusNotFound, p.Text(publication.Say(err))
		}
		var text bytes.Buffer
		if err := s.frame.Execute(&text, p); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		w.Write(text.Bytes()) // a client that has gone needs no answer
	}
}

// monthsShown is how many months stand on one page: each is read and its seals are looked at.
const monthsShown = 12

func (s *pages) months(r *http.Request, p *page) error {
	months, err := s.folder.Months()
	if before := r.FormValue("before"); before != "" {
		months = slices.DeleteFunc(months, func(month string) bool { return month >= before })
	}
	if len(months) > monthsShown {
		months = months[:monthsShown]
		p.Earlier = months[monthsShown-1]
	}
	for _, month := range months {
		m, wrong := s.folder.Month(month)
		if wrong != nil {
			return wrong
		}
		p.Months = append(p.Months, m)
	}
	return err
}

func (s *pages) month(r *http.Request, p *page) error {
	m, err := s.folder.Month(r.FormValue("month"))
	if err != nil {
		return err
	}
	p.Reports, err = s.folder.Overview(s.kinds, m.Month)
	p.Month = &m
	return err
}

func (s *pages) report(r *http.Request, p *page) error {
	report, err := s.folder.Report(s.kinds, r.FormValue("month"), r.FormValue("report"), r.FormValue("by"))
	if err != nil {
		return err
	}
	m, err := s.folder.Month(report.Month)
	if err != nil {
		return err
	}
	if p.Line, err = s.folder.Line(s.kinds, report); err != nil {
		return err
	}
	table, _ := report.Table(p.English)
	p.Report, p.About = &report, table.About
	for _, by := range m.Groupings(report.Parts[0]) {
		p.Groupings = append(p.Groupings, grouping{by, s.grouping(report.Parts[0], by)})
	}
	return nil
}

// grouping says by what a report is grouped.
func (s *pages) grouping(name, by string) schema.Text {
	kind, _, _ := strings.Cut(name, ".")
	if k, ok := s.kinds.Kind(kind); ok {
		if f, ok := k.Field(by); ok {
			return schema.Text{Zh: "按" + f.Title.Zh, En: "by " + f.Title.En}
		}
	}
	switch digits, area := strings.CutPrefix(by, "area:"); {
	case by == "":
		return schema.Text{Zh: "只看合计", En: "the total alone"}
	case area && digits == "9":
		return schema.Text{Zh: "按乡镇（街道）", En: "by township"}
	case area && digits == "6":
		return schema.Text{Zh: "按县", En: "by county"}
	case area && digits == "4":
		return schema.Text{Zh: "按市", En: "by city"}
	}
	return schema.Text{Zh: "按 " + by, En: "by " + by}
}

// file gives a report out as a file.
func (s *pages) file(w http.ResponseWriter, r *http.Request) {
	format, english := export.Format(r.FormValue("format")), r.FormValue("lang") == "en"
	report, err := s.folder.Report(s.kinds, r.FormValue("month"), r.FormValue("report"), r.FormValue("by"))
	if err == nil && !format.Known() {
		err = publication.Refuse(nil, "没有 %q 这种文件，可选 %v", "there is no format %q: want one of %v", format, export.Formats())
	}
	if err != nil {
		s.show(func(*http.Request, *page) error { return err })(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", format.Media())
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Disposition", `attachment; filename="`+strings.ReplaceAll(report.Report, ".", "_")+"-"+report.Month+"."+string(format)+`"`)
	if err := report.Write(w, format, export.Style{English: english}); err != nil {
		panic(http.ErrAbortHandler) // so that the client knows that the file is not whole
	}
}

// Say chooses between the two languages.
func (p *page) Say(zh, en string) string { return p.Text(schema.Text{Zh: zh, En: en}) }

// Text is Say of a text.
func (p *page) Text(t schema.Text) string {
	if p.English && t.En != "" {
		return t.En
	}
	return t.Zh
}

// To returns the address of another page in the same language.
func (p *page) To(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if p.English {
		q.Set("lang", "en")
	}
	return (&url.URL{Path: path, RawQuery: q.Encode()}).String()
}

// Other returns the address of the page in the other language.
func (p *page) Other() string {
	q := p.at.Query()
	if q.Del("lang"); !p.English {
		q.Set("lang", "en")
	}
	return (&url.URL{Path: p.at.Path, RawQuery: q.Encode()}).String()
}

// Number says which publication of an area is shown, by whom and of what day.
func (p *page) Number(s Stand) string {
	return p.Say(fmt.Sprintf("第 %d 号，%s，%s", s.Number, s.By, s.At[:10]), fmt.Sprintf("number %d, %s, %s", s.Number, s.By, s.At[:10]))
}

// read is a figure as it stands in a row.
type read struct{ Shown, Said, Earlier, Difference, Growth string }

// Figure writes a figure of a report, a dash for what there is not.
func (p *page) Figure(r Report, f *Figure) read {
	none := read{"–", "", "–", "–", "–"}
	if f == nil {
		return none
	}
	none.Shown, none.Said = f.Shown, p.Text(f.Said)
	if c := f.Compared; c != nil {
		none.Earlier, none.Difference = schema.Decimal(c.Earlier, r.Decimals), signed(c.Difference, r.Decimals)
		if c.Growth != nil {
			none.Growth = signed(*c.Growth, growthPlaces) + "%"
		}
	}
	return none
}

func signed(n int64, places int) string {
	if n > 0 {
		return "+" + schema.Decimal(n, places)
	}
	return schema.Decimal(n, places)
}
