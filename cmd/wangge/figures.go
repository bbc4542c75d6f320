package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"wangge/node/policy"
	"wangge/node/report"
	"wangge/node/web"
)

// Report passes a query on to a hub replica that answers, so that the
// demonstration's page can show the county's figures beside its switches.
func (s *stage) Report(ctx context.Context, q report.Query, current bool) (web.Answer, error) {
	var answer web.Answer
	err := fmt.Errorf("%w: no hub replica is running", errAway)
	for _, a := range s.actors {
		if a.device.Role != policy.Hub || !a.running() {
			continue
		}
		var c *client
		if c, err = a.client(); err != nil {
			continue
		}
		if err = c.getJSON(ctx, "/api/report?"+reportValues(q, current).Encode(), &answer); err == nil {
			return answer, nil
		}
	}
	return web.Answer{}, err
}

var _ web.Office = (*stage)(nil)

// reportValues writes a query as the HTTP interface takes it.
func reportValues(q report.Query, current bool) url.Values {
	values := url.Values{"report": {q.Report}}
	for name, value := range map[string]string{"by": strings.Join(q.By, ","), "area": q.Area, "from": q.From, "to": q.To} {
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
