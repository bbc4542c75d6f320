package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"wangge/node/web"
)

// seedWorkers are the grid workers of the demonstration.
var seedWorkers = []string{"韩雪", "牛力", "申红霞"}

// seed writes the villages' records unless an earlier run did.
func seed(ctx context.Context, dir string, s *stage) error {
	mark := filepath.Join(dir, "seeded")
	if _, err := os.Stat(mark); err == nil {
		return nil
	}
	now := time.Now()
	g := newGenerator(140581)
	if err := seedAreas(ctx, s); err != nil {
		return err
	}
	for _, a := range s.boxes() {
		c, err := a.client()
		if err != nil {
			return err
		}
		community := string(a.device.Writes[len(a.device.Writes)-1][:12])
		if err := c.seedVisits(ctx, g, community, now); err != nil {
			return err
		}
		if err := c.seedCheckins(ctx, community, now); err != nil {
			return err
		}
		if err := c.seedMediation(ctx, community, now); err != nil {
			return err
		}
	}
	return os.WriteFile(mark, nil, 0o600)
}

// seedVisits writes what a community's workers did in the last days.
func (c *client) seedVisits(ctx context.Context, g *generator, community string, now time.Time) error {
	g.grids = []string{community + "001", community + "002", community + "003"}
	var visits []any
	for i := range 12 {
		g.now = now.Add(-time.Duration(12-i) * 5 * time.Hour).UnixMilli()
		visits = append(visits, g.visit(g.oneOf(seedWorkers...)))
	}
	return c.plant(ctx, "grid_visit", "", visits)
}

// seedRiders check in at every centre: three check-ins each, one person each.
// The numbers are made up and pass the checksum; the people do not exist.
var seedRiders = []struct{ name, id, mobile, politics, platform, trade string }{
	{"高飞", "14058119920307151X", "13834561201", "01", "美团", "外卖"},
	{"程远", "140581198811230030", "13934561202", "13", "顺丰", "快递"},
}

func (c *client) seedCheckins(ctx context.Context, community string, now time.Time) error {
	var checkins []any
	for i, r := range seedRiders {
		checkins = append(checkins, map[string]any{
			"area": community, "checked_in_at": now.Add(-time.Duration(20+i) * time.Hour).UnixMilli(),
			"platform": r.platform, "trade": r.trade, "notice_given": true, "consent": true, "author": seedWorkers[0],
			"person": map[string]any{"id_number": r.id, "name": r.name, "mobile": r.mobile, "political_status": r.politics},
		})
	}
	return c.plant(ctx, "newjob_checkin", "", checkins)
}

func (c *client) seedMediation(ctx context.Context, community string, now time.Time) error {
	return c.plant(ctx, "mediation_note", "", []any{map[string]any{
		"area": community, "mediated_at": now.Add(-30 * time.Hour).UnixMilli(), "parties": "张某与李某",
		"category": "邻里", "method": "一杯茶", "outcome": "达成协议", "mediator": seedWorkers[1],
		"note": "因屋檐滴水起争执。请双方到站喝茶，约定各出一半修檐沟，周末动工。",
	}})
}

// plant imports forms that must all be taken; by is who, at the hub.
func (c *client) plant(ctx context.Context, kind, by string, forms []any) error {
	var body bytes.Buffer
	for _, form := range forms {
		if err := json.NewEncoder(&body).Encode(form); err != nil {
			return err
		}
	}
	b, err := c.do(ctx, "POST", "/api/import?"+url.Values{"kind": {kind}, "by": {by}}.Encode(), "application/x-ndjson", body.Bytes())
	if err != nil {
		return err
	}
	var answer struct{ Outcomes []web.Outcome }
	if err := json.Unmarshal(b, &answer); err != nil {
		return err
	}
	for i, o := range answer.Outcomes {
		if len(o.Problems) > 0 {
			return fmt.Errorf("%s %d: %w", kind, i+1, o.Problems)
		}
	}
	return nil
}
