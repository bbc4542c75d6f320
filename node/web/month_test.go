package web_test

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/crdt"
	"wangge/node/report"
	"wangge/node/web"
	"wangge/schema"
)

// ledger keeps a hub's months: October is closed, November is not.
type ledger struct {
	*hub
	month   string // that was asked for
	asked   []string
	by      string // who closed November
	changed report.Query
	end     error
	again   string // who restated October
}

func october() web.Closing {
	return web.Closing{
		Month: "2026-10", By: "王会计", At: time.Date(2026, 11, 1, 2, 32, 0, 0, time.UTC), Commit: 1200, Replica: "县中心一号", Reports: 2,
		Complete: web.Complete{At: time.Date(2026, 11, 1, 2, 30, 0, 0, time.UTC), Boxes: 38, Of: 41, Late: []string{"西河党群服务中心"}},
	}
}

func (l *ledger) Closed() ([]web.Closing, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.by == "" {
		return []web.Closing{october()}, l.end
	}
	november := october()
	november.Month, november.By = l.month, l.by
	return []web.Closing{november, october()}, l.end
}

func (l *ledger) Month(month string) (web.MonthEnd, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if month != "2026-10" && (l.by == "" || month != l.month) {
		return web.MonthEnd{}, web.ErrMissing
	}
	c := october()
	if month == l.month && l.by != "" {
		c.Month, c.By = month, l.by
	}
	said := []web.Statement{{Number: 1, By: c.By, At: c.At, Complete: c.Complete}}
	if l.again != "" {
		said = append(said, web.Statement{Number: 2, By: l.again, At: c.At, Complete: c.Complete})
	}
	return web.MonthEnd{Closing: c, Statements: said, Figures: []web.MonthFigure{
		{Report: "grid_visit.visits", Title: schema.Text{Zh: "走访次数", En: "Visits"}, Frozen: "61", Now: "62", Difference: "+1"},
		{Report: "grid_visit.households", Title: schema.Text{Zh: "走访户数", En: "Households"}, Frozen: "40", Now: "40"},
	}}, nil
}

func (l *ledger) Close(_ context.Context, month, by string) (web.Closing, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.month, l.by = month, by
	c := october()
	c.Month, c.By = month, by
	return c, l.end
}

// monthly is a ledger as web.Months.
type monthly struct{ *ledger }

func (m monthly) Report(ctx context.Context, month string, q report.Query, current bool) (web.Answer, error) {
	a, err := m.hub.Report(ctx, q, current)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked = append(m.asked, month)
	if m.by == "" && month == "2026-10" {
		m.month = month
	}
	if m.asked[0] == "2026-10" && month != "2026-10" { // with which October is held
		a.Total, a.Rows = 50, []report.Row{{Keys: []string{"140581106", "=1+1"}, Count: 4}}
	}
	c, now := october(), a.Table
	if now.Total = 62; len(q.By) == 0 {
		now.Rows = []report.Row{{Keys: []string{}, Count: 62}}
	}
	a.Month = &web.Month{Month: month, Closed: &c, Frozen: true, Now: &now,
		Restated: []report.Restated{
			{Keys: []string{}, Labels: []schema.Text{}, Frozen: "61", Now: "62", Difference: "+1"},
			{Keys: []string{"140581106", "=1+1"}, Labels: []schema.Text{{Zh: "140581106"}, {Zh: "=1+1"}}, Frozen: "3", Now: "4", Difference: "+1"},
		},
	}
	return a, err
}

func (m monthly) Changed(month string, q report.Query, _ string, after crdt.RecordID, _ int) (web.List, error) {
	m.month, m.changed = month, q
	return web.List{Items: []web.Item{{Name: web.Name{Kind: "grid_visit", Space: "140581105211/personal", ID: "01"}, Values: map[string]any{"topic": "用电安全"}, Since: "late"}}}, nil
}

func newLedger(t testing.TB) (*site, *ledger) {
	l := &ledger{hub: newHub()}
	return newSite(t, web.Options{Machine: l, Office: l, Months: monthly{l}}), l
}

func TestAMonthsFiguresAreAskedForByItsName(t *testing.T) {
	s, l := newLedger(t)
	var answer web.Answer
	s.expect(http.StatusOK, &answer, "GET", "/api/report?report=grid_visit.visits&month=2026-10&by=area:9", "")
	if l.month != "2026-10" || answer.Total != 61 || answer.Month.Now.Total != 62 || len(answer.Month.Restated) != 2 || answer.Month.Closed.By != "王会计" {
		t.Errorf("asked for %s, answered %+v", l.month, answer.Month)
	}
	if c := answer.Compared; len(c) != 2 || c[0].Period != report.PeriodBefore || !c[0].Frozen || *c[0].Total != 50 || *c[0].Difference != 11 || *c[0].Growth != 220 ||
		*c[1].Rows[2].Total != 4 || *c[1].Rows[2].Difference != -1 || *c[1].Rows[0].Total != 0 || !slices.Equal(l.asked[1:], []string{"2026-09", "2026-09", "2025-10", "2025-10"}) {
		t.Errorf("held against %v: %+v", l.asked, c)
	}
	var list struct{ Items []web.Item }
	s.expect(http.StatusOK, &list, "GET", "/api/report/records?report=grid_visit.visits&month=2026-10&changed=true&area=140581", "")
	want := report.Query{Report: "grid_visit.visits", Area: "140581", From: "2026-10-01", To: "2026-10-31"}
	if !reflect.DeepEqual(l.changed, want) || len(list.Items) != 1 || list.Items[0].Since != "late" {
		t.Errorf("asked %+v, got %+v", l.changed, list)
	}
	s.expect(http.StatusOK, nil, "GET", "/api/report/records?report=grid_visit.visits&month=2026-10", "")
	if q := l.queries[len(l.queries)-1]; q.From != "2026-10-01" || q.To != "2026-10-31" {
		t.Errorf("the records of a month were asked for as %+v", q)
	}
	for query, field := range map[string]string{
		"report?month=2026-13": "month", "report?month=2026-10&from=2026-10-02": "month", "report/records?changed=true": "changed", "report/records?month=2026-10&changed=x": "changed",
	} {
		var told told
		s.expect(http.StatusUnprocessableEntity, &told, "GET", "/api/"+query, "")
		if len(told.Problems) != 1 || told.Problems[0].Field != field {
			t.Errorf("%s: got %+v", query, told)
		}
	}
	bare, _ := newOffice(t)
	bare.expect(http.StatusUnprocessableEntity, nil, "GET", "/api/report?report=a&month=2026-10", "")
}

func TestMonthsAreListedShownAndClosed(t *testing.T) {
	s, l := newLedger(t)
	var all struct{ Months []web.Closing }
	s.expect(http.StatusOK, &all, "GET", "/api/months", "")
	if len(all.Months) != 1 || all.Months[0].Complete.Boxes != 38 {
		t.Errorf("got %+v", all)
	}
	var end web.MonthEnd
	s.expect(http.StatusOK, &end, "GET", "/api/months/2026-10", "")
	if len(end.Figures) != 2 || end.Figures[0].Difference != "+1" || end.By != "王会计" {
		t.Errorf("got %+v", end)
	}
	s.expect(http.StatusNotFound, nil, "GET", "/api/months/2026-11", "")
	var closing web.Closing
	s.expect(http.StatusOK, &closing, "POST", "/api/months/2026-11", `{"by": " 李会计 "}`)
	if l.month != "2026-11" || l.by != "李会计" || closing.By != "李会计" {
		t.Errorf("%s was closed by %q", l.month, l.by)
	}
	for _, by := range []string{"", "  ", strings.Repeat("王", 41)} {
		s.expect(http.StatusUnprocessableEntity, nil, "POST", "/api/months/2026-11", `{"by": "`+by+`"}`)
	}
	l.end = context.DeadlineExceeded
	s.expect(http.StatusServiceUnavailable, nil, "POST", "/api/months/2026-11", `{"by": "李会计"}`)
	l.end = web.Refusal{Text: schema.Text{Zh: "还没有过完", En: "not over"}}
	s.expect(http.StatusConflict, nil, "POST", "/api/months/2026-11", `{"by": "李会计"}`)
}
