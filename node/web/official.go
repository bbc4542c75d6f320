package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"wangge/schema"
)

// Officials are what a hub replica offers to those who write in the county's name.
type Officials interface {
	// Desk returns the desk of somebody who says who they are, for the kinds that the
	// county decides and for no others.
	Desk(s Signed) Desk
	// Decidable lists the fields that the county gives.
	Decidable() []Decidable
	// Undecided is a page of a kind's records to which a field is to be given; given: of
	// those that have it.
	Undecided(kind, field string, given bool, cursor []byte, limit int) (Undecided, error)
	// Decide writes what somebody decided. It is committed once this returns.
	Decide(ctx context.Context, h Hand) error
	// Written lists what was written by hand, the latest first.
	Written(limit int) ([]Written, error)
}

// Signed is who writes in the county's name, and why.
type Signed struct {
	By     string `json:"by"`
	Reason string `json:"reason,omitempty"`
}

// The bounds of these, in code points.
const (
	byMax     = 40
	reasonMax = 200
)

// Check says what is missing.
func (s Signed) Check() (problems schema.Problems) {
	if n := utf8.RuneCountInString(strings.TrimSpace(s.By)); n == 0 || n > byMax {
		problems = append(problems, schema.Problem{Field: "by", Text: schema.Text{Zh: "请写明是谁（不超过 40 字）", En: "say who you are, in at most 40 characters"}})
	}
	if utf8.RuneCountInString(s.Reason) > reasonMax {
		problems = append(problems, schema.Problem{Field: "reason", Text: schema.Text{Zh: "理由不超过 200 字", En: "give the reason in at most 200 characters"}})
	}
	return problems
}

// Hand is what somebody of the county gives a field.
type Hand struct {
	Signed
	Record Name   `json:"record"`
	Field  string `json:"field"`
	// Value is as in a form, or as a person types it; "" empties the field. Candidate
	// picks one of the field's candidates in its place, by its key.
	Value     any    `json:"value,omitempty"`
	Candidate string `json:"candidate,omitempty"`
}

// Check says what is missing: a decision has a reason.
func (h Hand) Check() schema.Problems {
	problems := h.Signed.Check()
	if strings.TrimSpace(h.Reason) == "" {
		problems = append(problems, schema.Problem{Field: "reason", Text: schema.Text{Zh: "请写明理由", En: "say why"}})
	}
	return problems
}

// Decidable is a field that the county gives.
type Decidable struct {
	Kind  string      `json:"kind"`
	Field string      `json:"field"`
	Title schema.Text `json:"title"` // the kind's
	Asked schema.Text `json:"asked"` // the field's
	Way   string      `json:"way"`   // number, first or hand
	// Waiting is how many records wait for the replica that leads; of what is given by
	// hand nobody counts them.
	Waiting int `json:"waiting"`
}

// Undecided is a page of records to which a field is to be given.
type Undecided struct {
	Items []Case `json:"items"`
	Next  []byte `json:"next,omitempty"`
}

// Case is a record, what the county gave it, and what it may be given.
type Case struct {
	Item
	Given      []Version   `json:"given"` // several where two decided at once
	Candidates []Candidate `json:"candidates,omitempty"`
}

// Candidate is one of those of whom the county takes one.
type Candidate struct {
	Key    string `json:"key"`
	Value  any    `json:"value"`            // masked where its field is
	Record *Item  `json:"record,omitempty"` // that it names
	Device string `json:"device"`           // that wrote it
	At     int64  `json:"at"`               // milliseconds since 1970, by that device's clock
}

// named are the values of the record that a candidate names.
func (c Candidate) named() map[string]any {
	if c.Record == nil {
		return nil
	}
	return c.Record.Values
}

// Written is something that was written by hand in the county's name.
type Written struct {
	Signed
	At      time.Time   `json:"at"`
	Replica string      `json:"replica"`
	Kind    string      `json:"kind"`
	Title   schema.Text `json:"title,omitzero"`  // the kind's
	Records []Name      `json:"records"`         // the first of them
	Count   int         `json:"count"`           // of all of them
	Field   string      `json:"field,omitempty"` // the one that was given, unless it was a form
	Asked   schema.Text `json:"asked,omitzero"`  // its title
	Value   any         `json:"value,omitempty"` // what it was given
}

// writtenMax is how much of what was written by hand is listed.
const writtenMax = 50

// reads returns the desk at which somebody reads.
func (s *server) reads() Desk {
	if s.Desk != nil {
		return s.Desk
	}
	return s.Officials.Desk(Signed{})
}

// writes returns the desk at which somebody writes: at the hub theirs, who say who they
// are. When it returns false it has refused the request.
func (s *server) writes(w http.ResponseWriter, r *http.Request) (Desk, bool) {
	if s.Desk != nil {
		return s.Desk, true
	}
	by := Signed{By: r.URL.Query().Get("by"), Reason: r.URL.Query().Get("reason")}
	if problems := by.Check(); len(problems) > 0 {
		s.fail(w, r, problems)
		return nil, false
	}
	return s.Officials.Desk(by), true
}

func (s *server) decidable(w http.ResponseWriter, r *http.Request) {
	written, err := s.Officials.Written(writtenMax)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	send(w, http.StatusOK, map[string]any{
		"fields": append([]Decidable{}, s.Officials.Decidable()...), "written": append([]Written{}, written...),
	})
}

func (s *server) undecided(w http.ResponseWriter, r *http.Request) {
	limit, cursor, ok := paged(w, r)
	if !ok {
		return
	}
	page, err := s.Officials.Undecided(r.PathValue("kind"), r.PathValue("field"), r.URL.Query().Get("given") == strconv.FormatBool(true), cursor, limit)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	for _, c := range page.Items {
		for name, v := range c.Values {
			c.Values[name] = plain(v)
		}
		for i := range c.Given {
			c.Given[i].Value = plain(c.Given[i].Value)
		}
		for i := range c.Candidates {
			c.Candidates[i].Value = plain(c.Candidates[i].Value)
			for name, v := range c.Candidates[i].named() {
				c.Candidates[i].Record.Values[name] = plain(v)
			}
		}
	}
	send(w, http.StatusOK, map[string]any{"items": append([]Case{}, page.Items...), "next": pageKey(page.Next)})
}

func (s *server) decide(w http.ResponseWriter, r *http.Request) {
	var h Hand
	if !input(w, r, &h) {
		return
	}
	err := error(nil)
	if problems := h.Check(); len(problems) > 0 {
		err = problems
	} else {
		// Whoever asked may go meanwhile: it is decided all the same, or not at all.
		err = s.Officials.Decide(context.WithoutCancel(r.Context()), h)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	done(w)
}
