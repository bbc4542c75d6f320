package web_test

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"wangge/node/report"
	"wangge/node/web"
	"wangge/schema"
)

func TestManyTotalsAreAskedForAtOnce(t *testing.T) {
	s, h := newOffice(t)
	var answer struct {
		Totals   []web.Total
		Currency web.Currency
	}
	s.expect(http.StatusOK, &answer, "POST", "/api/report/totals",
		`{"area":"140581105","current":true,"questions":[{"report":"a.b","from":"2026-11-01","where":{"status":"正常"}},{"report":"a.c"}]}`, "Content-Type", "application/json")
	want := []report.Query{{Report: "a.b", Area: "140581105", From: "2026-11-01", Where: map[string]string{"status": "正常"}}, {Report: "a.c", Area: "140581105"}}
	if !reflect.DeepEqual(h.queries, want) {
		t.Errorf("the office was asked %+v", h.queries)
	}
	if len(answer.Totals) != 2 || answer.Totals[1].Total != 61 || len(answer.Totals[0].Rows) > 0 || answer.Currency.Complete.Of != 3 || len(answer.Currency.Boxes) != 3 {
		t.Errorf("answered %+v", answer)
	}
	if !h.current {
		t.Error("the office was not asked for what is current")
	}
	s.expect(http.StatusOK, &answer, "POST", "/api/report/totals", `{"compared":true,"questions":[{"report":"grid_visit.visits","from":"2025-11-01","to":"2025-11-30"}]}`, "Content-Type", "application/json")
	if len(answer.Totals) != 1 || len(answer.Totals[0].Compared) != 2 {
		t.Errorf("beside the periods before it was answered %+v", answer.Totals)
	}
	h.err = schema.Problems{{Field: "report", Text: schema.Text{Zh: "没有这张报表", En: "there is no such report"}}}
	s.expect(http.StatusOK, &answer, "POST", "/api/report/totals", `{"questions":[{"report":"a.x"}]}`, "Content-Type", "application/json")
	if len(answer.Totals) != 1 || len(answer.Totals[0].Problems) != 1 || answer.Totals[0].Report != "a.x" {
		t.Errorf("of a report that is none it was answered %+v", answer.Totals)
	}
}

func TestTotalsAreBoundedBeforeTheyCostAnything(t *testing.T) {
	s, h := newOffice(t)
	many, _ := json.Marshal(map[string]any{"questions": make([]report.Query, 251)})
	for _, body := range []string{`{"questions":[]}`, string(many), `{"questions":[{"report":"a.b","by":["area:9"]}]}`, `{"questions":[{"report":"a.b","area":"14"}]}`} {
		s.expect(http.StatusUnprocessableEntity, nil, "POST", "/api/report/totals", body, "Content-Type", "application/json")
	}
	h.err = context.DeadlineExceeded
	s.expect(http.StatusServiceUnavailable, nil, "POST", "/api/report/totals", `{"current":true,"questions":[{"report":"a.b"}]}`, "Content-Type", "application/json")
	if len(h.queries) != 1 {
		t.Errorf("the office was asked %d times", len(h.queries))
	}
	if w := s.ask("GET", "/api/report/totals", ""); w.Code != http.StatusMethodNotAllowed || !strings.Contains(w.Header().Get("Allow"), "POST") {
		t.Errorf("a GET: %d", w.Code)
	}
}
