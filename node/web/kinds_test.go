package web_test

import (
	"compress/gzip"
	"encoding/json"
	"net/http"
	"testing"

	"wangge/node/web"
	"wangge/schema"
)

func TestFormsAreSentOnceAndCompressed(t *testing.T) {
	b := newBox(shipped(t))
	s := newSite(t, web.Options{Registry: b.registry, Machine: b, Desk: b})
	plain := s.ask("GET", "/api/kinds", "")
	small := s.ask("GET", "/api/kinds", "", "Accept-Encoding", "gzip")
	if small.Header().Get("Content-Encoding") != "gzip" || small.Body.Len()*4 > plain.Body.Len() {
		t.Fatalf("%d bytes are sent as %d", plain.Body.Len(), small.Body.Len())
	}
	tag := small.Header().Get("ETag")
	z, err := gzip.NewReader(small.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct{ Kinds []schema.Kind }
	if err := json.NewDecoder(z).Decode(&answer); err != nil || len(answer.Kinds) != len(shipped(t).Kinds()) {
		t.Errorf("%d forms, %v", len(answer.Kinds), err)
	}
	if again := s.ask("GET", "/api/kinds", "", "If-None-Match", tag); again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("who has the forms is sent them again: %d", again.Code)
	}
}
