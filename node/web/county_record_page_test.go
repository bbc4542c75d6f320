package web_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"wangge/crdt"
	"wangge/node/web"
	"wangge/schema"
)

// annals tell of two saves of any record.
type annals struct{ *bureau }

func (a annals) History(web.Name, int) (web.History, error) {
	now := time.Now().UnixMilli()
	title := schema.Text{Zh: "走访情况", En: "What was found"}
	return web.History{More: 3, Saves: []web.Save{
		{Device: "西河党群服务中心", At: now, Reached: "county", Changes: []web.Change{
			{Field: "topic", Title: schema.Text{Zh: "走访事项", En: "Topic"}, Act: "settle", Value: "独居老人", Label: schema.Text{Zh: "独居老人", En: "Elderly living alone"}, Stands: true},
			{Field: "note", Title: title, Act: "text"},
		}},
		{Device: "东街党群服务中心", At: now - 3600e3, Reached: "county", Changes: []web.Change{{Act: "restore"}, {Field: "grid", Title: schema.Text{Zh: "网格", En: "Grid"}, Act: "set", Value: home + "01"}}},
	}}, nil
}

// Record says of whom it is named, too.
func (a annals) Desk(s web.Signed) web.Desk { return named{a.bureau.Desk(s)} }

type named struct{ web.Desk }

func (n named) Record(name web.Name) (web.Record, error) {
	if strings.HasSuffix(name.Space, "/confidential") {
		return web.Record{}, web.Refusal{Text: schema.Text{Zh: "这条记录是保密的", En: "this record is confidential"}}
	}
	rec, err := n.Desk.Record(name)
	rec.NamedBy = []web.Naming{{Named: web.Named{Name: name, Words: schema.Text{Zh: "回访 · 东街", En: "Follow-up"}}, Field: schema.Text{Zh: "所办走访", En: "Visit"}}}
	return rec, err
}

// openAnnals serves the hub's pages with one visit, whose topic two boxes wrote apart.
func openAnnals(t *testing.T, browser context.Context) (*tab, web.Name) {
	t.Helper()
	h, b := newHub(), &bureau{box: newBox(shipped(t))}
	visit := keep(t, b.box, nil)
	b.apart(visit, "topic", crdt.Text("用电安全"), crdt.Text("独居老人"))
	a := annals{b}
	return openTab(t, browser, web.Options{Registry: b.registry, Machine: h, Office: h, Officials: a, Inspector: h, Chronicler: a, Gazetteer: h}, "/?lang=zh#/quality"), visit
}

// readsRecord reads one record at the hub, where nothing can be changed, and goes back.
func readsRecord(t *testing.T, browser context.Context) {
	tab, visit := openAnnals(t, browser)
	tab.sees(".boxes", "西河")
	tab.evaluate(`location.hash = %q`, strings.TrimPrefix(page(visit), "/"))
	tab.sees("h1", "网格走访")
	tab.until(`document.activeElement === document.querySelector('h1')`)
	tab.sees("nav.tabs a[aria-current=page]", "质量")
	tab.sees(".conflict", "等登记的站点选定")
	tab.sees(".version .value", "独居老人")
	tab.sees(".facts", "东街社区")
	tab.sees(".named-by a", "回访 · 东街")
	tab.sees(".hint", "县中心不展示个人")
	tab.until(`!document.querySelector('main button, main input, main select, main textarea')`)
	tab.lacks(".story li")
	tab.inBoth("hub-record")
	tab.reaches("变更经过")
	tab.do(chromedp.KeyEvent(kb.Enter))
	tab.sees(".story li", "在几个写法中选定 独居老人")
	tab.sees(".story li", "现值")
	tab.sees(".story li", "撤销了删除")
	tab.sees(".story dd", "东街社区")
	tab.sees(".story", "更早的 3 次没有列出")
	tab.isForAll("hub-record-story")
	tab.clicks(".back")
	tab.until(`location.hash === '#/quality'`)
	tab.goTo("/?lang=zh&again=1#/record/mediation_case/140581105211/confidential/" + visit.ID)
	tab.sees("main", "这条记录是保密的")
	tab.lacks(".story")
}

// comesToRecord goes by keyboard alone from a figure to one of its records.
func comesToRecord(t *testing.T, browser context.Context) {
	tab, _ := openAnnals(t, browser)
	tab.goTo("/?lang=zh&again=1#/behind?report=grid_visit.visits")
	tab.until(`document.querySelectorAll('.rows li').length === 2`)
	tab.evaluate(`document.querySelector('h1').focus()`)
	tab.reaches("用电安全")
	tab.do(chromedp.KeyEvent(kb.Enter))
	tab.reaches("查看这条记录")
	tab.do(chromedp.KeyEvent(kb.Enter))
	tab.until(`location.hash === '#/record/grid_visit/140581105211/personal/01'`)
	tab.sees("main", "记录的地址应为")
	tab.clicks(".back")
	tab.sees("h1", "背后的记录")
}

// reaches presses Tab until what has the focus begins so.
func (tab *tab) reaches(text string) {
	tab.t.Helper()
	for range 60 {
		tab.do(chromedp.KeyEvent(kb.Tab))
		if strings.HasPrefix(strings.TrimSpace(tab.evaluated(`document.activeElement.innerText`)), text) {
			return
		}
	}
	tab.t.Fatalf("Tab never came to %s", text)
}
