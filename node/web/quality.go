package web

import (
	"context"
	"net/http"
)

// Inspector looks for records that make figures doubtful.
type Inspector interface {
	// Doubtful reads every record here. It refuses while another such reading is under way.
	Doubtful(ctx context.Context) (Doubtful, error)
}

// Doubtful is what people have to settle before figures can be trusted.
type Doubtful struct {
	Records   int   `json:"records"`   // that were read
	Conflicts Doubt `json:"conflicts"` // several values stand for one field
	Disputed  Doubt `json:"disputed"`  // deleted by somebody who had not seen all of it, and so counted
	Twins     Doubt `json:"twins"`     // one record names another as the same, which does not say so: both are counted
}

// Doubt is how many records are so, and the first of them that a list may show.
type Doubt struct {
	Count int    `json:"count"`
	Items []Item `json:"items"`
}

func (s *server) doubtful(w http.ResponseWriter, r *http.Request) {
	found, err := s.Inspector.Doubtful(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	send(w, http.StatusOK, found)
}
