package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/report"
	"wangge/node/web"
	"wangge/schema"
)

// Report passes a query on to a hub replica that answers, so that the
// demonstration's page can show the county's figures beside its switches.
func (s *stage) Report(ctx context.Context, q report.Query, current bool) (answer web.Answer, err error) {
	return answer, s.replica(func(c *client) error {
		return c.getJSON(ctx, "/api/report?"+reportValues(q, current).Encode(), &answer)
	})
}

// Behind passes the question for a figure's records on likewise.
func (s *stage) Behind(q report.Query, side string, after crdt.RecordID, limit int) (list web.List, err error) {
	values := reportValues(q, false)
	values.Set("side", side)
	values.Set("limit", strconv.Itoa(limit))
	if after != (crdt.RecordID{}) {
		values.Set("after", base64.RawURLEncoding.EncodeToString(after[:]))
	}
	return list, s.replica(func(c *client) (err error) {
		list, err = c.behind(context.Background(), values)
		return err
	})
}

// Check passes the wish for a check on likewise.
func (s *stage) Check(ctx context.Context) (checked report.Checked, err error) {
	return checked, s.replica(func(c *client) (err error) {
		checked, err = c.check(ctx)
		return err
	})
}

// areasMax is how long the stage waits for the names of areas: its pages do without.
const areasMax = 2 * time.Second

// Areas passes on what a replica calls the areas.
func (s *stage) Areas() []schema.Place {
	ctx, cancel := context.WithTimeout(context.Background(), areasMax)
	defer cancel()
	var answer struct{ Areas []schema.Place }
	if s.replica(func(c *client) error { return c.getJSON(ctx, "/api/areas", &answer) }) != nil {
		return nil
	}
	return answer.Areas
}

// replica asks one hub replica after the other until one answers.
func (s *stage) replica(ask func(*client) error) error {
	err := fmt.Errorf("%w: no hub replica is running", errAway)
	for _, a := range s.actors {
		if a.device.Role != policy.Hub || !a.running() {
			continue
		}
		var c *client
		if c, err = a.client(); err != nil {
			continue
		}
		if err = ask(c); err == nil {
			return nil
		}
	}
	return err
}

// behind asks for a page of the records behind a figure.
func (c *client) behind(ctx context.Context, values url.Values) (web.List, error) {
	var page struct {
		Items []web.Item
		Next  string
	}
	err := c.getJSON(ctx, "/api/report/records?"+values.Encode(), &page)
	if err != nil {
		return web.List{}, err
	}
	next, err := base64.RawURLEncoding.DecodeString(page.Next)
	return web.List{Items: page.Items, Next: next}, err
}

// check has a hub replica hold its figures against a recount.
func (c *client) check(ctx context.Context) (checked report.Checked, err error) {
	b, err := c.do(ctx, http.MethodPost, "/api/report/check", "", nil)
	if err == nil {
		err = json.Unmarshal(b, &checked)
	}
	return checked, err
}

var _ web.Office = (*stage)(nil)

// reportValues writes a query as the HTTP interface takes it.
func reportValues(q report.Query, current bool) url.Values {
	values := url.Values{"report": {q.Report}}
	for name, value := range map[string]string{"by": strings.Join(q.By, ","), "area": q.Area, "from": q.From, "to": q.To, "as_of": q.AsOf} {
		if value != "" {
			values.Set(name, value)
		}
	}
	for field, value := range q.Where {
		values.Set("where."+field, value)
	}
	if current {
		values.Set("current", "true")
	}
	return values
}
