package city

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"wangge/node/web"
	"wangge/node/web/browser"
)

// shown serves the pages of a city of three: one has published two months, one too few, and
// one nothing.
func shown(t *testing.T) string {
	t.Helper()
	gaoping, yangcheng, qinshui := newCounty(t, "140581", "高平市"), newCounty(t, "140522", "<b>阳城县"), newCounty(t, "140521", "沁水县")
	f := newCity(t, "1405", gaoping, yangcheng, qinshui)
	for _, month := range []string{"2026-10", "2026-11"} {
		n := map[string]int64{"2026-10": 16, "2026-11": 20}[month]
		f.takes(t, gaoping.file(gaoping.said(month, 1, visits(whole(t, n)),
			figure("service_request.closed", "", "件", whole(t, 10)), figure("service_request.requests", "", "件", whole(t, n)),
			figure("grid_visit.visits", "status", "次", table(t, cells{"open": n - 8, "closed": 8})))))
	}
	f.takes(t, yangcheng.file(yangcheng.said("2026-11", 1, visits(whole(t, 3)))))
	pages, err := f.Pages(kinds(t))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(web.Beside(pages))
	t.Cleanup(server.Close)
	return server.URL
}

func got(t *testing.T, url string) (status int, text string) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(b)
}

func TestThePagesShowWhoIsNotInASum(t *testing.T) {
	at := shown(t)
	for _, c := range []struct {
		path   string
		status int
		has    []string
	}{
		{"/", 200, []string{`href="/month?month=2026-11"`, "2/3 个地区已报送", "尚缺", "沁水县 140521", `lang="zh-CN"`}},
		{"/?lang=en", 200, []string{"2/3 areas have published", `href="/month?lang=en&amp;month=2026-11"`, `lang="en"`}},
		{"/month?month=2026-11", 200, []string{"以下合计不含", "沁水县 140521", "<td>20</td><td>16</td><td>&#43;4</td><td>&#43;25.0%</td><td>1/3</td>", "service_request.closed_rate", "<td>50.0</td>"}},
		{"/report?month=2026-11&report=grid_visit.visits", 200, []string{"不计入", "（人数过少，不公布）", "沁水县 140521（尚未报送）", "<td>20</td><td>16</td>", "第 1 次报送，38/41 个站齐", "&lt;b&gt;阳城县", "近一年", `aria-label="2026-10: 16 → 2026-11: 20"`}},
		{"/report?month=2026-11&report=grid_visit.visits&by=status&lang=en", 200, []string{"Publication", "published no such report", "Total", ">by Status</a>"}},
		{"/report?month=2026-11&report=grid_visit.none", 404, []string{"没有地区报送 grid_visit.none", `role="alert"`}},
		{"/month?month=x", 404, []string{"不是月份：应如 2026-11"}}, {"/month?month=x&lang=en", 404, []string{"want one such as 2026-11"}},
		{"/file?month=2026-11&report=grid_visit.visits&format=doc", 404, []string{"这种文件，可选"}},
		{"/file?month=2026-11&report=grid_visit.visits&format=csv", 200, []string{"1405,合计,20,20,16,4,25.0,1/3 个地区"}},
		{"/file?month=2026-11&report=grid_visit.visits&format=xlsx", 200, []string{"PK"}},
		{"/app/base.css", 200, []string{"--ink"}},
	} {
		status, text := got(t, at+c.path)
		for _, has := range c.has {
			if status != c.status || !strings.Contains(text, has) {
				t.Errorf("%s: %d, and lacks %q:\n%s", c.path, status, has, text)
			}
		}
		if strings.Contains(text, "<b>") && !strings.HasPrefix(c.path, "/file") {
			t.Errorf("%s takes a name for markup", c.path)
		}
	}
	r, err := http.NewRequest(http.MethodGet, at, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "elsewhere.example"
	if answer, err := http.DefaultClient.Do(r); err != nil || answer.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("a name that somebody pointed here: %v %v", answer, err)
	} else {
		answer.Body.Close()
	}
}

// The pages keep the rules for people who do not see, or use no mouse, and fit a phone.
func TestThePagesAreForAll(t *testing.T) {
	at := shown(t)
	axe, err := os.ReadFile(filepath.Join("..", "web", "testdata", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	tab, end, err := browser.Start(ctx)
	if errors.Is(err, browser.ErrMissing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	const failings = `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'] }).then(({ violations }) =>
	violations.flatMap((v) => v.nodes.map((n) => v.id + ': ' + n.target.join(' '))).join('\n'))`
	for _, path := range []string{"/?", "/month?month=2026-11", "/report?month=2026-11&report=grid_visit.visits&by=status", "/report?month=2026-11&report=none"} {
		for _, lang := range []string{"", "&lang=en"} {
			for _, width := range []int64{1280, 320} {
				err := chromedp.Do(tab, chromedp.EmulateViewport(width, 800), chromedp.Navigate(at+path+lang))
				if err == nil {
					_, err = chromedp.Run(tab, chromedp.Evaluate[chromedp.Void](string(axe)+";0"))
				}
				if err != nil {
					t.Fatal(err)
				}
				found, err := chromedp.Run(tab, chromedp.Evaluate[string](failings, chromedp.EvalAwaitPromise))
				if err != nil {
					t.Fatal(err)
				}
				wide, err := chromedp.Run(tab, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`))
				if err != nil {
					t.Fatal(err)
				}
				keepPicture(t, tab, strings.NewReplacer("/", "city-", "?", "-", "&", "-", "=", "-").Replace(path+lang)+"-"+fmt.Sprint(width))
				if found != "" || wide > width {
					t.Errorf("%s%s at %d is %d wide, and axe finds\n%s", path, lang, width, wide, found)
				}
			}
		}
	}
}

// keepPicture keeps a picture of the page for who wants to look at it.
func keepPicture(t *testing.T, tab context.Context, name string) {
	t.Helper()
	folder := os.Getenv("WANGGE_TEST_PICTURES")
	if folder == "" {
		return
	}
	picture, err := chromedp.Run(tab, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o600)
	}
	if err != nil {
		t.Error(err)
	}
}
