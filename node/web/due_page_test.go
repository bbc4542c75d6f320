package web_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"wangge/crdt"
	"wangge/node/web"
	"wangge/schema"
	"wangge/schema/kindfile"
)

// Due works out of the fake box's records what a node works out of its own.
func (b *box) Due(q web.DueQuery) (web.Due, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	calendar, err := kindfile.ShippedCalendar()
	if err != nil {
		return web.Due{}, err
	}
	agenda := schema.NewAgenda(b.registry, calendar)
	names := map[crdt.RecordID]web.Name{}
	for n, rec := range b.records {
		space, _ := crdt.ParseSpace(n.Space)
		id, _ := crdt.ParseRecordID(n.ID)
		names[id] = n
		agenda.Change(space, id, crdt.Record{}, rec)
	}
	now := time.Now().UnixMilli()
	due := web.Due{Now: now, Counts: map[schema.State]int{}, Items: []web.DueItem{}}
	for _, i := range agenda.At(now, q.Area) {
		state := i.State(now)
		if due.Counts[state]++; !slices.Contains(q.States, state) {
			continue
		}
		item := web.DueItem{
			Name: names[i.ID], Task: i.Task.Name, Title: i.Task.Title, Area: i.Area, State: state, Opens: i.Opens, Due: i.Due,
			Missed: i.Missed, Unknown: i.Unknown, By: i.Task.By, Values: b.item(names[i.ID]).Values,
		}
		item.Day, item.Slot = i.Occasion()
		if state == schema.Escalated {
			item.To, item.Say, item.Raise = i.Task.Escalate.To, i.Task.Escalate.Say, i.Task.Escalate.Raise
		}
		due.Items = append(due.Items, item)
	}
	return due, nil
}

// doesWhatIsDue is a morning: a curtain that nobody has looked at for days, a grave
// hazard, and a visit to be followed up some time.
func doesWhatIsDue(t *testing.T, browser context.Context) {
	tab, b := openDesk(t, browser, "/#/due")
	tab.sees(".nothing", "现在没有要办的事")
	days := func(n int) string {
		return time.Now().AddDate(0, 0, n).In(time.FixedZone("", 8*3600)).Format("2006-01-02T15:04")
	}
	save := func(kind string, form map[string]any) {
		if _, err := b.Save(kind, form); err != nil {
			t.Fatal(err)
		}
	}
	save("elder_pact", map[string]any{
		"grid": home + "01", "name": "王桂英", "home": "东街 3 号", "since": days(-3)[:10], "companion": "李雷", "companion_mobile": "13835612203", "consent": true, "status": "在约",
	})
	save("hazard_report", map[string]any{"grid": home + "01", "reported_at": days(-1)[:11] + "00:00", "category": "消防", "severity": "重大", "status": "待处置", "place": "东街口"})
	keep(t, b, map[string]any{"visited_at": days(-1), "status": "待跟进"})
	tab.sees(".due.escalated h2", "已上报")
	tab.sees(".due.escalated .thing", "看窗帘")
	tab.sees(".due.escalated .thing", "错过 ")
	tab.sees(".due.escalated .thing", "王**") // as lists mask it
	tab.sees(".due.escalated .thing", "报乡镇街道")
	tab.sees(".due.escalated .say", "没有人看到窗帘")
	tab.sees(".due .thing", "消除重大隐患")
	tab.until(`![...document.querySelectorAll('.thing')].some((e) => e.innerText.includes('回访'))`)
	tab.clicks("#due-later")
	tab.sees(".due.later .thing", "回访待跟进事项")
	// The form finds the elder, the place, the day and the time filled in.
	tab.clicks(".due.escalated .thing .do[href*='curtain_check']")
	tab.sees("h2", "窗帘打卡")
	tab.until(`document.querySelector('#field-grid').value === %q && document.querySelector('#field-day').value >= %q`, home+"01", days(-1)[:10])
	tab.sees(".pick", "王**")
	tab.clicksText("正常")
	tab.clicksText("保存")
	tab.sees(".receipt", "窗帘打卡")
	tab.clicks(".back")
	tab.until(`![...document.querySelectorAll('.due.escalated .thing')].some((e) => e.innerText.includes('看窗帘'))`)
}

// Due is what the fake hub was told of.
func (h *hub) Due(q web.DueQuery) (web.Due, error) {
	due := web.Due{Now: time.Now().UnixMilli(), Counts: map[schema.State]int{}, Items: []web.DueItem{}}
	if q.To == schema.County && slices.Equal(q.States, []schema.State{schema.Escalated}) {
		due.Counts[schema.Escalated] = 1
		due.Items = append(due.Items, web.DueItem{
			Name:  web.Name{Kind: "petition_matter", Space: home + "/confidential", ID: "01"},
			Title: schema.Text{Zh: "决定是否受理并告知信访人", En: "Say whether it is accepted"}, Area: home, State: schema.Escalated,
			Due: time.Now().AddDate(0, 0, -3).UnixMilli(), To: schema.County, Say: schema.Text{Zh: "请督办", En: "See to it"}, Values: map[string]any{},
		})
	}
	return due, nil
}

func seesWhatWasTold(t *testing.T, browser context.Context) {
	h := newHub()
	tab := openTab(t, browser, web.Options{Registry: shipped(t), Machine: h, Office: h, Planner: h}, "/?lang=zh#/told")
	tab.sees(".told .thing", "决定是否受理并告知信访人")
	tab.sees(".told .thing", "逾期 3 天")
	tab.sees(".told .thing", "请督办")
	tab.lacks(".told .thing a") // the hub opens no records
	tab.chooses("#told-to", "township")
	tab.sees(".told .nothing", "现在没有要办的事")
}
