package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"wangge/node/web/browser"
)

// demonstration is a running `wangge demo`, as a newcomer starts it.
type demonstration struct {
	t   *testing.T
	web map[uint32]string // pages by device; 0 is the demonstration's own
}

func newDemonstration(t *testing.T) *demonstration {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ready.json")
	program := exec.Command(os.Args[0], "demo", "--ready-file", file)
	program.Stdout, program.Stderr = os.Stderr, os.Stderr
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan error, 1)
	go func() { exited <- program.Wait() }()
	t.Cleanup(func() {
		program.Process.Signal(syscall.SIGINT)
		if err := <-exited; err != nil {
			t.Errorf("after Ctrl-C the demonstration ended with %v, want exit code 0", err)
		}
	})
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for late := time.After(waitMax); ; {
		if b, err := os.ReadFile(file); err == nil {
			return &demonstration{t, pages(t, b)}
		}
		select {
		case <-tick.C:
		case err := <-exited:
			exited <- err
			t.Fatalf("the demonstration ended instead of coming up: %v", err)
		case <-late:
			t.Fatalf("the demonstration did not come up within %s", waitMax)
		}
	}
}

func pages(t *testing.T, readyFile []byte) map[uint32]string {
	t.Helper()
	var listed struct{ Nodes []ready }
	if err := json.Unmarshal(readyFile, &listed); err != nil || len(listed.Nodes) != 7 {
		t.Fatalf("the ready file lists %d processes (%v), want 7", len(listed.Nodes), err)
	}
	all := map[uint32]string{}
	for _, n := range listed.Nodes {
		if n.Process == 0 || n.Web == "" {
			t.Errorf("the ready file is incomplete for %q: %+v", n.Name, n)
		}
		all[n.Device] = n.Web
	}
	return all
}

// tab is a page in Chromium.
type tab struct {
	t   *testing.T
	ctx context.Context
}

func (d *demonstration) open(parent context.Context, address string) *tab {
	d.t.Helper()
	ctx, cancel := chromedp.NewContext(parent)
	d.t.Cleanup(cancel)
	p := &tab{d.t, ctx}
	if err := chromedp.Do(ctx); err != nil { // the tab lives as long as the context of its first action
		d.t.Fatal(err)
	}
	p.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(address))
	return p
}

func (p *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, waitMax)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.t.Fatalf("in the page: %v\n%s", err, p.text("body"))
	}
}

// await waits until an expression is true in the page.
func (p *tab) await(what, expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, waitMax)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(waitMax), chromedp.WithPollingInterval(100*time.Millisecond))); err != nil {
		p.t.Fatalf("the page does not come to %s: %v\n%s", what, err, p.text("body"))
	}
}

func (p *tab) text(selector string) string {
	return p.evaluate(`document.querySelector(` + strconv.Quote(selector) + `)?.innerText ?? ""`)
}

func (p *tab) evaluate(expression string) string {
	ctx, cancel := context.WithTimeout(p.ctx, waitMax)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](expression))
	if err != nil {
		return err.Error()
	}
	return text
}

// fill sets a control as a person would: the page hears of it.
func (p *tab) fill(id, value string) {
	p.t.Helper()
	p.await(id, fmt.Sprintf(`!!document.getElementById(%q)`, id))
	took := p.evaluate(fmt.Sprintf(`(() => {
		const control = document.getElementById(%q);
		control.value = %q;
		control.dispatchEvent(new Event('input', { bubbles: true }));
		control.dispatchEvent(new Event('change', { bubbles: true }));
		return control.value;
	})()`, id, value))
	if took != value {
		p.t.Fatalf("the control %s does not take %q: %s", id, value, took)
	}
}

func (p *tab) click(selector string) {
	p.t.Helper()
	p.await(selector, `Boolean(document.querySelector(`+strconv.Quote(selector)+`))`)
	p.do(chromedp.Click(chromedp.CSS(selector)))
}

// choose clicks the option that reads so.
func (p *tab) choose(label string) {
	p.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll('label')].find((e) => e.innerText.trim() === %q)`, label)
	p.await(label, `Boolean(`+find+`)`)
	p.do(chromedp.Click(chromedp.JSPath(find)))
}

func newBrowser(t *testing.T) context.Context {
	t.Helper()
	ctx, stop, err := browser.Start(t.Context())
	if errors.Is(err, browser.ErrMissing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return ctx
}

// The story as a visitor lives it, all by the pages of a running demonstration.
func TestAVisitorSeesThatNothingIsLost(t *testing.T) {
	ctx := newBrowser(t)
	d := newDemonstration(t)

	east := d.open(ctx, d.web[eastBox])
	east.fill("field-grid", "140581105211003")
	east.fill("field-household", "1405811052110030017")
	east.fill("field-person", "张桂兰")
	east.fill("field-author", "韩雪")
	east.choose("独居老人")
	east.choose("正常")
	east.fill("field-note", "敲门查看，一切正常。")
	east.click("#form-grid_visit button.main")
	east.await("the receipt at level county", `document.querySelector('.receipt')?.innerText.includes('已到县')`)
	record := east.evaluate(`document.querySelector('.receipt a').getAttribute('href')`)

	stage := d.open(ctx, d.web[0])
	stage.click("#cut-4")
	stage.await("the cut", `!!document.getElementById('restore-4')`)

	west := d.open(ctx, d.web[westBox]+"/"+record)
	east.do(chromedp.Navigate(d.web[eastBox] + "/" + record))
	for page, status := range map[*tab]string{east: "已解决", west: "已上报"} {
		page.click("#edit-status")
		page.choose(status)
		page.click(".editor button.main")
		page.await("the new status", fmt.Sprintf(`document.body.innerText.includes(%q) && !document.querySelector('.editor')`, status))
	}
	east.await("a record that is saved here only", `document.body.innerText.includes('已保存')`)

	stage.click("#restore-4")
	for _, page := range []*tab{east, west} {
		page.await("both values side by side", `document.querySelectorAll('#conflict-status ~ .versions .version:not(.own)').length === 2`)
	}
	west.click("#keep-status-0")
	for _, page := range []*tab{east, west} {
		page.await("the settled value", `!!document.getElementById('edit-status') && !document.getElementById('conflict-status')`)
	}

	stage.click("#stop-1")
	stage.await("a stopped replica", `!!document.getElementById('start-1')`)
	hub := d.open(ctx, d.web[2]+"/#/reports")
	hub.await("37 visits: the seeded ones and this", `[...document.querySelectorAll('main *')].some((e) => e.childElementCount === 0 && e.textContent.trim() === '37')`)
	stage.click("#start-1")
	stage.await("the replica again", `!!document.getElementById('stop-1')`)
	stage.await("equal digests everywhere", `document.body.innerText.includes('各处内容一致')`)
}
