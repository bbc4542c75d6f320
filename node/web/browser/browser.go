// Package browser starts a real Chromium that tests drive.
package browser

import (
	"context"
	"errors"
	"os/exec"

	"github.com/chromedp/chromedp"
)

// ErrMissing says that there is no Chromium on this machine: a test should skip
// and say so.
var ErrMissing = errors.New("no Chromium was found: install chromium, or put it on the PATH")

// Start starts a Chromium with a profile of its own, which goes when it ends. It
// returns the context in which chromedp acts on its first tab; contexts that
// chromedp.NewContext makes of that are more tabs. End closes the browser and
// waits for it.
func Start(ctx context.Context) (tab context.Context, end func(), err error) {
	path, err := find("chromium", "chromium-browser", "google-chrome")
	if err != nil {
		return nil, nil, err
	}
	// Nothing may reach out of the machine: what is tested are the pages. The
	// usual options of chromedp see to headless, background and first-run matters.
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("lang", "zh-CN"),
	)
	browser, endBrowser := chromedp.NewExecAllocator(ctx, options...)
	tab, endTab := chromedp.NewContext(browser)
	end = func() {
		endTab()
		endBrowser()
	}
	if err := chromedp.Do(tab); err != nil {
		end()
		return nil, nil, err
	}
	return tab, end, nil
}

// find returns the first of the programs that the PATH has.
func find(names ...string) (string, error) {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrMissing
}
