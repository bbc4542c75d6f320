package web_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"wangge/node/web"
	"wangge/schema"
	"wangge/schema/kindfile"
)

// kinds reads the shipped kinds once for all tests.
var kinds = sync.OnceValues(kindfile.Shipped)

func shipped(t testing.TB) *schema.Registry {
	t.Helper()
	registry, err := kinds()
	if err != nil {
		t.Fatal(err)
	}
	return registry
}

// site is a handler under test and what it logged.
type site struct {
	t       testing.TB
	handler http.Handler
	log     *bytes.Buffer
}

func newSite(t testing.TB, o web.Options) *site {
	log := &bytes.Buffer{}
	o.Log = slog.New(slog.NewTextHandler(log, nil))
	if o.Registry == nil {
		o.Registry = shipped(t)
	}
	return &site{t, web.New(o), log}
}

// ask makes a request as this node's own page would. Headers come in pairs; Host
// is the host that the request names.
func (s *site) ask(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "127.0.0.1:8080"
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

// expect asks and fails unless the answer has the code; it decodes the answer
// into v unless that is nil.
func (s *site) expect(code int, v any, method, path, body string, headers ...string) {
	s.t.Helper()
	w := s.ask(method, path, body, headers...)
	if w.Code != code {
		s.t.Fatalf("%s %s: got %d %s, want %d", method, path, w.Code, w.Body, code)
	}
	if v == nil {
		return
	}
	if err := json.Unmarshal(w.Body.Bytes(), v); err != nil {
		s.t.Fatalf("%s %s: %v in %s", method, path, err, w.Body)
	}
}

// told is the shape of every error.
type told struct {
	Error    schema.Text
	Problems schema.Problems
}

func TestANodeServesOnlyWhatItIs(t *testing.T) {
	box := newBox(shipped(t))
	tests := map[string]struct {
		options web.Options
		has     []string
		lacks   []string
	}{
		"box":           {web.Options{Machine: box, Desk: box}, []string{"/api/status", "/api/kinds", "/api/records?kind=person"}, []string{"/api/report?report=a", "/api/stage"}},
		"hub":           {web.Options{Machine: newHub(), Office: newHub()}, []string{"/api/status", "/api/report?report=a"}, []string{"/api/records?kind=person", "/api/stage"}},
		"demonstration": {web.Options{Stage: newStage()}, []string{"/api/stage"}, []string{"/api/status", "/api/report?report=a"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, test.options)
			for _, path := range test.has {
				s.expect(http.StatusOK, nil, "GET", path, "")
			}
			for _, path := range test.lacks {
				var told told
				s.expect(http.StatusNotFound, &told, "GET", path, "")
				if told.Error.Zh == "" || told.Error.En == "" {
					t.Errorf("%s: the error is not told in both languages: %+v", path, told)
				}
			}
		})
	}
}

func TestAMethodThatAPathDoesNotTakeIsToldWhichItTakes(t *testing.T) {
	box := newBox(shipped(t))
	s := newSite(t, web.Options{Machine: box, Desk: box})
	w := s.ask("DELETE", "/api/records", "")
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, POST" {
		t.Errorf("DELETE: got %d and Allow %q, want 405 and GET, POST", w.Code, w.Header().Get("Allow"))
	}
	s.expect(http.StatusOK, nil, "HEAD", "/api/status", "")
}

func TestWhatIsNotForThePersonGoesToTheLog(t *testing.T) {
	box := newBox(shipped(t))
	s := newSite(t, web.Options{Machine: box, Desk: failing{box, errors.New("disk 7 is on fire")}})
	w := s.ask("GET", "/api/records?kind=grid_visit", "")
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "fire") {
		t.Errorf("got %d %s, want 500 without the cause", w.Code, w.Body)
	}
	if !strings.Contains(s.log.String(), "disk 7 is on fire") {
		t.Errorf("the log does not say why: %s", s.log)
	}
}

func TestARefusalIsToldInItsOwnWords(t *testing.T) {
	hub := newHub()
	s := newSite(t, web.Options{Machine: hub, Office: hub})
	var told told
	s.expect(http.StatusConflict, &told, "POST", "/api/link", `{"cut":true}`)
	if told.Error.En != "only a node of a demonstration can be cut" {
		t.Errorf("got %+v", told)
	}
	s.expect(http.StatusBadRequest, nil, "POST", "/api/link", `{}`)
}

func TestALinkIsCutAndRestored(t *testing.T) {
	box := newBox(shipped(t))
	s := newSite(t, web.Options{Machine: box, Desk: box})
	for _, cut := range []bool{true, false} {
		s.expect(http.StatusNoContent, nil, "POST", "/api/link", map[bool]string{true: `{"cut":true}`, false: `{"cut":false}`}[cut])
		var status web.Status
		s.expect(http.StatusOK, &status, "GET", "/api/status", "")
		if status.Cut != cut {
			t.Errorf("after cut %t the status says %t", cut, status.Cut)
		}
	}
}

// failing is a desk that can do nothing.
type failing struct {
	web.Desk
	err error
}

func (f failing) List(string, []byte, int) (web.List, error) { return web.List{}, f.err }
