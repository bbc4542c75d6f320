package web_test

import (
	"net/http"
	"strings"
	"testing"

	"wangge/node/web"
	"wangge/schema"
)

func TestAreasAreNamedWhereFiguresStand(t *testing.T) {
	s, h := newOffice(t)
	var answer web.Answer
	s.expect(http.StatusOK, &answer, "GET", "/api/report?report=grid_visit.visits&by=area:9,topic", "")
	if got := answer.Rows[0]; got.Labels[0].Zh != "城关镇" || got.Keys[0] != "140581105" || got.Labels[1].Zh != "用电安全" {
		t.Errorf("a row of a named area reads %+v", got)
	}
	if got := answer.Rows[2]; got.Labels[0].Zh != "140581106" {
		t.Errorf("a row of an area without a name reads %+v", got)
	}
	if got := h.answer.Rows[0].Labels[0].Zh; got != "140581105" {
		t.Errorf("the office's own answer was changed to %q", got)
	}
	var named struct{ Areas []schema.Place }
	s.expect(http.StatusOK, &named, "GET", "/api/areas", "")
	if len(named.Areas) != 2 || named.Areas[0].Name != "城关镇" {
		t.Errorf("the areas are %+v", named.Areas)
	}
	w := s.ask("GET", "/api/report?report=grid_visit.visits&by=area:9,topic&format=csv&area=140581105", "")
	if !strings.Contains(w.Body.String(), "140581105,城关镇,") || !strings.Contains(w.Body.String(), "140581106,,") {
		t.Errorf("the file says %s", w.Body)
	}
}
