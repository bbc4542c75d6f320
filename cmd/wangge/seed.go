package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"wangge/node/web"
)

// The demonstration's villages, as grid workers might have written them down in
// the last days.
var (
	seedNames   = []string{"张桂兰", "李建国", "王秀英", "刘志强", "陈玉梅", "赵永红", "孙小军", "周海燕", "郭维民", "马春花", "田润生", "冯俊丽"}
	seedWorkers = []string{"韩雪", "牛力", "申红霞"}
	seedTopics  = []string{"独居老人", "用电安全", "燃气安全", "困难家庭", "慢病随访", "邻里纠纷", "防汛隐患", "反诈宣传"}
	seedNotes   = []string{
		"敲门查看，老人独自在家，血压偏高，约定周四陪同复查。",
		"厨房软管老化，已请物业当日更换，复查正常。",
		"楼道堆放杂物，现场劝导后清理，住户表示配合。",
		"低保材料缺一份收入证明，已告知到站补交。",
		"与邻居因滴水争执，双方约好周末一起修水管。",
		"接到陌生来电自称客服，已讲明骗局，手机装了反诈软件。",
	}
)

// seed writes the villages' records unless an earlier run did.
func seed(ctx context.Context, dir string, s *stage) error {
	mark := filepath.Join(dir, "seeded")
	if _, err := os.Stat(mark); err == nil {
		return nil
	}
	rng := rand.New(rand.NewPCG(140581, 2))
	now := time.Now()
	for _, a := range s.boxes() {
		c, err := a.client()
		if err != nil {
			return err
		}
		community := string(a.device.Writes[len(a.device.Writes)-1][:12])
		if err := c.seedVisits(ctx, rng, community, now); err != nil {
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

func (c *client) seedVisits(ctx context.Context, rng *rand.Rand, community string, now time.Time) error {
	var visits []any
	for i := range 12 {
		grid := fmt.Sprintf("%s%03d", community, 1+i%3)
		visits = append(visits, map[string]any{
			"grid": grid, "household": fmt.Sprintf("%s%04d", grid, 1+rng.IntN(90)),
			"visited_at": now.Add(-time.Duration(i*5+rng.IntN(5)) * time.Hour).UnixMilli(),
			"person":     seedNames[i], "author": seedWorkers[i%3], "topic": seedTopics[rng.IntN(len(seedTopics))],
			"status": []string{"正常", "正常", "待跟进", "已解决"}[rng.IntN(4)], "tags": []string{"独居"},
			"followups": rng.IntN(3), "note": seedNotes[rng.IntN(len(seedNotes))],
		})
	}
	return c.plant(ctx, "grid_visit", visits)
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
	return c.plant(ctx, "newjob_checkin", checkins)
}

func (c *client) seedMediation(ctx context.Context, community string, now time.Time) error {
	return c.plant(ctx, "mediation_note", []any{map[string]any{
		"area": community, "mediated_at": now.Add(-30 * time.Hour).UnixMilli(), "parties": "张某与李某",
		"category": "邻里", "method": "一杯茶", "outcome": "达成协议", "mediator": seedWorkers[1],
		"note": "因屋檐滴水起争执。请双方到站喝茶，约定各出一半修檐沟，周末动工。",
	}})
}

// plant imports forms that must all be taken.
func (c *client) plant(ctx context.Context, kind string, forms []any) error {
	var body bytes.Buffer
	for _, form := range forms {
		if err := json.NewEncoder(&body).Encode(form); err != nil {
			return err
		}
	}
	b, err := c.do(ctx, "POST", "/api/import?kind="+kind, "application/x-ndjson", body.Bytes())
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
