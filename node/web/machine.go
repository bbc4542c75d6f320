package web

import (
	"net/http"
	"strings"
	"unicode/utf8"
)

func (s *server) status(w http.ResponseWriter, _ *http.Request) {
	send(w, http.StatusOK, s.Machine.Status())
}

func (s *server) link(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Cut *bool `json:"cut"`
	}
	if !input(w, r, &asked) {
		return
	}
	if asked.Cut == nil {
		refuse(w, http.StatusBadRequest, `应为 {"cut":true} 或 {"cut":false}`, `want {"cut":true} or {"cut":false}`)
		return
	}
	if err := s.Machine.Cut(*asked.Cut); err != nil {
		s.fail(w, r, err)
		return
	}
	done(w)
}

// The most characters of who dealt with a trouble, and of what they did.
const (
	asideByMax     = 40
	asideReasonMax = 200
)

// putAside notes that a person has dealt with a trouble.
func (s *server) putAside(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		By     string `json:"by"`
		Reason string `json:"reason"`
		Back   bool   `json:"back"`
	}
	if !input(w, r, &asked) {
		return
	}
	by, reason := strings.TrimSpace(asked.By), strings.TrimSpace(asked.Reason)
	switch {
	case by == "" || utf8.RuneCountInString(by) > asideByMax:
		refuse(w, http.StatusUnprocessableEntity, "请写上处理人的姓名（最多 40 个字）", "say who dealt with it, in 40 characters at most")
		return
	case !asked.Back && (reason == "" || utf8.RuneCountInString(reason) > asideReasonMax):
		refuse(w, http.StatusUnprocessableEntity, "请写上是怎样处理的（最多 200 个字）", "say what was done, in 200 characters at most")
		return
	case asked.Back:
		reason = ""
	}
	if err := s.Machine.PutAside(r.PathValue("id"), by, reason); err != nil {
		s.fail(w, r, err)
		return
	}
	done(w)
}
