package web

import "net/http"

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
