package web_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"wangge/node/web"
	"wangge/node/web/browser"
)

// patience is how long a page may take to show what a test waits for: on the busiest machine no longer.
const patience = time.Minute

// nudge has a page ask its node now and not in two seconds, as it does when it
// comes into view.
const nudge = `document.dispatchEvent(new Event('visibilitychange'))`

// stories are what people do with the pages, each in a tab of its own.
type stories map[string]func(*testing.T, context.Context)

func TestPeopleAtTheirPages(t *testing.T) {
	// The browser outlives this function, whose stories go on beside each other.
	tab, end, err := browser.Start(context.Background())
	if errors.Is(err, browser.ErrMissing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(end)
	for who, all := range map[string]stories{"a grid worker": deskStories(), "an analyst": hubStories(), "an audience": stageStories(), "an accountant": monthStories()} {
		for what, story := range all {
			t.Run(who+" "+what, func(t *testing.T) {
				t.Parallel()
				story(t, tab)
			})
		}
	}
}

// tab is one tab of the browser, at one site. It fails its test when the page
// says anything on its console that it should not.
type tab struct {
	t   *testing.T
	ctx context.Context
	url string
}

// openTab serves the options and opens a tab of its own at the path.
func openTab(t *testing.T, browser context.Context, o web.Options, path string) *tab {
	t.Helper()
	server := httptest.NewServer(newSite(t, o).handler)
	t.Cleanup(server.Close)
	ctx, end := chromedp.NewContext(browser)
	t.Cleanup(end)
	tab := &tab{t, ctx, server.URL}
	tab.do(chromedp.EmulateViewport(1280, 900))
	said := chromedp.Console(ctx)
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		for m, err := range said {
			if err == nil && !strings.HasPrefix(m.Text, "Failed to load resource") {
				t.Errorf("the page says: %s", m.Text)
			}
		}
	}()
	t.Cleanup(func() {
		end()
		<-heard
	})
	tab.goTo(path)
	return tab
}

func (tab *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	if err := chromedp.Do(tab.ctx, steps...); err != nil {
		tab.t.Fatalf("%v; the page shows:\n%s", err, tab.text("body"))
	}
}

func (tab *tab) goTo(path string) {
	tab.t.Helper()
	tab.do(chromedp.Navigate(tab.url + path))
}

// until waits for an expression to become true.
func (tab *tab) until(format string, args ...any) {
	tab.t.Helper()
	expression := fmt.Sprintf(format, args...)
	wait := chromedp.Poll[bool](nudge+`, `+expression, chromedp.WithPollingTimeout(patience), chromedp.WithPollingInterval(100*time.Millisecond))
	_, err := chromedp.Run(tab.ctx, wait)
	if err != nil && strings.Contains(err.Error(), "Cannot find context") { // the page was exchanged for another meanwhile
		_, err = chromedp.Run(tab.ctx, wait)
	}
	if err != nil {
		tab.t.Fatalf("waiting for %s: %v; the page shows:\n%s", expression, err, tab.text("body"))
	}
}

// sees waits until an element shows the text.
func (tab *tab) sees(selector, text string) {
	tab.t.Helper()
	tab.until(`[...document.querySelectorAll(%q)].some((e) => e.checkVisibility() && e.innerText.includes(%q))`, selector, text)
}

// lacks waits until no element of the selector is there.
func (tab *tab) lacks(selector string) {
	tab.t.Helper()
	tab.until(`!document.querySelector(%q)`, selector)
}

// clicks waits for an element and clicks it with the mouse.
func (tab *tab) clicks(selector string) {
	tab.t.Helper()
	// In the middle nothing that stays in its place lies over it.
	tab.until(`(document.querySelector(%[1]q)?.scrollIntoView({ block: 'center' }), Boolean(document.querySelector(%[1]q)))`, selector)
	tab.do(chromedp.Click(chromedp.CSS(selector)))
}

// clicksText clicks the button, link or label that reads so.
func (tab *tab) clicksText(text string) {
	tab.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll('button, a, label')].find((e) => e.checkVisibility() && e.innerText.trim() === %q)`, text)
	tab.until(`Boolean(%s)`, find)
	tab.do(chromedp.Click(chromedp.JSPath(find)))
}

// types puts a text into an input in place of what is there.
func (tab *tab) types(selector, text string) {
	tab.t.Helper()
	tab.until(`Boolean(document.querySelector(%q))`, selector)
	tab.evaluate(`document.querySelector(%q).select()`, selector)
	tab.do(chromedp.SendKeys(chromedp.CSS(selector), text))
}

// chooses picks an option of a select.
func (tab *tab) chooses(selector, value string) {
	tab.t.Helper()
	tab.until(`Boolean(document.querySelector(%q))`, selector)
	tab.evaluate(`{ const e = document.querySelector(%q); e.value = %q; for (const n of ['input', 'change']) e.dispatchEvent(new Event(n, { bubbles: true })); }`, selector, value)
}

func (tab *tab) evaluate(format string, args ...any) {
	tab.t.Helper()
	if _, err := chromedp.Run(tab.ctx, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(format, args...))); err != nil {
		tab.t.Fatal(err)
	}
}

// evaluated returns what an expression gives, or why it gives nothing.
func (tab *tab) evaluated(format string, args ...any) string {
	text, err := chromedp.Run(tab.ctx, chromedp.Evaluate[string](fmt.Sprintf(format, args...), chromedp.EvalAwaitPromise))
	if err != nil {
		return err.Error()
	}
	return text
}

// text returns what an element shows.
func (tab *tab) text(selector string) string {
	return tab.evaluated(`document.querySelector(%q)?.innerText ?? ''`, selector)
}

// keepsPicture keeps a picture of the whole page for who wants to look at it.
func (tab *tab) keepsPicture(name string) {
	tab.t.Helper()
	folder := os.Getenv("WANGGE_TEST_PICTURES")
	if folder == "" {
		return
	}
	picture, err := chromedp.Run(tab.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o600)
	}
	if err != nil {
		tab.t.Error(err)
	}
}

// tabTo presses Tab until an element whose id begins so has the focus.
func (tab *tab) tabTo(id string) {
	tab.t.Helper()
	for range 60 {
		tab.do(chromedp.KeyEvent(kb.Tab))
		if focus := tab.evaluated(`document.activeElement.id`); strings.HasPrefix(focus, id) {
			return
		}
	}
	tab.t.Fatalf("Tab never came to %s", id)
}
