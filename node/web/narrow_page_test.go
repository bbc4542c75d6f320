package web_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// overflowing names what stands further right than a screen of the width in %d, but for what scrolls by itself.
const overflowing = `[...document.body.querySelectorAll('*')].filter((e) => e.checkVisibility() && e.getBoundingClientRect().right > %d)
	.map((e) => [e.localName + (e.id && '#' + e.id), ...e.classList].join('.') + ' ' + Math.round(e.getBoundingClientRect().right)).join('\n')`

// fits fails the test if the page is wider than a screen of the width, and names what is.
func (tab *tab) fits(name string, width int64) {
	tab.t.Helper()
	tab.evaluate(nudge)
	if wide := tab.evaluated(`document.documentElement.scrollWidth <= %d ? '' : %s`, width, fmt.Sprintf(overflowing, width)); wide != "" {
		tab.t.Errorf("%s runs out of a screen of %d pixels in %s:\n%s", name, width, tab.evaluated(`document.documentElement.lang`), wide)
	}
}

// everyFormOpensNarrow opens the form of each kind that a box offers on the narrowest screen
// (WCAG 1.4.10): openTab fails the test if a form's script does.
func everyFormOpensNarrow(t *testing.T, browser context.Context) {
	tab, _ := openDesk(t, browser, "/?lang=en#/fill/grid_visit")
	tab.do(chromedp.EmulateViewport(320, 900))
	names := strings.Split(tab.evaluated(`import('/app/kinds.js').then(async ({ kinds, direct }) =>
		direct(await kinds({ aborted: false })).map((kind) => kind.name).join())`), ",")
	if len(names) < 50 {
		t.Fatalf("a box offers the forms %q", names)
	}
	for _, name := range names {
		tab.evaluate(`location.hash = '#/fill/%s'`, name)
		tab.until(`Boolean(document.querySelector('#form-%s'))`, name)
		tab.fits(name, 320)
	}
}
