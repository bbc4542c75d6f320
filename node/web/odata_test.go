package web_test

import (
	"context"
	"encoding/xml"
	"net/http"
	"reflect"
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
	before := len(h.queries)
	s.expect(http.StatusOK, &page, "GET", "/odata/grid_visit_visits_area_9?$filter=area%20eq%20'140581105'%20or%20topic%20eq%20'x'", "")
	if q := h.queries[before]; q.Area != "" || q.Where != nil {
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
	if w := s.ask("GET", "/odata", ""); w.Code/100 != 3 || w.Header().Get("Location") != "/odata/" {
		t.Errorf("without its slash: %d to %s", w.Code, w.Header().Get("Location"))
	}
	if w := s.ask("HEAD", "/odata/$metadata", ""); w.Code != http.StatusOK || w.Header().Get("OData-Version") != "4.0" {
		t.Errorf("whether it is there: %d", w.Code)
	}
	box := newSite(t, web.Options{Machine: newHub()})
	if w := box.ask("GET", "/odata/", ""); w.Code != http.StatusNotFound {
		t.Errorf("at a box: %d", w.Code)
	}
}

// A row of a feed says what it is held against, how it is published and how complete it is.
func TestAFiguresRowCarriesWhatBelongsToIt(t *testing.T) {
	l := &ledger{hub: newHub()}
	l.answer.Columns, l.answer.Rows = l.answer.Columns[:1], l.answer.Rows[:1]
	l.answer.Rows[0].Keys, l.answer.Rows[0].Said = []string{"140581105", "2026-10", "用电安全", "正常"}, schema.Text{Zh: "42余", En: "42 and more"}
	l.answer.Rows[0].Labels = make([]schema.Text, 4)
	l.answer.Undivided = []report.Row{{Keys: []string{"140581106", "2026-10", "用电安全", "正常"}, Labels: make([]schema.Text, 4)}}
	l.answer.Columns = []report.Column{{Name: "area:9"}, {Name: "month"}, {Name: "topic"}, {Name: "status"}}
	s := newSite(t, web.Options{Machine: l, Office: l, Months: monthly{l}, Gazetteer: l})
	var page feedPage
	s.expect(http.StatusOK, &page, "GET", "/odata/grid_visit_visits_area_9", "")
	row := page.Value[0]
	for name, want := range map[string]any{
		"area": "140581105", "area_name": "城关镇", "month": "2026-10", "figure": 42.0, "said": "42余", "period_before": 0.0, "period_before_difference": 42.0,
		"period_before_growth": nil, "year_before": 0.0, "boxes_complete": 1.0, "boxes": 3.0, "late": "西河党群服务中心; 南关党群服务中心",
	} {
		if got, there := row[name]; !there || !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if second := page.Value[1]; second["area"] != "140581106" || second["figure"] != nil || second["period_before"] != nil {
		t.Errorf("a row with nothing to divide by: %v", second)
	}
	if row["complete_to"] == nil || row["counted_at"] == nil {
		t.Errorf("the cut-off is missing: %v", row)
	}
}

// Closed months are tables too: how each was closed, and every frozen figure with its
// restatement, found again by its key and by filters.
func TestClosedMonthsAndTheirRestatementsAreSets(t *testing.T) {
	l := &ledger{hub: newHub()}
	s := newSite(t, web.Options{Machine: l, Office: l, Months: monthly{l}, Gazetteer: l})
	var page feedPage
	s.expect(http.StatusOK, &page, "GET", "/odata/closed_months", "")
	if len(page.Value) != 1 || page.Value[0]["month"] != "2026-10" || page.Value[0]["by"] != "王会计" || page.Value[0]["boxes"] != 41.0 || page.Value[0]["closed_at"] != "2026-11-01T10:32:00.000+08:00" {
		t.Errorf("closed months: %v", page.Value)
	}
	s.expect(http.StatusOK, &page, "GET", "/odata/frozen_figures?$filter=month%20eq%20'2026-10'%20and%20report%20eq%20'grid_visit.visits'%20and%20grouping%20eq%20''", "")
	if len(page.Value) != 1 || page.Value[0]["figure"] != 61.0 || page.Value[0]["now"] != 62.0 || page.Value[0]["restated"] != 1.0 || page.Value[0]["title"] != "走访次数" {
		t.Errorf("the frozen total: %v", page.Value)
	}
	asked := len(l.asked)
	s.expect(http.StatusOK, &page, "GET", "/odata/frozen_figures?$filter=restated%20ne%20null%20and%20month%20eq%20'2026-09'", "")
	if len(page.Value) != 0 || len(l.asked) != asked {
		t.Errorf("of an open month: %v", page.Value)
	}
	// Page by page each report is counted once, and the last one of a page again.
	var service struct{ Value []struct{ Name string } }
	s.expect(http.StatusOK, &service, "GET", "/odata/", "")
	l.asked = nil
	s.expect(http.StatusOK, &page, "GET", "/odata/frozen_figures?$top=2000&$select=report", "")
	first := len(l.asked)
	if page.Next == "" || len(page.Value) != 1000 {
		t.Fatalf("%d rows, then %q", len(page.Value), page.Next)
	}
	_, next, _ := strings.Cut(page.Next, "/odata/")
	page.Next = ""
	s.expect(http.StatusOK, &page, "GET", "/odata/"+next, "")
	if again := len(l.asked) - first; again > first*3/2 {
		t.Errorf("the first page asked %d questions, the next one %d", first, again)
	}
	s.expect(http.StatusOK, &page, "GET", "/odata/frozen_figures(month='2026-10',report='grid_visit.visits',grouping='',key='')", "")
}

func TestAClosedMonthGoesOutAsAFile(t *testing.T) {
	l := &ledger{hub: newHub()}
	s := newSite(t, web.Options{Machine: l, Office: l, Months: monthly{l}, Gazetteer: l})
	body := s.ask("GET", "/api/months/2026-10?format=csv&lang=en", "").Body.String()
	if !strings.HasPrefix(body, "\uFEFFMonth,Report,Grouping,Group,Report (title),Group (title),Frozen,Now,Restated,Unit,") || !strings.Contains(body, "\r\n2026-10,grid_visit.visits,,,走访次数,,61,62,1,") {
		t.Errorf("the file is %.400q", body)
	}
	for query, code := range map[string]int{"2026-10?format=xls": 422, "2026-10?lang=en": 422, "2026-10?form=csv": 422, "2026-08?format=csv": 404} {
		if w := s.ask("GET", "/api/months/"+query, ""); w.Code != code {
			t.Errorf("%s: %d", query, w.Code)
		}
	}
	wait := s.ask("GET", "/api/report?report=grid_visit.visits&month=2026-10&format=csv&lang=en", "").Body.String()
	if !strings.HasPrefix(wait, "Visits,Period before,Against the period before,\"Growth over the period before, %\",Year before,") || !strings.Contains(wait, "Now,Restated\r\n61,") {
		t.Errorf("a frozen report as a file is %q", wait)
	}
}
