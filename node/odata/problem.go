package odata

import (
	"encoding/json"
	"net/http"
	"strings"
)

// problem is what is wrong with a request, and what to do.
type problem struct {
	status int
	zh, en string
}

func (p problem) Error() string { return p.zh + " " + p.en }

func bad(zh, en string) error     { return problem{http.StatusBadRequest, zh, en} }
func gone(zh, en string) error    { return problem{http.StatusNotFound, zh, en} }
func missing(zh, en string) error { return problem{http.StatusNotImplemented, zh, en} }
func busy(zh, en string) error    { return problem{http.StatusServiceUnavailable, zh, en} }

// unknown says that a set has no such column.
func (s *Set) unknown(name string) error {
	return bad("表 "+s.Table.Name+" 没有列 "+shown(name)+"，见 $metadata", s.Table.Name+" has no column "+shown(name)+": $metadata lists them")
}

// shown returns a part of a request that is only to be shown again.
func shown(s string) string {
	return strings.ToValidUTF8(s[:min(len(s), 60)], "")
}

// tell writes a problem (OData JSON format 4.0, section 19).
func tell(w http.ResponseWriter, p problem) {
	code := strings.ReplaceAll(http.StatusText(p.status), " ", "")
	body, _ := json.Marshal(map[string]any{"error": map[string]string{"code": code, "message": p.Error()}}) // texts are always JSON
	reply(w, p.status, media, body)
}

func reply(w http.ResponseWriter, status int, media string, body []byte) {
	h := w.Header()
	h.Set("OData-Version", "4.0")
	h.Set("Content-Type", media)
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	w.Write(body) // a client that has gone needs no answer
}

const media = "application/json;odata.metadata=minimal;charset=utf-8"
