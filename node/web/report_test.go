package web_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"wangge/node/report"
	"wangge/node/web"
	"wangge/schema"
)

func newOffice(t testing.TB) (*site, *hub) {
	h := newHub()
	return newSite(t, web.Options{Machine: h, Office: h, Gazetteer: h}), h
}

func TestAQuestionReachesTheOfficeAsItWasAsked(t *testing.T) {
	s, h := newOffice(t)
	var answer web.Answer
	s.expect(http.StatusOK, &answer, "GET", "/api/report?report=grid_visit.visits&by=area:9,topic&area=1405&from=2026-11-01&to=2026-11-30&as_of=2026-11-29&where.status=正常&where.topic=用电安全&current=true", "")
	want := report.Query{
		Report: "grid_visit.visits", By: []string{"area:9", "topic"}, Area: "1405", From: "2026-11-01", To: "2026-11-30", AsOf: "2026-11-29",
		Where: map[string]string{"status": "正常", "topic": "用电安全"},
	}
	if !reflect.DeepEqual(h.queries[0], want) || !h.current {
		t.Errorf("the office was asked %+v (current %t), want %+v", h.queries[0], h.current, want)
	}
	if answer.Total != 61 || len(answer.Rows) != 3 || answer.Currency.Commit != 1284 || len(answer.Currency.Boxes) != 3 {
		t.Errorf("answered %+v", answer)
	}
}

func TestAQuestionWithoutGroupsHasEmptyLists(t *testing.T) {
	s, h := newOffice(t)
	h.answer.Currency.Boxes = nil
	body := s.ask("GET", "/api/report?report=grid_visit.visits", "").Body.String()
	if !strings.Contains(body, `"columns":[]`) || !strings.Contains(body, `"boxes":[]`) {
		t.Errorf("got %s", body)
	}
}

func TestTheRecordsBehindARowAreAskedForByItsKeys(t *testing.T) {
	s, h := newOffice(t)
	var list struct {
		Items []web.Item
		Next  string
	}
	const after = "AAAAAAAAAAAAAAAAAAAAAQ"
	s.expect(http.StatusOK, &list, "GET", "/api/report/records?report=a.b&by=area:9,month,topic&from=2026-11-05&side=per&limit=2&after="+after+
		"&row="+url.QueryEscape(`["140581105","2026-11","用电安全"]`), "")
	want := report.Query{Report: "a.b", Area: "140581105", From: "2026-11-05", To: "2026-11-30", Where: map[string]string{"topic": "用电安全"}}
	if !reflect.DeepEqual(h.queries[0], want) || h.side != "per" || h.limit != 2 || h.after[15] != 1 || len(list.Items) != 2 || list.Next != after {
		t.Errorf("asked %+v %s %d %s, got %+v", h.queries[0], h.side, h.limit, h.after, list)
	}
	for query, field := range map[string]string{"limit=0": "limit", "limit=201": "limit", "after=x": "after", "row=x": "row", "by=month&row=[\"x\"]": "row", "wher.a=b": "wher.a"} {
		var told told
		s.expect(http.StatusUnprocessableEntity, &told, "GET", "/api/report/records?report=a.b&"+query, "")
		if len(told.Problems) != 1 || told.Problems[0].Field != field {
			t.Errorf("%s: got %+v", query, told)
		}
	}
}

func TestACheckSaysWhatIsNotAsARecountHasIt(t *testing.T) {
	s, _ := newOffice(t)
	var checked report.Checked
	s.expect(http.StatusOK, &checked, "POST", "/api/report/check", "")
	if checked.Figures != 20 || len(checked.Differences) != 1 || checked.Differences[0].Recount != "2" {
		t.Errorf("got %+v", checked)
	}
}

func TestAConditionThatIsNoneIsAProblem(t *testing.T) {
	s, h := newOffice(t)
	tests := map[string]string{
		"form=2026-11-01":                  "form",
		"area=1&area=2":                    "area",
		"current=maybe":                    "current",
		"format=xls":                       "format",
		"lang=fr":                          "lang",
		"where.=a":                         "where.",
		"by=a,b,c,d,e,f,g":                 "by",
		"area=" + strings.Repeat("1", 201): "area",
	}
	for query, field := range tests {
		var told told
		s.expect(http.StatusUnprocessableEntity, &told, "GET", "/api/report?report=a&"+query, "")
		if len(told.Problems) != 1 || told.Problems[0].Field != field {
			t.Errorf("%s: got %+v", query, told)
		}
	}
	if len(h.queries) != 0 {
		t.Errorf("the office was asked %+v", h.queries)
	}
}

func TestAnOfficesErrorsAreTold(t *testing.T) {
	s, h := newOffice(t)
	for code, err := range map[int]error{
		http.StatusNotFound:            web.ErrMissing,
		http.StatusUnprocessableEntity: schema.Problems{{Field: "by", Text: schema.Text{Zh: "不能这样分组", En: "no such grouping"}}},
		http.StatusServiceUnavailable:  fmt.Errorf("not known to be current: %w", context.DeadlineExceeded),
		http.StatusInternalServerError: fmt.Errorf("the store is closed"),
	} {
		h.err = err
		s.expect(code, nil, "GET", "/api/report?report=a&current=true", "")
	}
}

func TestATableIsExportedInEitherLanguage(t *testing.T) {
	s, _ := newOffice(t)
	for lang, want := range map[string]string{
		"zh": "区划,区划（名称）,事项,走访次数\r\n140581105,城关镇,用电安全,42\r\n140581105,城关镇,独居老人,17\r\n140581106,,'=1+1,3\r\n",
		"en": "Area,Area (name),Topic,Visits\r\n140581105,城关镇,Electrical safety,42\r\n140581105,城关镇,Elderly living alone,17\r\n140581106,,'=1+1,3\r\n",
	} {
		w := s.ask("GET", "/api/report?report=grid_visit.visits&by=area:9,topic&format=csv&lang="+lang, "")
		if w.Body.String() != want {
			t.Errorf("%s: got %q, want %q", lang, w.Body, want)
		}
		if h := w.Header(); h.Get("Content-Type") != "text/csv; charset=utf-8" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") {
			t.Errorf("headers %v", h)
		}
	}
	body := s.ask("GET", "/api/report?report=grid_visit.visits&by=area:9&format=csv&bom=1", "").Body.String()
	if !strings.HasPrefix(body, "\uFEFF区划") {
		t.Errorf("the table does not begin with a mark: %q", body[:12])
	}
}

func TestNoCellIsAFormula(t *testing.T) {
	s, h := newOffice(t)
	for _, text := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "－1", "＋1", "＠a"} {
		h.answer.Rows = []report.Row{{Keys: []string{"1", "x"}, Labels: []schema.Text{{}, {Zh: text, En: text}}, Count: 1}}
		body := s.ask("GET", "/api/report?report=a&by=b&format=csv", "").Body.String()
		lines, err := csv.NewReader(strings.NewReader(body)).ReadAll()
		if err != nil || !strings.HasPrefix(lines[1][2], "'") || lines[1][0] != "1" {
			t.Errorf("%q became %q (%v)", text, body, err)
		}
	}
}

// No question breaks the handler, and none that is asked has an unknown part.
func FuzzQuestion(f *testing.F) {
	f.Add("report=a&by=area:9,topic&where.status=x&current=1&format=csv&lang=en&bom=true")
	f.Add("%00=%ff&where.a=&&by=,,,")
	s, _ := newOffice(f)
	f.Fuzz(func(t *testing.T, query string) {
		if _, err := url.Parse("/api/report?" + query); err != nil || strings.ContainsAny(query, " \x7f#") || !plain(query) {
			t.Skip("no request can carry this")
		}
		w := s.ask("GET", "/api/report?"+query, "")
		if w.Code != http.StatusOK && w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%q: got %d %s", query, w.Code, w.Body)
		}
	})
}

func plain(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' })
}

// An answer names so many rows for which there is nothing to divide by; a file has them all.
func TestAnAnswerNamesSomeRowsWithoutAFigureAndAFileAll(t *testing.T) {
	h := newHub()
	h.answer.Columns = []report.Column{{Name: "area:12", Title: schema.Text{Zh: "区域"}}}
	h.answer.Rows = nil
	for i := range 103 {
		h.answer.Undivided = append(h.answer.Undivided, report.Row{Keys: []string{fmt.Sprintf("140581105%03d", i)}, Labels: make([]schema.Text, 1)})
	}
	s := newSite(t, web.Options{Machine: h, Office: h})
	var answer web.Answer
	s.expect(http.StatusOK, &answer, "GET", "/api/report?report=grid_visit.visits", "")
	if len(answer.Undivided) != 100 || answer.UndividedMore != 3 {
		t.Errorf("the answer names %d rows and %d others", len(answer.Undivided), answer.UndividedMore)
	}
	if lines := strings.Count(s.ask("GET", "/api/report?report=grid_visit.visits&by=area:12&format=csv", "").Body.String(), "\r\n"); lines != 104 {
		t.Errorf("the file has %d lines", lines)
	}
}
