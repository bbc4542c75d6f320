package web_test

import (
	"context"
	"reflect"
	"testing"

	"wangge/node/web"
)

// hubStories are what an analyst does at a hub replica.
func hubStories() stories {
	return stories{
		"reads a figure and how current it is": readsFigure,
		"asks in other words":                  asksOtherwise,
		"is told why there is no figure":       readsTrouble,
		"reads English and exports":            exportsTable,
		"sees what was told the county":        seesWhatWasTold,
	}
}

func openHub(t *testing.T, browser context.Context, path string) (*tab, *hub) {
	t.Helper()
	h := newHub()
	return openTab(t, browser, web.Options{Machine: h, Office: h, Months: monthly{&ledger{hub: h}}}, path), h
}

func readsFigure(t *testing.T, browser context.Context) {
	tab, h := openHub(t, browser, "/?lang=zh")
	tab.sees("#total", "61")
	tab.sees("tbody tr:first-child", "用电安全")
	tab.sees(".currency", "截至提交 1284 · 县中心一号")
	tab.sees(".late", "1/3 个站 · 未报齐：西河党群服务中心（前天）、南关党群服务中心（尚未联系）")
	tab.sees(".tiles", "县中心一号")
	tab.sees(".boxes tbody tr:first-child", "西河党群服务中心")
	tab.sees(".boxes tbody tr:first-child", "2 处")
	h.mu.Lock()
	h.answer.Total = 62
	h.mu.Unlock()
	tab.sees("#total", "62") // by itself
}

func asksOtherwise(t *testing.T, browser context.Context) {
	tab, h := openHub(t, browser, "/?lang=zh")
	h.mu.Lock()
	h.fresh = 62 // by which the page shows that it has asked the last question
	h.mu.Unlock()
	tab.chooses("#ask-report", "newjob_checkin.registered")
	tab.until(`!document.querySelector('#ask-area-15')`) // check-ins know no grid
	tab.clicks("#ask-area-12")
	tab.clicks("#ask-by-trade")
	tab.types("#ask-area", "140581\t")
	tab.chooses("#ask-where\\.platform", "美团")
	tab.chooses("#ask-from", "2026-11-01")
	tab.clicks("#ask-current")
	tab.until(`location.hash.includes('current=true')`)
	tab.sees("#total", "62")
	h.mu.Lock()
	defer h.mu.Unlock()
	q := h.queries[len(h.queries)-1]
	if q.Report != "newjob_checkin.registered" || !reflect.DeepEqual(q.By, []string{"area:12", "trade"}) ||
		q.Area != "140581" || q.From != "2026-11-01" || q.Where["platform"] != "美团" || !h.current {
		t.Errorf("the office was asked %+v (current %t)", q, h.current)
	}
}

func readsTrouble(t *testing.T, browser context.Context) {
	tab, h := openHub(t, browser, "/?lang=zh")
	tab.sees("#total", "61")
	h.mu.Lock()
	h.err = context.DeadlineExceeded
	h.mu.Unlock()
	tab.clicks("#ask-current")
	tab.sees(".problem", "多数副本此刻没有应答")
	tab.lacks("#total")
}

func exportsTable(t *testing.T, browser context.Context) {
	tab, _ := openHub(t, browser, "/?lang=en")
	tab.sees("h1", "County reports")
	tab.sees("tbody", "Elderly living alone")
	csv := tab.evaluated(`fetch(document.querySelector('.exports a:nth-of-type(2)').href).then((r) => r.text())`)
	if csv != "Area,Topic,Visits\r\n140581105,Electrical safety,42\r\n140581105,Elderly living alone,17\r\n140581106,'=1+1,3\r\n" {
		t.Errorf("the export is %q", csv)
	}
}
