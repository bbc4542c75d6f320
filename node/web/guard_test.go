package web_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"wangge/node/web"
)

func TestOnlyTheNodesOwnHostsAreServed(t *testing.T) {
	box := newBox(shipped(t))
	s := newSite(t, web.Options{Machine: box, Desk: box, Hosts: []string{"box.village.example", "10.9.9.9"}})
	tests := map[string]bool{
		"127.0.0.1:8080":           true,
		"127.0.0.1":                true,
		"[::1]:8080":               true,
		"localhost:8080":           true,
		"LOCALHOST.":               true,
		"192.168.10.14:8080":       true, // where the request arrived
		"box.village.example:8080": true,
		"Box.Village.Example":      true,
		"10.9.9.9":                 true,
		"192.168.10.15:8080":       false,
		"evil.example":             false,
		"127.0.0.1.evil.example":   false,
		"localhost.evil.example":   false,
		"":                         false,
		"[::1":                     true, // no name that a browser could send
	}
	for host, served := range tests {
		r := httptest.NewRequest("GET", "/api/status", nil)
		local := &net.TCPAddr{IP: net.ParseIP("::ffff:192.168.10.14"), Port: 8080}
		r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, local))
		r.Host = host
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		if want := map[bool]int{true: http.StatusOK, false: http.StatusMisdirectedRequest}[served]; w.Code != want {
			t.Errorf("host %q: got %d, want %d", host, w.Code, want)
		}
	}
}

func TestOnlyTheNodesOwnPagesMayWrite(t *testing.T) {
	box := newBox(shipped(t))
	s := newSite(t, web.Options{Machine: box, Desk: box})
	tests := []struct {
		headers []string
		code    int
	}{
		{nil, http.StatusNoContent},
		{[]string{"Origin", "http://127.0.0.1:8080"}, http.StatusNoContent},
		{[]string{"Sec-Fetch-Site", "same-origin", "Origin", "http://127.0.0.1:8080"}, http.StatusNoContent},
		{[]string{"Origin", "http://127.0.0.1:9090"}, http.StatusForbidden},
		{[]string{"Origin", "https://evil.example"}, http.StatusForbidden},
		{[]string{"Origin", "null"}, http.StatusForbidden},
		{[]string{"Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
		{[]string{"Sec-Fetch-Site", "same-site"}, http.StatusForbidden},
		{[]string{"Content-Type", "text/plain"}, http.StatusUnsupportedMediaType},
		{[]string{"Content-Type", "application/x-www-form-urlencoded"}, http.StatusUnsupportedMediaType},
		{[]string{"Content-Type", "application/json; charset=utf-8"}, http.StatusNoContent},
	}
	for _, test := range tests {
		if w := s.ask("POST", "/api/link", `{"cut":false}`, test.headers...); w.Code != test.code {
			t.Errorf("%v: got %d %s, want %d", test.headers, w.Code, w.Body, test.code)
		}
	}
}

func TestEveryAnswerKeepsPagesToThemselves(t *testing.T) {
	box := newBox(shipped(t))
	s := newSite(t, web.Options{Machine: box, Desk: box})
	for _, path := range []string{"/", "/app/desk.js", "/api/status", "/api/nothing"} {
		h := s.ask("GET", path, "").Header()
		csp := h.Get("Content-Security-Policy")
		for _, rule := range []string{"default-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"} {
			if !strings.Contains(csp, rule) {
				t.Errorf("%s: the policy %q lacks %q", path, csp, rule)
			}
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: headers %v", path, h)
		}
		if api := strings.HasPrefix(path, "/api/"); api != (h.Get("Cache-Control") == "no-store") {
			t.Errorf("%s: Cache-Control is %q", path, h.Get("Cache-Control"))
		}
	}
}
