package web_test

import (
	"context"
	"testing"

	"wangge/node/web"
)

func monthStories() stories {
	return stories{
		"closes a month and sees what it froze": closesMonth,
		"reads a restatement and who came late": readsRestatement,
		"has a file for the city, and another":  sendsUp,
	}
}

func closesMonth(t *testing.T, browser context.Context) {
	tab, h := openHub(t, browser, "/?lang=zh#/months?month=2026-10")
	tab.sees(".sheet.month", "王会计 于")
	tab.sees(".sheet.month .late", "41 个站中 38 个已到齐，未到：西河党群服务中心")
	tab.sees(".sheet.month tbody tr:first-child", "走访次数")
	tab.sees(".sheet.month tbody td.late", "+1")
	tab.sees("#month-others summary", "其余 1 张报表")
	tab.evaluate(`(() => { const i = document.querySelector('#month'); i.value = '2099-01'; i.dispatchEvent(new Event('change')); })()`)
	tab.sees(".sheet.month", "还没有过完")
	tab.evaluate(`(() => { const i = document.querySelector('#month'); i.value = '2026-09'; i.dispatchEvent(new Event('change')); })()`)
	tab.clicks("#month-close")
	tab.types("#month-by", "李会计")
	tab.clicksText("确认结账，不能撤销")
	tab.until(`document.getElementById('voice').textContent === '2026-09 已结账'`)
	tab.sees(".sheet.month", "李会计 于")
	tab.clicks(".sheet.month tbody a")
	tab.sees("#total", "61")
	h.mu.Lock()
	defer h.mu.Unlock()
	if q := h.queries[len(h.queries)-1]; q.Report != "grid_visit.visits" {
		t.Errorf("the figures were not asked for again: %+v", q)
	}
}

func readsRestatement(t *testing.T, browser context.Context) {
	tab, _ := openHub(t, browser, "/?lang=en#/reports?report=grid_visit.visits&by=area:9,topic&month=2026-10")
	tab.sees("#total", "61")
	tab.sees(".result .month", "Frozen figures of 2026-10, closed by 王会计")
	tab.sees(".result .restated li:first-child", "61 → 62")
	tab.sees(".result .restated li:nth-child(2)", "140581 106 · =1+1 3 → 4 +1")
	tab.sees(".beside-before div:first-child", "Period before")
	tab.sees(".beside-before div:first-child dd", "50 (frozen) +11 (+22.0%)")
	tab.clicks("#month-records")
	tab.sees(".result .records", "late")
	tab.keepsPicture("month")
}

func sendsUp(t *testing.T, browser context.Context) {
	h := newHub()
	p := &press{ledger: &ledger{hub: h}}
	tab := openTab(t, browser, web.Options{Machine: h, Office: h, Months: monthly{p.ledger}, Publisher: p, Inspector: h, Gazetteer: h}, "/?lang=zh#/months?month=2026-10")
	tab.sees(".upward li:first-child", "第 1 号文件 · 王会计")
	tab.until(`document.querySelector('.upward a').getAttribute('href') === '/api/months/2026-10/publication?number=1'`)
	tab.clicks("#month-restate")
	tab.types("#restate-by", "李会计")
	tab.clicksText("重述：把迟到的也算上")
	tab.until(`document.getElementById('voice').textContent === '2026-10 现以第 2 号报送'`)
	tab.sees(".upward li:nth-child(2)", "第 2 号文件 · 李会计")
}
