package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"

	"wangge/schema"
)

// send writes a reply. It is encoded before anything is sent, so that what
// cannot be encoded becomes an error and not half a reply.
func send(w http.ResponseWriter, code int, v any) {
	var body bytes.Buffer
	if err := json.NewEncoder(&body).Encode(v); err != nil {
		panic("web: a reply that is no JSON: " + err.Error())
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	w.Write(body.Bytes()) // a client that has gone needs no answer
}

// refuse writes an error in both languages.
func refuse(w http.ResponseWriter, code int, zh, en string) {
	send(w, code, map[string]schema.Text{"error": {Zh: zh, En: en}})
}

// done writes that there is nothing more to say.
func done(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusNoContent)
}

// fail writes what an error means to the person: the form's problems, a thing
// that is not here, a refusal in its own words. All else is for the log.
func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	var problems schema.Problems
	var refusal Refusal
	switch {
	case errors.As(err, &problems):
		send(w, http.StatusUnprocessableEntity, map[string]any{"problems": problems})
	case errors.As(err, &refusal):
		refuse(w, http.StatusConflict, refusal.Zh, refusal.En)
	case errors.Is(err, ErrMissing):
		refuse(w, http.StatusNotFound, "这里没有要找的内容", "what you look for is not here")
	case r.Context().Err() != nil:
		// The one who asked has gone; nobody reads the answer.
	default:
		s.Log.Error("request failed", "method", r.Method, "route", r.Pattern, "error", err)
		refuse(w, http.StatusInternalServerError,
			"本机没有做成，请稍后再试；原因已写入日志",
			"this node could not do it: try again later; its log says why")
	}
}
