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

// Doubtful is what people have to settle before figures can be trusted, and what they settled.
type Doubtful struct {
	Records   int    `json:"records"`   // that there are
	Conflicts Doubt  `json:"conflicts"` // several values stand for one field
	Disputed  Doubt  `json:"disputed"`  // deleted by somebody who had not seen all of it, and so counted
	Twins     Doubt  `json:"twins"`     // one record names another as the same, which does not say so: both are counted
	Unsound   Doubt  `json:"unsound"`   // an identity number fails its check (GB 11643)
	Astray    Astray `json:"astray"`    // kept in another space than its area says: counted where it says
	Early     Early  `json:"early"`     // takes away batches that are not here
	Agreed    Agreed `json:"agreed"`    // pairs that are one by the word of both, and counted once
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

// Wrote is who wrote something, and when by its clock.
type Wrote struct {
	Device string `json:"device"`
	At     int64  `json:"at"` // milliseconds since 1970
}

// Astray is as a Doubt is.
type Astray struct {
	Count int     `json:"count"`
	Items []Stray `json:"items"`
}

// Stray is a record that is kept in another space than its form would put it.
type Stray struct {
	Item
	Area  string `json:"area"`           // that it says, by so many digits as name a space of its kind; "" if it says none
	Wrote Wrote  `json:"wrote,omitzero"` // that area
}

// Early is as a Doubt is; More says that there were more than are known.
type Early struct {
	Count int       `json:"count"`
	More  bool      `json:"more,omitempty"`
	Items []Earlier `json:"items"`
}

// Earlier is a record that takes away what is not here, by its parts that reach furthest.
type Earlier struct {
	Item
	Parts []Unheld `json:"parts"`
}

// Unheld is what takes away another writer's batches before they are here.
type Unheld struct {
	Field schema.Text `json:"field,omitzero"` // in which a value was replaced; none: the record was deleted
	Wrote Wrote       `json:"wrote,omitzero"` // the deletion, or what stands in the field now
	Of    string      `json:"of"`             // the device whose batches are named
	Named uint64      `json:"named"`          // up to which of them
	Held  uint64      `json:"held"`           // up to which they are here
}

// Agreed is how many pairs are one, and the latest of them that a list may show.
type Agreed struct {
	Count int     `json:"count"`
	Pairs []Merge `json:"pairs"`
}

// Merge is a pair that is one: two records, and who said of each that it is the other.
type Merge struct {
	Items []Item  `json:"items"`
	Said  []Wrote `json:"said"`
}

func (s *server) doubtful(w http.ResponseWriter, r *http.Request) {
	found, err := s.Inspector.Doubtful(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	send(w, http.StatusOK, found)
}
