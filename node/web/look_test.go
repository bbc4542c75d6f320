package web_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"wangge/crdt"
	"wangge/node/web"
	"wangge/node/web/browser"
	"wangge/schema/kindfile"
)

type shot struct {
	name, url string
	w, h      int64
	dark      bool
	full      bool
	js        string
}

func TestLook(t *testing.T) {
	out := os.Getenv("LOOK")
	if out == "" {
		t.Skip()
	}
	only := os.Getenv("ONLY")
	registry, err := kindfile.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	b := newBox(registry)
	base := map[string]any{"grid": "14058110521101", "visited_at": "2026-11-22T09:30", "topic": "用电安全", "status": "正常", "tags": []any{"独居", "慢病"}, "author": "王丽", "person": "陈建国", "note": "楼道电线老化，已提醒物业。", "followups": 2}
	names, err := b.Save("grid_visit", base)
	if err != nil {
		t.Fatal(err)
	}
	b.commit()
	for i, topic := range []string{"独居老人", "消防通道", "防汛隐患", "反诈宣传"} {
		base["topic"], base["status"] = topic, []string{"待跟进", "正常", "已上报", "已解决"}[i]
		b.Save("grid_visit", base)
		if i == 1 {
			b.commit()
		}
	}
	b.Save("newjob_checkin", map[string]any{"area": home, "checked_in_at": "2026-11-22T11:05", "notice_given": true, "consent": true, "platform": "美团", "trade": "外卖", "needs": []any{"租房"},
		"person": map[string]any{"id_number": "11010519491231002X", "name": "李雷", "mobile": "13812345678"}})
	b.apart(names[0], "status", crdt.Text("已上报"), crdt.Text("已解决"))
	rec := "/#/record/" + names[0].Kind + "/" + names[0].Space + "/" + names[0].ID
	desk := httptest.NewServer(web.New(web.Options{Registry: registry, Machine: b, Desk: b, Log: slog.Default()}))
	defer desk.Close()
	h := newHub()
	office := httptest.NewServer(web.New(web.Options{Registry: registry, Machine: h, Office: h, Log: slog.Default()}))
	defer office.Close()
	st := newStage()
	demo := httptest.NewServer(web.New(web.Options{Registry: registry, Office: h, Stage: st, Log: slog.Default()}))
	defer demo.Close()
	st.Cut(west, true)
	st.Stop(3)

	ctx, stop, err := browser.Start(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	go func() {
		for m, err := range chromedp.Console(ctx) {
			if err != nil {
				return
			}
			t.Log("console:", m)
		}
	}()
	save := `document.querySelector('form .main').click()`
	fillIn := `(async () => { const wait = () => new Promise((d) => setTimeout(d, 300));
		document.querySelector('#field-grid').value = '14058110521101'; document.querySelector('#field-topic-0').click(); document.querySelector('#field-status-1').click();
		document.querySelector('form .main').click(); await wait(); })()`
	shots := []shot{
		{"s-receipt", desk.URL + "/?lang=zh", 1280, 900, false, false, fillIn},
		{"s-receipt-phone", desk.URL + "/?lang=en", 390, 844, false, false, fillIn},
		{"s-edit", desk.URL + "/?lang=zh" + rec[1:], 1280, 900, false, true, "document.querySelector('#edit-topic').click(); document.querySelector('#own-status').click()"},
		{"s-edit-phone", desk.URL + "/?lang=zh" + rec[1:], 390, 844, true, true, "document.querySelector('#edit-note').click(); document.querySelector('#own-status').click()"},
		{"s-cut", desk.URL + "/?lang=zh#/place", 1280, 900, true, false, "document.querySelector('#link').click()"},
		{"fill-zh", desk.URL + "/?lang=zh", 1280, 900, false, true, ""},
		{"fill-en-dark", desk.URL + "/?lang=en#/fill/newjob_checkin", 1280, 900, true, true, save},
		{"fill-phone", desk.URL + "/?lang=zh#/fill/newjob_checkin", 390, 844, false, true, save},
		{"fill-phone-en", desk.URL + "/?lang=en#/fill/mediation_note", 390, 844, false, false, ""},
		{"records-zh", desk.URL + "/?lang=zh#/records/grid_visit", 1280, 900, false, false, ""},
		{"records-phone", desk.URL + "/?lang=zh#/records/grid_visit", 390, 844, false, false, ""},
		{"records-en-dark", desk.URL + "/?lang=en#/records/grid_visit", 1280, 900, true, false, ""},
		{"record-zh", desk.URL + "/?lang=zh" + rec[1:], 1280, 900, false, true, ""},
		{"record-phone", desk.URL + "/?lang=zh" + rec[1:], 390, 844, false, true, ""},
		{"record-en-dark", desk.URL + "/?lang=en" + rec[1:], 1280, 900, true, true, ""},
		{"place-zh", desk.URL + "/?lang=zh#/place", 1280, 900, false, true, ""},
		{"place-phone-dark", desk.URL + "/?lang=en#/place", 390, 844, true, true, ""},
		{"office-zh", office.URL + "/?lang=zh", 1280, 900, false, true, ""},
		{"office-en-dark", office.URL + "/?lang=en", 1280, 900, true, true, ""},
		{"office-phone", office.URL + "/?lang=zh", 390, 844, false, true, ""},
		{"stage-zh", demo.URL + "/?lang=zh", 1280, 900, false, true, ""},
		{"stage-en-dark", demo.URL + "/?lang=en", 1280, 900, true, true, ""},
		{"stage-phone", demo.URL + "/?lang=zh", 390, 844, false, true, ""},
	}
	for _, s := range shots {
		if only != "" && !contains(s.name, only) {
			continue
		}
		scheme := "light"
		if s.dark {
			scheme = "dark"
		}
		chromedp.Run(ctx, func(ctx context.Context, tg *chromedp.Target) (struct{}, error) {
			feature := &emulation.MediaFeature{Name: "prefers-color-scheme", Value: scheme}
			_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{feature}})
			return struct{}{}, err
		})
		if err := chromedp.Do(ctx, chromedp.EmulateViewport(s.w, s.h), chromedp.Navigate("about:blank"), chromedp.Navigate(s.url), chromedp.Sleep(700*time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if s.js != "" {
			chromedp.Run(ctx, chromedp.Evaluate[any](s.js))
			chromedp.Do(ctx, chromedp.Sleep(600*time.Millisecond))
		}
		act := chromedp.CaptureScreenshot()
		if s.full {
			act = chromedp.FullScreenshot(100)
		}
		png, err := chromedp.Run(ctx, act)
		if err != nil {
			t.Fatal(err)
		}
		os.WriteFile(out+"/"+s.name+".png", png, 0o644)
	}
}

func contains(s, sub string) bool {
	for i := 0; i+len(sub) <= len(s); i++ {
		if s[i:i+len(sub)] == sub {
			return true
		}
	}
	return false
}
