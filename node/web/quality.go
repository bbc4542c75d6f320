package web

import (
	"context"
	"net/http"

	"wangge/schema"
)

// Inspector looks for records that make figures doubtful.
type Inspector interface {
	// Doubtful tells what is known; its cost follows what is doubtful, not what there is.
	Doubtful(ctx context.Context) (Doubtful, error)
}

// Doubtful is what people have to settle before figures can be trusted.
type Doubtful struct {
	Records   int   `json:"records"`   // that there are
	Conflicts Doubt `json:"conflicts"` // several values stand for one field
	Disputed  Doubt `json:"disputed"`  // deleted by somebody who had not seen all of it, and so counted
	Twins     Doubt `json:"twins"`     // one record names another as the same, which does not say so: both are counted
	Unsound   Doubt `json:"unsound"`   // an identity number fails its check (GB 11643)
	// Alike are records that may be one, written twice: some of AlikeCount, and AlikeMore
	// says that there are more. Crowded groups share so much that nothing was compared.
	Alike      []Alike `json:"alike"`
	AlikeCount int     `json:"alike_count"`
	AlikeMore  bool    `json:"alike_more,omitempty"`
	Crowded    int     `json:"crowded,omitempty"`
}

// Alike is a pair that may be one. Nothing merges it but two people's word; who knows that
// they are two puts it aside as a trouble of this ID.
type Alike struct {
	ID    string      `json:"id"`
	Why   schema.Text `json:"why"`
	Items []Item      `json:"items"` // two
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
