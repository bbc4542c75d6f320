package web_test

import (
	"context"
	"encoding/xml"
	"net/http"
	"strings"
	"testing"

	"wangge/crdt"
	"wangge/node/report"
	"wangge/node/web"
	"wangge/schema"
)

// counted is an office over real figures, and an archive of no records.
type counted struct {
	*hub
	figures *report.Figures
}

func (c counted) Report(_ context.Context, q report.Query, _ bool) (web.Answer, error) {
	t, err := c.figures.Answer(q)
	return web.Answer{Table: t, Currency: c.answer.Currency}, err
}

func (c counted) Each(context.Context, *schema.Kind, string, web.Place, func(crdt.Space, crdt.RecordID, crdt.Record) error) error {
	return nil
}
func (c counted) Reveals() bool          { return false }
func (c counted) Currency() web.Currency { return c.answer.Currency }

type feedPage struct {
	Next  string           `json:"@odata.nextLink"`
	Value []map[string]any `json:"value"`
}

func TestEverySetOfTheShippedKindsAnswers(t *testing.T) {
	h := newHub()
	c := counted{h, report.New(shipped(t))}
	s := newSite(t, web.Options{Machine: h, Office: c, Archive: c})
	var service feedPage
	s.expect(http.StatusOK, &service, "GET", "/odata/", "")
	for _, set := range service.Value {
		var page feedPage
		s.expect(http.StatusOK, &page, "GET", "/odata/"+set["url"].(string)+"?$count=true", "")
	}
	if len(service.Value) < 200 {
		t.Errorf("%d sets", len(service.Value))
	}
	model := s.ask("GET", "/odata/$metadata", "").Body.Bytes()
	var any struct{}
	if err := xml.Unmarshal(model, &any); err != nil {
		t.Error(err)
	}
	kinds := shipped(t).Kinds()
	for i := range kinds {
		listed := strings.Contains(string(model), `<EntitySet Name="`+kinds[i].Name+`"`)
		if listed == (kinds[i].Class == crdt.Confidential) {
			t.Errorf("%s of class %s is a set: %t", kinds[i].Name, kinds[i].Class, listed)
		}
	}
	t.Logf("%d sets, %d bytes of metadata", len(service.Value), len(model))
}

func TestAFeedAsksTheOfficeForNoMoreThanItsFilterLeaves(t *testing.T) {
	h := newHub()
	s := newSite(t, web.Options{Machine: h, Office: h})
	var page feedPage
	h.answer.Columns, h.answer.Rows = nil, nil
	s.expect(http.StatusOK, &page, "GET", "/odata/grid_visit_visits_area_9?$filter=startswith(area,'1405')%20and%20topic%20eq%20'%E7%8B%AC%E5%B1%85%E8%80%81%E4%BA%BA'", "")
	if q := h.queries[0]; q.Area != "1405" || q.Where["topic"] != "独居老人" || q.By[0] != "area:9" {
		t.Errorf("asked %+v", q)
	}
	s.expect(http.StatusOK, &page, "GET", "/odata/grid_visit_visits_area_9?$filter=area%20eq%20'140581105'%20or%20topic%20eq%20'x'", "")
	if q := h.queries[1]; q.Area != "" || q.Where != nil {
		t.Errorf("asked %+v", q)
	}
}

func TestFeedsAreGuardedAsAllElseIs(t *testing.T) {
	s, _ := newOffice(t)
	if w := s.ask("GET", "/odata/", "", "Host", "evil.example"); w.Code != http.StatusMisdirectedRequest {
		t.Errorf("another's name: %d", w.Code)
	}
	if w := s.ask("POST", "/odata/grid_visit_visits_area_9", "{}"); w.Code != http.StatusMethodNotAllowed || w.Header().Get("OData-Version") != "4.0" {
		t.Errorf("a write: %d", w.Code)
	}
	box := newSite(t, web.Options{Machine: newHub()})
	if w := box.ask("GET", "/odata/", ""); w.Code != http.StatusNotFound {
		t.Errorf("at a box: %d", w.Code)
	}
}
