package web_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"wangge/node/web"
	"wangge/schema"
)

// set changes the box behind the page's back.
func (b *box) set(change func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change()
}

// The light is a word and a drawing in one place of every page; green only when
// the county has all.
func seesLight(t *testing.T, browser context.Context) {
	tab, b := openDesk(t, browser, "/#/fill/grid_visit")
	for _, page := range []string{"/#/fill", "/#/records", "/#/exchange", "/#/place"} {
		tab.goTo(page)
		tab.sees("header .pill.good", "全部已到县")
		tab.sees("header .contact", "最近联系县里")
		tab.sees("header .contact", "最近联系邻站")
	}
	keep(t, b, nil)
	n := b.Status().Waiting
	tab.sees(".pill.move", fmt.Sprintf("正在送 %d 份 · ", n))
	tab.sees(".pill.move", " KB")
	b.set(func() { b.cut = true })
	tab.sees(".pill.wait", fmt.Sprintf("%d 份待送", n))
	b.set(func() { b.late = true })
	tab.sees(".pill.bad", fmt.Sprintf("%d 份超过一天没送到", n))
	tab.goTo("/?again#/exchange")
	tab.sees(".light.bad", fmt.Sprintf("%d 份超过一天没送到", n))
	tab.sees(".summing", "最早一份 昨天")
	b.set(func() {
		b.late, b.troubles = false, []web.Trouble{{Sort: "newer", What: schema.Text{Zh: "有新版表单的记录"}, Do: schema.Text{Zh: "请更新"}}}
	})
	tab.sees(".pill.wait", fmt.Sprintf("%d 份待送", n)) // what is for information does not redden the light
	tab.sees(".troubles", "供了解")
	b.set(func() {
		b.troubles = []web.Trouble{{Sort: "disk", Grave: true, What: schema.Text{Zh: "磁盘写不进去"}, Do: schema.Text{Zh: "请清理磁盘"}}}
	})
	tab.sees(".pill.bad", "需要处理 1 项")
	b.commit()
	tab.sees(".pill.bad", "需要处理 1 项")
	b.set(func() { b.troubles = nil })
	tab.sees(".pill.good", "全部已到县")
}

// A record may be at the county before its photos. Whoever looks at the light, the
// record or the list is told so, and which of the two the county can see already.
func seesPhotosOwed(t *testing.T, browser context.Context) {
	tab, b := openDesk(t, browser, "/#/exchange")
	name := keep(t, b, nil)
	b.set(func() { b.owed = web.FilesOwed{Originals: 2, Previews: 2} })
	tab.sees(".pill.move", fmt.Sprintf("正在送 %d 份、2 个照片文件 · 6.2 MB", b.Status().Waiting))
	b.commit()
	tab.sees(".pill.move", "正在送 2 个照片文件 · 6.2 MB")
	tab.sees(".light.move", "正在送 2 个照片文件")
	tab.sees(".summing", "还没到县里的照片和文件")
	tab.sees(".summing", "2 个照片文件、2 张缩略图，共 6.2 MB")
	b.set(func() { b.owed = web.FilesOwed{Originals: 2, Shown: 2} })
	tab.sees(".summing", "2 个照片文件（缩略图都已到县），共 6.2 MB")
	tab.clicksText("查看")
	tab.sees(".rows .track.owing", "已到县，2 个照片文件未到县（2 张缩略图已到）")
	tab.until(`document.querySelector('#only-waiting').checked`)
	tab.goTo("/?again" + page(name)[1:])
	tab.sees(".head .track.owing", "已到县，2 个照片文件未到县（2 张缩略图已到）")
	tab.do(chromedp.EmulateViewport(360, 800))
	tab.until(`document.documentElement.scrollWidth <= 360`)
	tab.keepsPicture("photos-owed")
	b.set(func() { b.cut = true })
	tab.sees(".pill.wait", "2 个照片文件待送")
	b.set(func() { b.late = true })
	tab.sees(".pill.bad", "2 个照片文件超过一天没送到")
	b.set(func() { b.owed, b.late = web.FilesOwed{Previews: 1}, false })
	tab.sees(".pill.wait", "1 张缩略图待送")
	tab.clicks("#language")
	tab.sees(".pill.wait", "1 previews to send")
	tab.clicks("#language")
	b.set(func() { b.owed = web.FilesOwed{} })
	tab.sees(".pill.good", "记录和照片全部已到县")
	tab.lacks(".track.owing")
}

// poisoned is a trouble about a record that the county did not take.
func poisoned(name web.Name) web.Trouble {
	return web.Trouble{
		Sort: "rights", Grave: true, At: time.Now().Add(-3 * time.Hour), Detail: "the certificate does not cover it",
		What: schema.Text{Zh: "写入这些内容的设备无权在这个区域登记", En: "the device may not write for that area"},
		Do:   schema.Text{Zh: "请联系县里的系统管理员补发权限", En: "ask the administrator for the right"},
		Stuck: &web.Stuck{
			Offered: true, By: "县中心一号", Author: "东街党群服务中心", Space: name.Space, Writer: "4.0", From: 7, Batches: 3, More: true,
			Records: []web.Named{{Name: name, Words: schema.Text{Zh: "网格走访 · 用电安全", En: "Grid visit · Electrical safety"}}},
		},
	}
}

func seesStuck(t *testing.T, browser context.Context) {
	tab, b := openDesk(t, browser, "/#/records/grid_visit")
	name := keep(t, b, nil)
	b.set(func() { b.troubles = []web.Trouble{poisoned(name)} })
	tab.sees(".pill.bad", "需要处理 1 项")
	tab.clicks("#pill")
	tab.sees(".alarm", "县中心一号没有接收东街党群服务中心在 140581 105 211 的 3 份内容（从第 7 份起，后面的要等它）。其余内容照常收送。")
	tab.sees(".alarm", "请联系县里的系统管理员补发权限")
	tab.sees(".alarm", "只列出前 1 条记录")
	tab.sees(".alarm", "the certificate does not cover it")
	tab.clicksText("网格走访 · 用电安全")
	tab.sees("h1", "网格走访")
	tab.clicks("#language")
	tab.clicks("#pill")
	tab.sees(".alarm", "ask the administrator for the right")
}

// What is put aside stands apart with who did what, reddens no light, and comes back
// when a person wants it to. Nothing that is typed meanwhile goes.
func putsAside(t *testing.T, browser context.Context) {
	tab, b := openDesk(t, browser, "/#/exchange")
	name := keep(t, b, nil)
	b.commit()
	gone := web.Trouble{
		ID: "file-0011", Sort: "file", Grave: true, What: schema.Text{Zh: "一个照片文件在本站磁盘上损坏了，县里还没有", En: "a photo is damaged"},
		Do: schema.Text{Zh: "请打开记录重新添加一次", En: "add it again"}, Records: []web.Named{{Name: name, Words: schema.Text{Zh: "网格走访 · 用电安全"}}},
	}
	b.set(func() { b.troubles = []web.Trouble{gone} })
	tab.sees(".alarm", "请打开记录重新添加一次")
	tab.sees(".alarm a", "网格走访 · 用电安全")
	tab.clicks("#aside-file-0011")
	tab.clicksText("已处理")
	tab.sees("#voice", "请写上处理人的姓名")
	tab.types("#aside-by", "王秀英")
	b.set(func() { b.troubles[0].Detail = "changed meanwhile" })
	tab.clicksText("已处理")
	tab.sees("#voice", "请写上是怎样处理的")
	tab.types("#aside-reason", "照片已重拍，另记一条")
	tab.keepsPicture("aside-asked")
	tab.clicksText("已处理")
	tab.sees(".dealt", "已处理（1 项）")
	tab.sees(".dealt", "王秀英：照片已重拍，另记一条")
	tab.sees(".dealt", "问题还在")
	tab.sees(".pill.good", "全部已到县")
	tab.do(chromedp.EmulateViewport(360, 800))
	tab.until(`document.documentElement.scrollWidth <= 360`)
	tab.keepsPicture("aside-done")
	tab.clicks("#back-file-0011")
	tab.lacks(".dealt")
}

func seesExchange(t *testing.T, browser context.Context) {
	tab, b := openDesk(t, browser, "/#/exchange")
	tab.sees(".peers li:first-child", "上次见面后两边齐了")
	keep(t, b, nil)
	tab.sees(".peers li:first-child", fmt.Sprintf("所知对方还缺 %d 份", b.Status().Waiting))
	tab.sees(".peers", "所知对方还缺 5 份 · 本站还缺 3 份")
	tab.sees(".peers", "正在发送，还有 40 份 · 约 12 秒")
	tab.sees(".failed", "没有应答")
	tab.do(chromedp.EmulateViewport(360, 800))
	tab.until(`document.documentElement.scrollWidth <= 360`)
}

func listsUnsent(t *testing.T, browser context.Context) {
	tab, b := openDesk(t, browser, "/#/records/grid_visit")
	keep(t, b, map[string]any{"topic": "消防通道"})
	b.commit()
	tab.sees(".rows", "消防通道")
	tab.until(`document.querySelector('.count').hidden`)
	keep(t, b, nil)
	tab.sees(".count", "1")
	tab.clicks("#only-waiting")
	tab.sees(".rows li:only-child", "用电安全")
	tab.goTo("/?again#/exchange")
	tab.clicksText("查看")
	tab.sees(".rows li:only-child", "用电安全")
	tab.until(`document.querySelector('#only-waiting').checked`)
	b.commit()
	tab.sees(".nothing", "都已到县")
	tab.clicks("#only-waiting")
	tab.sees(".rows", "消防通道")
}
