package web_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"wangge/node/web"
)

// press publishes October twice, and has it restated by one who says so.
type press struct {
	*ledger
	asked int
}

func (p *press) Publication(month string, number int) (web.Publication, error) {
	if p.asked = number; month != "2026-10" || number > 2 {
		return web.Publication{}, web.ErrMissing
	}
	return web.Publication{Name: "140581-2026-10-2.publication", File: []byte("{}\n{}\n")}, p.end
}

func (p *press) Restate(_ context.Context, month, by string) (web.Statement, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.month, p.again = month, by
	return web.Statement{Number: 2, By: by, At: october().At, Complete: october().Complete}, p.end
}

func newPress(t testing.TB) (*site, *press) {
	p := &press{ledger: &ledger{hub: newHub()}}
	return newSite(t, web.Options{Machine: p, Office: p, Months: monthly{p.ledger}, Publisher: p}), p
}

func TestWhatGoesUpOfAMonthIsAFile(t *testing.T) {
	s, p := newPress(t)
	answer := s.ask("GET", "/api/months/2026-10/publication?number=2", "")
	h := answer.Header()
	if answer.Code != http.StatusOK || p.asked != 2 || h.Get("Content-Disposition") != `attachment; filename="140581-2026-10-2.publication"` || h.Get("Cache-Control") != "no-store" {
		t.Errorf("asked for %d: %d, %v", p.asked, answer.Code, h)
	}
	s.expect(http.StatusNotFound, nil, "GET", "/api/months/2026-11/publication", "")
	s.expect(http.StatusUnprocessableEntity, nil, "GET", "/api/months/2026-10/publication?number=0", "")
	s.expect(http.StatusUnprocessableEntity, nil, "GET", "/api/months/2026-10/publication?number=two", "")
}

func TestAMonthIsRestatedInSomebodysName(t *testing.T) {
	s, p := newPress(t)
	var said web.Statement
	s.expect(http.StatusOK, &said, "POST", "/api/months/2026-10/publication", `{"by": " 李明 "}`)
	if p.month != "2026-10" || said.Number != 2 || said.By != "李明" || said.Complete.Of != 41 {
		t.Errorf("restated %s as %+v", p.month, said)
	}
	for _, by := range []string{"", "  ", strings.Repeat("李", 41)} {
		s.expect(http.StatusUnprocessableEntity, nil, "POST", "/api/months/2026-10/publication", `{"by": "`+by+`"}`)
	}
	p.end = context.DeadlineExceeded
	s.expect(http.StatusServiceUnavailable, nil, "POST", "/api/months/2026-10/publication", `{"by": "李明"}`)
	p.end = web.Refusal{}
	s.expect(http.StatusConflict, nil, "POST", "/api/months/2026-10/publication", `{"by": "李明"}`)
}
