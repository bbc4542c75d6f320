package main

import (
	"net/http/httptest"
	"strings"
	"testing"

	"wangge/node/web"
	"wangge/schema"
)

// plan is a planner that has one thing to do.
type plan struct{ asked *web.DueQuery }

func (p plan) Due(q web.DueQuery) (web.Due, error) {
	*p.asked = q
	return web.Due{Counts: map[schema.State]int{schema.Overdue: 1}, Items: []web.DueItem{{
		Name: web.Name{Kind: "elder_pact", ID: "0123456789abcdef"}, Title: schema.Text{Zh: "看窗帘", En: "Look at the curtain"},
		Area: "14058110521101", State: schema.Overdue, Due: 1764118800000, Missed: 3, Values: map[string]any{"name": "王**"},
	}}}, nil
}

func TestWorkIsListed(t *testing.T) {
	var asked web.DueQuery
	server := httptest.NewServer(web.New(web.Options{Planner: plan{&asked}}))
	defer server.Close()
	code, out, said := wangge(t, nil, "tasks", "--node", server.URL, "--area", "140581105", "--state", "overdue,open", "--lang", "en")
	if code != 0 || !strings.Contains(out, "2025-11-26 09:00 ×3  Look at the curtain  14058110521101  elder_pact/01234567") || !strings.Contains(out, "overdue 1, open 0") {
		t.Errorf("exit code %d, %s%s", code, out, said)
	}
	if asked.Area != "140581105" || len(asked.States) != 2 {
		t.Errorf("asked %+v", asked)
	}
	if strings.Contains(out, "王") {
		t.Error("a terminal shows whom it is about")
	}
	if code, out, _ := wangge(t, nil, "tasks", "--node", server.URL, "--json"); code != 0 || !strings.Contains(out, `"missed":3`) {
		t.Errorf("exit code %d, %s", code, out)
	}
	if code, _, _ := wangge(t, nil, "tasks", "--node", server.URL, "--to", "moon"); code != exitFailed {
		t.Errorf("a level that is none: exit code %d", code)
	}
}
