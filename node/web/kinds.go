package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
)

// kinds sends the forms. They are a quarter of a megabyte and seldom change, so a
// browser that has them hears no more than that, and any other gets them compressed.
func (s *server) kinds(w http.ResponseWriter, r *http.Request) {
	sendTagged(w, r, map[string]any{"kinds": s.Registry.Kinds()})
}

// sendTagged sends what seldom changes: compressed, and only to who has it not.
func sendTagged(w http.ResponseWriter, r *http.Request, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		panic("web: a reply that is no JSON: " + err.Error())
	}
	hash := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(hash[:8]) + `"`
	h := w.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "no-cache")
	h.Set("Vary", "Accept-Encoding")
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", "application/json; charset=utf-8")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = zipped(body)
	}
	w.Write(body) // a client that has gone needs no answer
}

func zipped(body []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(body) // a buffer takes everything
	z.Close()
	return b.Bytes()
}
