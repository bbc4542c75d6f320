package web_test

import (
	"context"
	_ "embed"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"wangge/node/web"
)

// axe checks a page against the rules for people who do not see, or use no mouse.
//
//go:embed testdata/axe-core/axe.min.js
var axe string

// failings runs axe's rules of WCAG 2.0 to 2.2, levels A and AA, and says what fails where.
const failings = `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'] }).then(({ violations }) =>
	violations.flatMap((v) => v.nodes.map((n) => v.id + ': ' + n.target.join(' ') + ': ' + n.failureSummary.replaceAll('\n', ' '))).join('\n'))`

// isForAll fails the test if axe finds anything on the page, wide or narrow, or if it is
// wider than its screen, narrow or enlarged; it keeps pictures of both.
func (tab *tab) isForAll(name string) {
	tab.t.Helper()
	for _, size := range []struct {
		name          string
		width, height int64
	}{{"wide", 1280, 900}, {"narrow", 360, 800}} {
		tab.do(chromedp.EmulateViewport(size.width, size.height))
		tab.evaluate("%s", axe+";0")
		if found := tab.evaluated("%s", failings); found != "" {
			tab.t.Errorf("%s, %s, in %s:\n%s", name, size.name, tab.evaluated(`document.documentElement.lang`), found)
		}
		tab.fits(name, size.width)
		tab.keepsPicture(strings.Join([]string{name, size.name, tab.evaluated(`document.documentElement.lang`)}, "-"))
	}
	for _, width := range []int64{853, 640, 320} { // that page at 150, 200 and 400 % (WCAG 1.4.10)
		tab.do(chromedp.EmulateViewport(width, 900))
		tab.fits(name, width)
	}
	tab.do(chromedp.EmulateViewport(1280, 900))
}

// inBoth has axe look at a page in both languages.
func (tab *tab) inBoth(name string) {
	tab.t.Helper()
	tab.isForAll(name)
	tab.clicks("#language")
	tab.until(`document.documentElement.lang === 'en'`)
	tab.isForAll(name)
	tab.clicks("#language")
}

// everyDeskPageIsForAll looks at a desk with a record on which much can be done.
func everyDeskPageIsForAll(t *testing.T, browser context.Context) {
	tab, b := openDesk(t, browser, "/#/fill/grid_visit")
	tab.sees("h1", "填写")
	tab.inBoth("fill")
	name := keep(t, b, nil)
	for path, shows := range map[string][2]string{
		"due": {"h1", "待办"}, "records/grid_visit": {".rows", "用电安全"}, "exchange": {".summing", "还没到县里"},
		"place": {"h2", "这台机器"}, "fill/newjob_checkin": {"h1", "填写"}, page(name)[len("/#/"):]: {"h1", "网格走访"},
	} {
		tab.goTo("/?lang=zh#/" + path)
		tab.sees(shows[0], shows[1])
		tab.inBoth("desk-" + strings.SplitN(path, "/", 2)[0])
	}
}

// theStageIsForAll looks at the page of a demonstration.
func theStageIsForAll(t *testing.T, browser context.Context) {
	s := newStage()
	tab := openTab(t, browser, web.Options{Office: newHub(), Stage: s}, "/?lang=zh")
	tab.sees(".tiles", "61")
	tab.inBoth("stage")
}

// axe would say so if it found nothing because it does not look.
func axeLooks(t *testing.T, browser context.Context) {
	tab, _ := openDesk(t, browser, "/#/place")
	tab.sees("h2", "这台机器")
	tab.evaluate(`document.querySelector('main').append(document.createElement('input'))`)
	tab.evaluate("%s", axe+";0")
	if found := tab.evaluated("%s", failings); !strings.Contains(found, "label: ") {
		t.Errorf("axe finds %q of an input without a label", found)
	}
}
