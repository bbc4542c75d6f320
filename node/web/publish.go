package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"wangge/schema"
)

// Publisher makes what goes up of a closed month to city and province.
type Publisher interface {
	// Publication returns the file of a number, or of 0 the latest; ErrMissing where
	// there is none.
	Publication(month string, number int) (Publication, error)
	// Restate has the county count a closed month anew. If the same would go up, or
	// another restates it at the same time, that statement is returned.
	Restate(ctx context.Context, month, by string) (Statement, error)
}

// Publication is a sealed publication (node/publication).
type Publication struct {
	Name string // of its file
	File []byte
}

// Statement is what a month was closed with, or restated as: it can be published under its
// number.
type Statement struct {
	Number   int       `json:"number"` // 1 is the closing
	By       string    `json:"by"`
	At       time.Time `json:"at"`
	Complete Complete  `json:"complete"`
}

// publication hands a file out that is for the city. It names nobody, so nobody is asked why.
func (s *server) publication(w http.ResponseWriter, r *http.Request) {
	number, err := 0, error(nil)
	if text := r.URL.Query().Get("number"); text != "" {
		if number, err = strconv.Atoi(text); err != nil || number < 1 {
			s.fail(w, r, schema.Problems{{Field: "number", Text: schema.Text{Zh: "应为第几号，例如 2", En: "want a number, such as 2"}}})
			return
		}
	}
	p, err := s.Publisher.Publication(r.PathValue("month"), number)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s"`, p.Name))
	w.Write(p.File) // a client that has gone needs no answer
}

// restate counts a closed month anew, as closeMonth closes one.
func (s *server) restate(w http.ResponseWriter, r *http.Request) {
	by, ok := s.whoSays(w, r, schema.Text{Zh: "请写明是谁重述（不超过 40 字）", En: "say who restates it, in at most 40 characters"})
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), closeMax)
	defer cancel()
	said, err := s.Publisher.Restate(ctx, r.PathValue("month"), by)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		refuse(w, http.StatusServiceUnavailable,
			"县里多数副本此刻没有应答，不知道是否已重述；请稍后再试，同样的数字不会重述两次",
			"a majority of the county's replicas does not answer now, and whether the month is restated is not known: try again, the same figures are not restated twice")
	case err != nil:
		s.fail(w, r, err)
	default:
		send(w, http.StatusOK, said)
	}
}
