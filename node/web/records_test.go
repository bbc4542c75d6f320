package web_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"

	"wangge/crdt"
	"wangge/node/web"
)

const visit = `{"grid":"14058110521101","visited_at":"2026-11-22T09:30","topic":"用电安全","status":"正常","tags":["独居"],"followups":2}`

type saved struct{ Records []web.Name }

type list struct {
	Items []web.Item
	Next  string
}

// newDesk returns a box's site with one visit on it.
func newDesk(t testing.TB) (*site, *box, web.Name) {
	t.Helper()
	b := newBox(shipped(t))
	s := newSite(t, web.Options{Machine: b, Desk: b})
	var saved saved
	s.expect(http.StatusCreated, &saved, "POST", "/api/records?kind=grid_visit", visit)
	return s, b, saved.Records[0]
}

func address(n web.Name) string { return "/api/records/" + n.Kind + "/" + n.Space + "/" + n.ID }

func TestAFormIsSavedAndReadBack(t *testing.T) {
	s, _, name := newDesk(t)
	if name.Kind != "grid_visit" || name.Space != home+"/personal" {
		t.Fatalf("saved as %+v", name)
	}
	var record struct {
		web.Name
		Level  string
		Fields []struct {
			Name     string
			Total    *int64
			Versions []struct {
				Value any
				Saw   []string
				Level string
			}
		}
	}
	s.expect(http.StatusOK, &record, "GET", address(name), "")
	if record.Name != name || record.Level != "saved" || len(record.Fields) != 6 {
		t.Errorf("read back %+v", record)
	}
	for _, f := range record.Fields {
		if len(f.Versions) != 1 || len(f.Versions[0].Saw) != 1 || f.Name == "followups" && *f.Total != 2 {
			t.Errorf("field %+v", f)
		}
	}
}

func TestAFormThatIsNotAcceptedSaysSoFieldByField(t *testing.T) {
	s, _, _ := newDesk(t)
	var told told
	form := `{"area":"140581105211","checked_in_at":1730448085841,"platform":"美团","trade":"外卖","notice_given":true,"consent":true,"person":{"id_number":"1","name":"高飞"}}`
	s.expect(http.StatusUnprocessableEntity, &told, "POST", "/api/records?kind=newjob_checkin", form)
	if len(told.Problems) != 1 || told.Problems[0].Field != "person.id_number" || told.Problems[0].Text.En == "" {
		t.Errorf("got %+v", told)
	}
	s.expect(http.StatusUnprocessableEntity, nil, "POST", "/api/records?kind=nothing", visit)
}

func TestABodyIsRefusedBeforeItCostsAnything(t *testing.T) {
	s, b, _ := newDesk(t)
	before := len(b.order)
	tests := map[string]struct {
		body string
		code int
	}{
		"not JSON":        {`{"grid":`, http.StatusBadRequest},
		"no form":         {`[1]`, http.StatusBadRequest},
		"two forms":       {visit + visit, http.StatusBadRequest},
		"broken letters":  {"{\"note\":\"\xff\xfe\"}", http.StatusBadRequest},
		"a very long one": {`{"note":"` + strings.Repeat("长", 100_000) + `"}`, http.StatusRequestEntityTooLarge},
		"nothing":         {``, http.StatusBadRequest},
	}
	for name, test := range tests {
		if w := s.ask("POST", "/api/records?kind=grid_visit", test.body); w.Code != test.code {
			t.Errorf("%s: got %d %s, want %d", name, w.Code, w.Body, test.code)
		}
	}
	if len(b.order) != before {
		t.Errorf("something was saved")
	}
}

func TestAListIsReadPageByPage(t *testing.T) {
	s, _, _ := newDesk(t)
	for range 4 {
		s.expect(http.StatusCreated, nil, "POST", "/api/records?kind=grid_visit", visit)
	}
	seen := map[string]bool{}
	after := ""
	for pages := 1; ; pages++ {
		var page list
		s.expect(http.StatusOK, &page, "GET", "/api/records?kind=grid_visit&limit=2&after="+after, "")
		for _, item := range page.Items {
			seen[item.ID] = true
		}
		if after = page.Next; after == "" {
			if pages != 3 || len(seen) != 5 {
				t.Errorf("%d pages with %d records, want 3 with 5", pages, len(seen))
			}
			return
		}
	}
}

func TestAnEmptyListIsAList(t *testing.T) {
	s, _, _ := newDesk(t)
	if body := s.ask("GET", "/api/records?kind=mediation_note", "").Body.String(); body != `{"items":[],"next":""}`+"\n" {
		t.Errorf("got %s", body)
	}
}

func TestAListTakesOnlyLimitsAndCursorsThatAreOnes(t *testing.T) {
	s, _, _ := newDesk(t)
	for _, query := range []string{"limit=0", "limit=201", "limit=-1", "limit=two", "after=%25%25"} {
		s.expect(http.StatusBadRequest, nil, "GET", "/api/records?kind=grid_visit&"+query, "")
	}
}

func TestANumberThatIsNoneHidesNothing(t *testing.T) {
	s, b, name := newDesk(t)
	b.apart(name, "household", crdt.Float(math.NaN()), crdt.Float(math.Inf(1)))
	var page list
	s.expect(http.StatusOK, &page, "GET", "/api/records?kind=grid_visit", "")
	if len(page.Items) != 1 || page.Items[0].Values["household"] != "+Inf" {
		t.Errorf("got %+v", page.Items)
	}
	s.expect(http.StatusOK, nil, "GET", address(name), "")
}

func TestARecordThatIsNotHereIsMissing(t *testing.T) {
	s, _, name := newDesk(t)
	for _, path := range []string{
		"/api/records/grid_visit/" + home + "/personal/" + strings.Repeat("0", 32),
		"/api/records/nothing/" + home + "/personal/" + name.ID,
		"/api/records/grid_visit/" + home + "/secret/" + name.ID,
		"/api/records/grid_visit/140x81/personal/" + name.ID,
		"/api/records/grid_visit/" + home + "/personal/12",
		"/api/records/grid_visit/" + home,
	} {
		s.expect(http.StatusNotFound, nil, "GET", path, "")
	}
}

func TestAnEditReachesTheDeskAsItWasMeant(t *testing.T) {
	s, b, name := newDesk(t)
	s.expect(http.StatusNoContent, nil, "PATCH", address(name),
		`{"edits":[{"field":"status","set":"已解决","saw":["4.0-5-0"]},{"field":"tags","add":"残疾"},{"field":"tags","remove":"独居"},{"field":"followups","plus":3}]}`)
	got := b.edits[0]
	if len(got) != 4 || got[0].Set != "已解决" || got[0].Saw[0] != "4.0-5-0" || got[1].Add != "残疾" || got[2].Remove != "独居" || got[3].Plus != 3 {
		t.Errorf("the desk got %+v", got)
	}
	s.expect(http.StatusNoContent, nil, "PATCH", address(name), `{"edits":[{"field":"lat","set":35.798}]}`)
	if n, ok := b.edits[1][0].Set.(json.Number); !ok || n != "35.798" {
		t.Errorf("a number reached the desk as %#v", b.edits[1][0].Set)
	}
}

func TestAnEditThatIsNotOneIsRefused(t *testing.T) {
	s, b, name := newDesk(t)
	tests := map[string]int{
		`{"edits":[{"field":"status","set":"正常","sow":["4.0-5-0"]}]}`: http.StatusBadRequest,
		`{"edit":[]}`:                    http.StatusBadRequest,
		`{"edits":[]}`:                   http.StatusUnprocessableEntity,
		`{"edits":[{"field":"status"}]}`: http.StatusUnprocessableEntity,
		`{"edits":[{"field":"status","set":"正常","plus":1}]}`:                        http.StatusUnprocessableEntity,
		`{"edits":[{"field":"status","set":"正常","saw":["yesterday"]}]}`:             http.StatusUnprocessableEntity,
		`{"edits":[{"field":"tags","add":"独居","saw":["4.0-5-0"]}]}`:                 http.StatusUnprocessableEntity,
		`{"edits":[` + strings.Repeat(`{"field":"a","plus":1},`, 200) + `{}]}`:      http.StatusUnprocessableEntity,
		`{"edits":[{"field":"followups","plus":1.5}]}`:                              http.StatusBadRequest,
		`{"edits":[{"field":"status","set":"none of the options"}]}`:                http.StatusUnprocessableEntity,
		`{"edits":[{"field":"no_such_field","set":"the fake refuses it as such"}]}`: http.StatusConflict,
	}
	for body, code := range tests {
		if w := s.ask("PATCH", address(name), body); w.Code != code {
			t.Errorf("%.80s: got %d %s, want %d", body, w.Code, w.Body, code)
		}
	}
	for _, edits := range b.edits {
		if edits[0].Field != "no_such_field" && edits[0].Set != "none of the options" {
			t.Errorf("an edit reached the desk: %+v", edits)
		}
	}
}

func TestAnImportAnswersForEachLineInOrder(t *testing.T) {
	s, _, _ := newDesk(t)
	var got struct{ Outcomes []web.Outcome }
	lines := strings.Join([]string{visit, "", "not a form", `{"grid":"1"}`, "null", visit}, "\r\n")
	s.expect(http.StatusOK, &got, "POST", "/api/import?kind=grid_visit", lines, "Content-Type", "application/x-ndjson")
	var states []string
	for _, o := range got.Outcomes {
		states = append(states, o.State)
	}
	if fmt.Sprint(states) != "[new refused refused refused new]" {
		t.Errorf("got %v", states)
	}
	if p := got.Outcomes[2].Problems; len(p) == 0 || p[0].Field != "grid" {
		t.Errorf("the third line's problems: %v", p)
	}
}

func TestAnImportIsBounded(t *testing.T) {
	s, b, _ := newDesk(t)
	before := len(b.order)
	ndjson := []string{"Content-Type", "application/x-ndjson"}
	s.expect(http.StatusRequestEntityTooLarge, nil, "POST", "/api/import?kind=grid_visit", strings.Repeat("{}\n", 1001), ndjson...)
	s.expect(http.StatusRequestEntityTooLarge, nil, "POST", "/api/import?kind=grid_visit", strings.Repeat(" ", 1<<20+1), ndjson...)
	s.expect(http.StatusUnsupportedMediaType, nil, "POST", "/api/import?kind=grid_visit", visit)
	if len(b.order) != before {
		t.Errorf("something was saved")
	}
}

// What comes in from outside never breaks a handler, whatever it is.
func FuzzBodies(f *testing.F) {
	f.Add("POST", visit)
	f.Add("PATCH", `{"edits":[{"field":"status","set":"正常","saw":["4.0-5-0"]}]}`)
	f.Add("POST", `{"person":{"person":[{}]},"id":"01J"}`)
	f.Add("PATCH", `{"edits":[{"field":"tags","add":{"a":[1e999]}}]}`)
	registry := shipped(f)
	f.Fuzz(func(t *testing.T, method, body string) {
		s := newSite(t, web.Options{Registry: registry, Desk: careful{newBox(registry)}})
		for _, path := range []string{"/api/records?kind=newjob_checkin", "/api/records/grid_visit/" + home + "/personal/" + strings.Repeat("0", 32), "/api/import?kind=grid_visit"} {
			media := "application/json"
			if strings.Contains(path, "import") {
				media = "application/x-ndjson"
			}
			w := s.ask(map[bool]string{true: "PATCH", false: "POST"}[method == "PATCH"], path, body, "Content-Type", media)
			if w.Code >= 500 {
				t.Errorf("%s %s %q: got %d %s", method, path, body, w.Code, w.Body)
			}
		}
	})
}

// careful is a desk whose edits find nothing, so that a fuzzed edit of any shape
// meets the handler's checks and not the fake's.
type careful struct{ *box }

func (careful) Edit(web.Name, []web.Edit) error { return web.ErrMissing }
