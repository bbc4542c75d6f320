// Package browser starts a real Chromium that tests drive.
package browser

import (
	"context"
	"errors"
	"os/exec"

	"github.com/chromedp/chromedp"
)

// ErrMissing says that there is no Chromium on this machine: the test should
// skip and say so.
var ErrMissing = errors.New("no Chromium was found: install chromium, or put it on the PATH")

// Start starts a Chromium with a profile of its own, which is deleted again when
// ctx ends. It returns the context in which chromedp acts; its cancel closes the
// browser and waits for it.
func Start(ctx context.Context) (context.Context, context.CancelFunc, error) {
	path, err := find("chromium", "chromium-browser", "google-chrome")
	if err != nil {
		return nil, nil, err
	}
	// Nothing here may reach out of the machine: what is tested are the pages.
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("no-proxy-server", true),
	)
	alloc, end := chromedp.NewExecAllocator(ctx, options...)
	page, closePage := chromedp.NewContext(alloc)
	stop := func() {
		closePage()
		end()
	}
	if err := chromedp.Do(page); err != nil {
		stop()
		return nil, nil, err
	}
	return page, stop, nil
}

func find(names ...string) (string, error) {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrMissing
}
