package web_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"wangge/node/report"
	"wangge/node/web"
	"wangge/schema"
)

// hubStories are what an analyst does at a hub replica.
func hubStories() stories {
	return stories{
		"reads a figure and how current it is":  readsFigure,
		"asks in other words":                   asksOtherwise,
		"is told why there is no figure":        readsTrouble,
		"reads English and exports":             exportsTable,
		"sees what was told the county":         seesWhatWasTold,
		"sees the month at a glance":            seesMonth,
		"goes from a figure to its records":     goesBehind,
		"draws a figure over time":              drawsFigure,
		"finds a report among many":             findsReport,
		"sees what makes figures wrong":         seesQuality,
		"decides by hand who gets a wish":       decidesByHand,
		"writes down what the county alone may": keepsRegisters,
		"finds the county's pages fit":          theCountysPagesAreForAll,
		"finds every page of the hub fit":       everyHubPageIsForAll,
		"reads one record":                      readsRecord,
		"comes to a record by keyboard":         comesToRecord,
	}
}

func openHub(t *testing.T, browser context.Context, path string) (*tab, *hub) {
	t.Helper()
	h := newHub()
	return openTab(t, browser, web.Options{Machine: h, Office: h, Months: monthly{&ledger{hub: h}}, Inspector: h, Gazetteer: h}, path), h
}

func readsFigure(t *testing.T, browser context.Context) {
	tab, h := openHub(t, browser, "/?lang=zh#/reports")
	tab.sees("#total", "61")
	tab.sees("tbody tr:first-child", "用电安全")
	tab.sees(".currency", "截至提交 1284 · 县中心一号")
	tab.sees(".late", "3 个站中 1 个已到齐，未到：西河党群服务中心（前天）、南关党群服务中心（尚未联系）")
	h.mu.Lock()
	h.answer.Total = 62
	h.mu.Unlock()
	tab.sees("#total", "62") // by itself
	tab.goTo("/?lang=zh#/hub")
	tab.sees(".tiles", "县中心一号")
	tab.sees(".database .chip", "写不进去")
	tab.sees(".database .tiles", "28 条记录（31 份）")
	tab.sees(".database", "connection refused")
}

func asksOtherwise(t *testing.T, browser context.Context) {
	tab, h := openHub(t, browser, "/?lang=zh#/reports")
	h.mu.Lock()
	h.fresh = 62 // by which the page shows that it has asked the last question
	h.mu.Unlock()
	tab.chooses("#ask-report", "newjob_checkin.registered")
	tab.until(`!document.querySelector('#ask-area-15')`) // check-ins know no grid
	tab.clicks("#ask-area-12")
	tab.clicks("#ask-by-trade")
	tab.types("#ask-area", "城东镇\t") // no area is called so
	tab.sees(".area-input .problem", "没有这个名称")
	tab.evaluate(`document.querySelector('#ask-area').dataset.typed = ''`)
	tab.types("#ask-area", "城关\t")
	tab.until(`location.hash.includes('area=140581105')`)
	tab.until(`!('typed' in document.querySelector('#ask-area').dataset)`) // it is drawn anew
	tab.until(`document.querySelector('#ask-area').value === '城关镇 140581105'`)
	tab.types("#ask-area", "140581\t")
	tab.chooses("#ask-where\\.platform", "美团")
	tab.chooses("#ask-from", "2026-11-01")
	tab.clicks("#ask-current")
	tab.until(`location.hash.includes('current=true')`)
	tab.sees("#total", "62")
	h.mu.Lock()
	defer h.mu.Unlock()
	asked := slices.ContainsFunc(h.queries, func(q report.Query) bool { // and for the periods before
		return q.Report == "newjob_checkin.registered" && reflect.DeepEqual(q.By, []string{"area:12", "trade"}) &&
			q.Area == "140581" && q.From == "2026-11-01" && q.Where["platform"] == "美团"
	})
	if !asked || !h.current {
		t.Errorf("the office was asked %+v (current %t)", h.queries, h.current)
	}
}

func readsTrouble(t *testing.T, browser context.Context) {
	tab, h := openHub(t, browser, "/?lang=zh#/reports")
	tab.sees("#total", "61")
	h.mu.Lock()
	h.err = context.DeadlineExceeded
	h.mu.Unlock()
	tab.clicks("#ask-current")
	tab.sees(".problem", "多数副本此刻没有应答")
	tab.lacks("#total")
}

func exportsTable(t *testing.T, browser context.Context) {
	tab, _ := openHub(t, browser, "/?lang=en#/reports")
	tab.sees("h1", "Reports")
	tab.sees("tbody", "Elderly living alone")
	tab.sees("tbody th", "城关镇 140581 105")
	csv := tab.evaluated(`fetch(document.querySelector('.exports a:nth-of-type(2)').href).then((r) => r.text())`)
	if csv != "Area,Area (name),Topic,Visits\r\n140581105,城关镇,Electrical safety,42\r\n140581105,城关镇,Elderly living alone,17\r\n140581106,,'=1+1,3\r\n" {
		t.Errorf("the export is %q", csv)
	}
}

// seesMonth reads the first page, whose figures lead on.
func seesMonth(t *testing.T, browser context.Context) {
	tab, _ := openHub(t, browser, "/?lang=zh")
	tab.sees(".glance a[href='#/quality']", "1 / 2")
	tab.until(`document.querySelectorAll('.system').length === new Set([...document.querySelectorAll('.system h3')].map((e) => e.textContent)).size`)
	tab.sees(".system li", "走访次数")
	tab.sees(".currency .late", "3 个站中 1 个已到齐")
	// Each look is a request for all figures and one for what is late.
	asked := `performance.getEntriesByType('resource').filter((e) => e.name.includes('/api/' + %q)).length`
	looks, figures := fmt.Sprintf(asked, "tasks"), fmt.Sprintf(asked, "report")
	tab.until(`%s > 0 && %s <= %s + 1`, figures, figures, looks)
	tab.clicks(".system .amount[href*='grid_visit.visits']")
	tab.sees("#total", "61")
	tab.sees(".tiles dt", "上期")
	tab.sees(".tiles dt", "上年同期")
	tab.sees(".tiles dd", "0（0.0%）")
}

// goesBehind lists the records of one row, opens one, and asks for more.
func goesBehind(t *testing.T, browser context.Context) {
	tab, h := openHub(t, browser, "/?lang=zh#/reports?report=grid_visit.visits&by=area:9,topic&from=2026-11-01")
	tab.clicks("tbody tr:nth-child(2) td a")
	tab.sees("h1", "“走访次数”背后的记录")
	tab.until(`document.querySelectorAll('.rows li').length === 2`)
	tab.clicks(".rows summary")
	tab.sees(".rows dd", "用电安全")
	tab.clicks("#more")
	tab.until(`document.querySelectorAll('.rows li').length === 4`)
	h.mu.Lock()
	q := h.queries[len(h.queries)-1]
	h.mu.Unlock()
	if q.From != "2026-11-01" || q.Area != "140581105" || q.Where["topic"] != "独居老人" {
		t.Errorf("the records of %+v were asked for", q)
	}
	tab.clicks(".back")
	tab.sees("#total", "61")
	tab.until(`location.hash.includes('from=2026-11-01') && decodeURIComponent(location.hash).includes('by=area:9,topic')`)
	tab.goTo("/?lang=zh#/behind?report=mediation_case.agreed_rate")
	tab.clicksText("分母")
	tab.until(`location.hash.includes('side=per')`)
	tab.sees(".sides a[aria-current=true]", "分母")
	tab.until(`document.querySelectorAll('.rows li').length === 2`)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.side != "per" {
		t.Errorf("the side %q was asked for", h.side)
	}
}

// drawsFigure sees bars for groups, and a line for time.
func drawsFigure(t *testing.T, browser context.Context) {
	tab, h := openHub(t, browser, "/?lang=zh#/reports?report=grid_visit.visits&by=area:9,topic")
	tab.until(`document.querySelectorAll('.chart rect').length === 3`)
	tab.until(`document.querySelector('.chart desc').textContent.startsWith('柱状图：走访次数，按区划 · 事项')`)
	h.mu.Lock()
	h.answer.Columns = []report.Column{{Name: "month", Title: schema.Text{Zh: "月", En: "Month"}}}
	h.answer.Rows = []report.Row{{Keys: []string{"2026-10"}, Labels: []schema.Text{{Zh: "2026-10"}}, Count: 20}, {Keys: []string{"2026-11"}, Labels: []schema.Text{{Zh: "2026-11"}}, Count: 41}}
	h.mu.Unlock()
	tab.chooses("#ask-time", "month")
	tab.until(`document.querySelector('.chart polyline')?.getAttribute('points').split(' ').length === 2`)
}

func findsReport(t *testing.T, browser context.Context) {
	tab, _ := openHub(t, browser, "/?lang=zh#/reports")
	tab.types("#find-report", "隐患")
	tab.until(`[...document.querySelectorAll('#ask-report option')].every((o) => o.selected || o.textContent.includes('隐患') || o.parentNode.label.includes('隐患'))`)
	tab.sees(".which-report .hint", "找到")
	tab.clicks("#ask-lastMonth")
	tab.until(`/from=\d{4}-\d\d-01&to=/.test(location.hash)`)
}

func seesQuality(t *testing.T, browser context.Context) {
	tab, h := openHub(t, browser, "/?lang=zh#/quality")
	tab.sees(".late-part", "西河党群服务中心：报齐到 前天")
	tab.sees(".late-part .todo", "检查电源和网络")
	tab.sees(".refused-part", "西河党群服务中心：2 处")
	tab.sees(".boxes tbody tr:first-child", "2 处")
	tab.sees(".boxes tbody tr:first-child", "3 份 （前天所知）")
	tab.sees(".troubles", "没有需要处理的问题")
	tab.clicks("#look-through")
	tab.sees(".doubts", "本县 9 条记录")
	tab.sees(".doubts h3", "有不同写法（3）")
	tab.sees(".doubts summary", "用电安全")
	tab.sees(".doubts", "另有 2 条没有列出")
	tab.sees(".doubts .pair strong", "姓名相同，手机号相同")
	tab.sees(".doubts h3", "区划与存放处不符（2）")
	tab.sees(".doubts .beside", "西河党群服务中心 11/3 17:30：写的区划是 140581 106 003，存放在 东街社区 140581 105 211（个人信息）。")
	tab.sees(".doubts .beside", "没有写区划")
	tab.sees(".doubts h3", "删改了还没有到的内容（10000+）")
	tab.sees(".doubts .beside", "17:30：删除整条记录，连同 东街党群服务中心 写到第 412 份的内容；县里只到第 12 份。")
	tab.sees(".doubts .beside", "“现状”一项换掉了 #77 第 12 份里的值；县里只到第 0 份。")
	tab.sees(".doubts", "另有 9999 条没有列出")
	tab.clicksText("不是同一个")
	tab.until(`document.querySelector('.pair #aside-by') === document.activeElement`)
	tab.reaches("已确认是同一条（1 对，每对只计一次）") // by keyboard
	tab.do(chromedp.KeyEvent(kb.Enter))
	tab.sees(".agreed .pair", "东街党群服务中心 11/3 17:30：确认是同一条")
	tab.sees(".agreed .todo", "点“不是同一条”")
	tab.until(`[...document.querySelectorAll('.doubts .rows a')].every((a) => a.hash.startsWith('#/record/grid_visit/140581105211/personal/'))`)
	tab.isForAll("hub-doubts")
	tab.goTo("/?again#/quality")
	h.mu.Lock()
	h.troubles = []web.Trouble{{
		Sort: "room", Grave: true, What: schema.Text{Zh: "本机磁盘放不下送来的照片和文件"},
		Records: []web.Named{{Name: web.Name{Kind: "grid_visit"}, Words: schema.Text{Zh: "网格走访 · 用电安全"}}},
	}}
	h.mu.Unlock()
	tab.sees(".alarm .stuck", "网格走访 · 用电安全")
	tab.until(`!document.querySelector('.alarm .stuck a')`) // the hub has no page of a record
}

func everyHubPageIsForAll(t *testing.T, browser context.Context) {
	tab, _ := openHub(t, browser, "/?lang=zh")
	tab.sees(`nav.tabs a[href="#/told"]`, "逾期") // not as months are told upward, to the city
	for path, shows := range map[string][2]string{
		"overview": {".system li", "走访次数"}, "reports?report=grid_visit.visits&by=area:9,topic&from=2026-11-01&to=2026-11-30": {".result tbody", "42"},
		"months?month=2026-10": {".sheet.month", "王会计 于"}, "told": {"h2", "逾期上报"}, "quality": {".boxes", "西河"}, "hub": {".group", "县中心一号"},
		"behind?report=mediation_case.agreed_rate": {".rows", "用电安全"},
	} {
		tab.goTo("/?again=" + strings.SplitN(path, "?", 2)[0] + "#/" + path)
		tab.sees(shows[0], shows[1])
		tab.inBoth("hub-" + strings.SplitN(path, "?", 2)[0])
	}
}
