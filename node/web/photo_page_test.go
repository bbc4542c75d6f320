package web_test

import (
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"wangge/node/web"
	"wangge/schema"
)

// picture writes a photo as a camera would, and returns where it is.
func picture(t *testing.T, name string, shade uint8) string {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 1200, 900))
	for i := range 1200 * 900 {
		x, y := i%1200, i/1200
		m.Set(x, y, color.RGBA{shade, uint8(x ^ y), uint8(x * y >> 6), 255})
	}
	path := filepath.Join(t.TempDir(), name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(jpeg.Encode(f, m, nil), f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// uploads chooses files in an input.
func (tab *tab) uploads(selector string, files ...string) {
	tab.t.Helper()
	tab.until(`Boolean(document.querySelector(%q))`, selector)
	tab.do(chromedp.SetUploadFiles(chromedp.CSS(selector), files))
}

// shown waits until so many pictures are there, all of them drawn.
func (tab *tab) shown(n int) {
	tab.t.Helper()
	tab.until(`document.querySelectorAll('.gallery img').length === %d && [...document.querySelectorAll('.gallery img')].every((i) => i.complete && i.naturalWidth > 0)`, n)
}

func sendsPhotos(t *testing.T, browser context.Context) {
	b, d := newBox(shipped(t)), newDrawer()
	tab := openTab(t, browser, web.Options{Registry: b.registry, Machine: b, Desk: b, Files: d}, "/#/fill/grid_visit")
	tab.types("#field-grid", home+"01")
	tab.clicksText("消防通道")
	tab.clicksText("待跟进")
	tab.uploads("#field-photos", picture(t, "楼道.jpg", 200), picture(t, "消防栓.jpg", 90))
	tab.shown(2)
	if d.count() != 4 {
		t.Errorf("%d files are at the box, want two photos and their previews", d.count())
	}
	tab.do(chromedp.Reload())
	tab.shown(2) // the draft keeps them
	tab.clicks(".gallery li:first-child .drop")
	tab.shown(1)
	tab.clicksText("保存")
	tab.sees(".receipt", "网格走访")
	tab.clicksText("查看这条记录")
	tab.shown(1)
	tab.uploads("#add-photos", picture(t, "灭火器.jpg", 20))
	tab.shown(2)
	tab.sees("#voice", "“照片”已保存")
	tab.evaluate(`window.confirm = () => true`)
	tab.clicks("#drop-photos-0")
	tab.shown(1)
	tab.until(`!document.querySelector('main [src^="blob"], main [src^="data"]')`)
	for _, content := range d.files {
		if small := len(content) < 64<<10; small && web.Sniff(content) != "image/jpeg" {
			t.Errorf("a preview is %s", web.Sniff(content))
		}
	}
}

// gated lets files through when it is told to.
type gated struct {
	*drawer
	open chan error
}

func (g gated) Keep(content io.Reader) ([32]byte, int64, error) {
	if err := <-g.open; err != nil {
		return [32]byte{}, 0, err
	}
	return g.drawer.Keep(content)
}

func waitsForPhotos(t *testing.T, browser context.Context) {
	b, d := newBox(shipped(t)), gated{newDrawer(), make(chan error)}
	tab := openTab(t, browser, web.Options{Registry: b.registry, Machine: b, Desk: b, Files: d}, "/#/fill/grid_visit")
	tab.types("#field-grid", home+"01")
	tab.clicksText("消防通道")
	tab.clicksText("待跟进")
	tab.uploads("#field-photos", picture(t, "楼道.jpg", 200))
	tab.sees(".tile", "正在传送")
	tab.clicksText("保存")
	d.open <- web.Refusal{Text: schema.Text{Zh: "磁盘放不下这个文件", En: "no room"}}
	tab.sees(".tile.failed", "磁盘放不下这个文件")
	tab.sees("#field-photos-problem", "还没有传完") // and nothing was saved without it
	tab.clicksText("再试")
	d.open <- nil
	d.open <- nil
	tab.shown(1)
	tab.clicksText("保存")
	tab.sees(".receipt", "网格走访")
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := len(b.order); n != 1 {
		t.Errorf("%d records, want 1", n)
	}
}
