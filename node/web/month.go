package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"wangge/crdt"
	"wangge/node/export"
	"wangge/node/report"
	"wangge/schema"
)

// Months are the months that a county closes: their figures are frozen, and what comes
// late is told as a restatement.
type Months interface {
	// Closed lists the months that are closed, the latest first.
	Closed() ([]Closing, error)
	// Month sums a closed month up; ErrMissing if it is open.
	Month(month string) (MonthEnd, error)
	// Close has the county close a month, in the name of who says so. If it was closed
	// before, or by another at the same time, that closing is returned.
	Close(ctx context.Context, month, by string) (Closing, error)
	// Report answers a query about a month, whose days it sets; as Office.Report.
	Report(ctx context.Context, month string, q report.Query, current bool) (Answer, error)
	// Changed lists the records of a report that came late, or changed, after a month was
	// closed; as Office.Behind, so q has days of its own. Their Since says which.
	Changed(month string, q report.Query, side string, after crdt.RecordID, limit int) (List, error)
}

// Closing says how a month was closed: what its frozen figures know of.
type Closing struct {
	Month    string    `json:"month"` // 2026-11
	By       string    `json:"by"`    // who closed it, as they gave their name
	At       time.Time `json:"at"`
	Commit   uint64    `json:"commit"`  // the county's last commit that is counted
	Replica  string    `json:"replica"` // who counted
	Complete Complete  `json:"complete"`
	Reports  int       `json:"reports"` // that were frozen
}

// MonthEnd is a closed month with all of its reports.
type MonthEnd struct {
	Closing
	Figures    []MonthFigure `json:"figures"`
	Statements []Statement   `json:"statements"` // the closing and its restatements, by number
}

// MonthFigure is the total of a report in a closed month, "" where there is none.
type MonthFigure struct {
	Report     string      `json:"report"`
	Title      schema.Text `json:"title"`
	Unit       schema.Text `json:"unit,omitzero"`
	Said       schema.Text `json:"said,omitzero"` // as the frozen figure is published
	Frozen     string      `json:"frozen"`
	Now        string      `json:"now"`                  // as the records say now
	Difference string      `json:"difference,omitempty"` // where the two are not equal, with its sign
}

// Month is what an answer says of the month that was asked for. Where its figures are
// Frozen, the answer's table is the frozen one and Now says what the records say now.
type Month struct {
	Month    string            `json:"month"`
	Closed   *Closing          `json:"closed,omitempty"`
	Frozen   bool              `json:"frozen"`
	Now      *report.Table     `json:"now,omitempty"`
	Restated []report.Restated `json:"restated"` // where the two are not equal
}

func (s *server) months(w http.ResponseWriter, r *http.Request) {
	all, err := s.Months.Closed()
	if err != nil {
		s.fail(w, r, err)
		return
	}
	send(w, http.StatusOK, map[string]any{"months": append([]Closing{}, all...)})
}

// month sums a closed month up, or sends all of its figures as a file.
func (s *server) month(w http.ResponseWriter, r *http.Request) {
	if r.URL.RawQuery != "" {
		s.exportMonth(w, r)
		return
	}
	end, err := s.Months.Month(r.PathValue("month"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	send(w, http.StatusOK, end)
}

// closeMonth closes a month. Whoever asked may go meanwhile: it is closed all the same,
// or not at all.
func (s *server) closeMonth(w http.ResponseWriter, r *http.Request) {
	by, ok := s.whoSays(w, r, schema.Text{Zh: "请写明是谁结账（不超过 40 字）", En: "say who closes it, in at most 40 characters"})
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), closeMax)
	defer cancel()
	closing, err := s.Months.Close(ctx, r.PathValue("month"), by)
	if errors.Is(err, context.DeadlineExceeded) {
		unsure(w)
		return
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	send(w, http.StatusOK, closing)
}

// whoSays returns in whose name something is asked for; false if it was refused, for want of one.
func (s *server) whoSays(w http.ResponseWriter, r *http.Request, want schema.Text) (by string, ok bool) {
	var asked struct {
		By string `json:"by"`
	}
	if !input(w, r, &asked) {
		return "", false
	}
	by = strings.TrimSpace(asked.By)
	if n := utf8.RuneCountInString(by); n == 0 || n > byMax {
		s.fail(w, r, schema.Problems{{Field: "by", Text: want}})
		return "", false
	}
	return by, true
}

// closeMax is how long a month may take to be closed.
const closeMax = 100 * time.Second

func unsure(w http.ResponseWriter) {
	refuse(w, http.StatusServiceUnavailable,
		"县里多数副本此刻没有应答，不知道是否已结账；请稍后再试，同一个月不会结两次",
		"a majority of the county's replicas does not answer now, and whether the month is closed is not known: try again, none is closed twice")
}

// aboutFigures says what a file of figures is of: of a closed month, how that was closed.
func (s *server) aboutFigures(a asked, answer Answer) []export.Line {
	m := answer.Month
	switch {
	case m == nil:
		return s.about(a.query, answer.Currency)
	case m.Frozen:
		return append(s.asked(a.query), closedAs(*m.Closed)...)
	}
	says := "未结账 not closed"
	if m.Closed != nil {
		says = "现在的数，这样分组没有结账 of now: not frozen by these groups"
	}
	return append(s.about(a.query, answer.Currency), line("月份", "Month", m.Month+", "+says))
}
