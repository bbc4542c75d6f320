package web_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"wangge/crdt"
	"wangge/node/web"
)

// deskStories are what a person does at a box.
func deskStories() stories {
	return stories{
		"reads what the county alone writes":               readsTheCountysOwn,
		"finds every page fit for all":                     everyDeskPageIsForAll,
		"opens every form on the narrowest screen":         everyFormOpensNarrow,
		"is looked after by rules that look":               axeLooks,
		"writes a visit and sees it reach the county":      writesVisit,
		"writes a check-in with the person in it":          writesCheckin,
		"writes a mediation note that waits as a draft":    writesMediation,
		"reads the list and what is not yet at the county": readsList,
		"finds one form among many":                        findsForm,
		"is asked what follows from an answer":             asksWhatFollows,
		"works out formulas as the node does":              worksFormulas,
		"sees what comes of the answers":                   seesWhatComesOut,
		"writes a home with all who live there":            writesHome,
		"settles what was written apart":                   settlesConflict,
		"notes what was done and spends points":            notesAndSpends,
		"does what is due":                                 doesWhatIsDue,
		"takes the steps of a case":                        takesSteps,
		"reads what comes of a newer form":                 readsNewer,
		"writes a new value over both":                     writesOwn,
		"says that two records are one":                    saysSame,
		"writes into a note that another writes into":      writesTogether,
		"changes counters, sets and registers":             changesRecord,
		"changes the language without losing a word":       changesLanguage,
		"reads what others typed as text":                  readsMarkup,
		"works by keyboard alone":                          usesKeyboard,
		"cuts the link and restores it":                    cutsLink,
		"sees the light in its four states":                seesLight,
		"sees which photos are not at the county":          seesPhotosOwed,
		"puts aside what was dealt with":                   putsAside,
		"is told what was not taken and what to do":        seesStuck,
		"sees what each machine has and lacks":             seesExchange,
		"lists what has not reached the county":            listsUnsent,
		"goes on when the box was away":                    outlivesBox,
		"sends photos with a form and to a record":         sendsPhotos,
		"saves only when all photos are there":             waitsForPhotos,
	}
}

func openDesk(t *testing.T, browser context.Context, path string) (*tab, *box) {
	t.Helper()
	b := newBox(shipped(t))
	return openTab(t, browser, web.Options{Registry: b.registry, Machine: b, Desk: b, Planner: b}, path), b
}

// keep saves a visit behind the page's back.
func keep(t *testing.T, b *box, change map[string]any) web.Name {
	t.Helper()
	form := map[string]any{"grid": home + "01", "visited_at": "2026-11-22T09:30", "topic": "用电安全", "status": "正常", "tags": []any{"独居"}, "followups": 2}
	for name, value := range change {
		form[name] = value
	}
	names, err := b.Save("grid_visit", form)
	if err != nil {
		t.Fatal(err)
	}
	return names[0]
}

func page(n web.Name) string { return "/#/record/" + n.Kind + "/" + n.Space + "/" + n.ID }

func writesVisit(t *testing.T, browser context.Context) {
	tab, b := openDesk(t, browser, "/#/fill/grid_visit")
	tab.sees(".pill", "全部已到县")
	tab.clicksText("保存")
	tab.sees(".summary", "有 3 处需要改正")
	tab.sees("#field-grid-problem", "社区 12 位加 2 至 5 位") // the box's community stands there already
	tab.types("#field-grid", home+"01")
	tab.clicksText("独居老人")
	tab.clicksText("待跟进")
	tab.clicksText("留守")
	tab.types("#field-followups", "1")
	tab.clicksText("保存")
	tab.sees(".receipt .track", "已保存")
	tab.sees(".pill", "正在送")
	tab.until(`!document.querySelector('#field-note').value && document.querySelector('#field-grid').value === %q`, home+"01")
	b.commit()
	tab.sees(".receipt .track", "已到县")
	tab.sees(".pill", "全部已到县")
	if len(b.order) != 1 {
		t.Errorf("the box has %d records, want 1", len(b.order))
	}
}

func writesCheckin(t *testing.T, browser context.Context) {
	tab, b := openDesk(t, browser, "/?lang=en#/fill/newjob_checkin")
	tab.types("#field-area", home)
	tab.clicksText("Meituan")
	tab.clicksText("Food delivery")
	tab.clicks("#field-notice_given")
	tab.clicks("#field-consent")
	tab.types("#field-person-id_number", "110105194912310021")
	tab.types("#field-person-name", "李雷")
	tab.clicksText("Save")
	tab.sees("#field-person-id_number-problem", "")
	tab.until(`document.activeElement.classList.contains('summary')`)
	tab.clicks(".summary button")
	tab.until(`document.activeElement.id === 'field-person-id_number'`)
	tab.types("#field-person-id_number", "11010519491231002X")
	tab.clicksText("Save")
	tab.sees(".receipt", "Check-in of new-form workers")
	tab.clicksText("Open the record")
	tab.sees("dd", "Meituan")
	tab.clicksText("Person " + b.order[0].ID[:8])
	tab.sees("h1", "Person")
	tab.sees("dd", "李雷")
}

func writesMediation(t *testing.T, browser context.Context) {
	tab, b := openDesk(t, browser, "/#/fill/mediation_note")
	tab.types("#field-parties", "张三、李四")
	tab.chooses("#field-category", "邻里")
	tab.do(chromedp.Reload())
	tab.sees("form", "已恢复上次没有保存的内容")
	tab.until(`document.querySelector('#field-parties').value === '张三、李四' && document.querySelector('#field-category').value === '邻里'`)
	tab.until(`Object.keys(localStorage).every((k) => !localStorage[k].includes('张三'))`) // a confidential draft is not for the next person
	tab.types("#field-note", "两家为排水沟起争执。")
	tab.clicksText("达成协议")
	tab.clicksText("保存")
	tab.sees(".receipt", "调解笔记")
	tab.until(`Object.keys(sessionStorage).every((k) => !sessionStorage[k].includes('张三'))`)
	if len(b.order) != 1 || b.order[0].Space != home+"/confidential" {
		t.Errorf("the box has %v", b.order)
	}
}

func readsList(t *testing.T, browser context.Context) {
	tab, b := openDesk(t, browser, "/#/records/grid_visit")
	tab.sees(".nothing", "这里还没有记录")
	var first web.Name
	for i := range 33 {
		name := keep(t, b, map[string]any{"topic": map[bool]string{true: "消防通道", false: "反诈宣传"}[i == 0]})
		if i == 0 {
			first = name
		}
	}
	b.commit()
	tab.until(`document.querySelectorAll('.rows li').length === 30`)
	tab.clicksText("再看更早的")
	tab.sees(".rows li:last-child", "消防通道")
	tab.sees(".rows .track", "已到县")
	tab.clicks("#only-waiting")
	tab.sees(".nothing", "都已到县")
	b.apart(first, "status", crdt.Text("已上报"), crdt.Text("已解决"))
	tab.sees(".rows li:only-child", "有不同写法")
	tab.sees(".rows .track", "已保存")
	tab.sees(".count", "1")
}

func settlesConflict(t *testing.T, browser context.Context) {
	b := newBox(shipped(t))
	name := keep(t, b, nil)
	b.apart(name, "status", crdt.Text("已上报"), crdt.Text("已解决"))
	tab := openTab(t, browser, web.Options{Registry: b.registry, Machine: b, Desk: b}, page(name))
	tab.sees(".conflict h2", "“状态”有 2 个不同的写法")
	tab.sees(".version:nth-child(1)", "西河党群服务中心")
	tab.sees(".version:nth-child(2)", "已上报")
	tab.clicks("#keep-status-1")
	tab.lacks(".conflict")
	tab.sees("#voice", "已确定“状态”")
	tab.sees("dd", "已上报")
	edit := b.edits[0][0]
	if edit.Field != "status" || edit.Set != "已上报" || len(edit.Saw) != 2 {
		t.Errorf("the box was asked %+v, want 已上报 that saw both", edit)
	}
}

func writesOwn(t *testing.T, browser context.Context) {
	b := newBox(shipped(t))
	name := keep(t, b, nil)
	b.apart(name, "person", crdt.Text("门锁坏了"), crdt.Text("已换锁"))
	tab := openTab(t, browser, web.Options{Registry: b.registry, Machine: b, Desk: b}, page(name))
	tab.clicksText("写新的")
	tab.types("#field-own-person", "门锁坏了，已换锁")
	b.apart(name, "person", crdt.Text("第三种写法"), crdt.Text("第四种写法")) // while the person writes
	tab.sees(".pill", "正在送")
	tab.clicks(".own .main")
	tab.sees(".conflict", "第四种写法") // nobody here had seen these
	tab.sees(".conflict", "门锁坏了，已换锁")
	tab.until(`document.querySelectorAll('.version .value').length === 3`)
}

// writesTogether is two people in one note: what each writes stays.
func writesTogether(t *testing.T, browser context.Context) {
	b := newBox(shipped(t))
	name := keep(t, b, map[string]any{"note": "门锁坏了。"})
	tab := openTab(t, browser, web.Options{Registry: b.registry, Machine: b, Desk: b}, page(name))
	tab.sees(".fact .prose", "门锁坏了。")
	tab.clicks("#edit-note")
	tab.sees(".editor", "别人同时写的内容会保留")
	tab.types("#field-edit-note", "门锁坏了。已约师傅👷𠮷")
	note, _ := b.registry.Kind("grid_visit")
	field, _ := note.Field("note")
	b.mu.Lock()
	saw := b.records[name].Cells[field.ID].TextHeads()
	b.writeText(name, west, field.ID, saw, "三楼东户门锁坏了。") // while the person writes
	b.mu.Unlock()
	tab.do(chromedp.Reload())
	tab.sees(".editor", "已恢复上次没有保存的内容")
	tab.until(`document.querySelector('#field-edit-note').value === '门锁坏了。已约师傅👷𠮷'`)
	tab.clicks(".editor .main")
	tab.sees(".fact .prose", "三楼东户门锁坏了。已约师傅👷𠮷")
	tab.sees(".fact .chip", "已与他人的修改合并")
	tab.sees("#voice", "已与他人的修改合并")
	tab.lacks(".conflict")
	tab.clicks("#edit-note")
	tab.types("#field-edit-note", "换好了")
	tab.clicks(".editor .main")
	tab.until(`document.querySelector('.fact .prose')?.innerText === '换好了' && !document.querySelector('.fact .chip.good')`)
	tab.clicks("#edit-note")
	tab.types("#field-edit-note", "不要了")
	tab.clicksText("取消")
	tab.do(chromedp.Reload())
	tab.sees(".fact .prose", "换好了")
	tab.until(`!document.querySelector('.editor') && Object.keys(sessionStorage).every((k) => !k.includes('text'))`)
}

func changesRecord(t *testing.T, browser context.Context) {
	b := newBox(shipped(t))
	name := keep(t, b, nil)
	b.write(name, west, crdt.Register, 99, crdt.Text("来自明年"), nil)
	tab := openTab(t, browser, web.Options{Registry: b.registry, Machine: b, Desk: b}, page(name))
	tab.sees(".fact:last-child", "来自新版表单")
	tab.sees(".fact:last-child", "来自明年")
	tab.sees(".figure", "2")
	tab.clicks("#plus-followups")
	tab.sees(".figure", "3")
	tab.types("#amount-followups", "4")
	tab.clicks("#send-followups")
	tab.sees(".figure", "7")
	tab.chooses("#add-tags", "残疾")
	tab.sees(".elements", "残疾")
	tab.clicks(`.elements button[aria-label="去掉 独居"]`)
	tab.until(`!document.querySelector('.elements').innerText.includes('独居')`)
	tab.clicks("#edit-topic")
	tab.clicksText("防汛隐患")
	tab.clicks(".editor .main")
	tab.lacks(".editor")
	tab.sees("dd", "防汛隐患")
	b.mu.Lock()
	edit := b.edits[len(b.edits)-1][0]
	b.mu.Unlock()
	if edit.Field != "topic" || len(edit.Saw) != 1 {
		t.Errorf("the box was asked %+v, want a topic that saw the one before", edit)
	}
	tab.clicks("#edit-household")
	tab.types("#field-edit-household", "12")
	tab.clicks(".editor .main")
	tab.sees("#voice", "没有做成")
	tab.until(`document.querySelector('#field-edit-household').value === '12'`)
}

func notesAndSpends(t *testing.T, browser context.Context) {
	b := newBox(shipped(t))
	names, err := b.Save("point_account", map[string]any{"area": home, "mobile": "13834561201", "name": "高飞", "balance": 50, "dealings": "参加清扫"})
	if err != nil {
		t.Fatal(err)
	}
	tab := openTab(t, browser, web.Options{Registry: b.registry, Machine: b, Desk: b}, page(names[0]))
	tab.sees(".figure", "50")
	tab.types("#append-dealings", "换了一袋米")
	b.write(names[0], west, crdt.Log, 6, crdt.Text("邻站记了一条"), nil)
	tab.do(chromedp.Reload())
	tab.until(`document.querySelector('#append-dealings')?.value === '换了一袋米'`)
	tab.clicks("#note-dealings")
	tab.until(`document.querySelectorAll('.log li').length === 3 && document.querySelector('#append-dealings').value === ''`)
	tab.types("#amount-balance", "60")
	tab.clicks("#spend-balance")
	tab.sees("#voice", "余额不足")
	tab.until(`document.querySelector('#amount-balance').value === '60'`)
	tab.types("#amount-balance", "20")
	tab.clicks("#spend-balance")
	tab.sees(".figure", "30")
	tab.types("#amount-balance", "5")
	tab.evaluate(`document.querySelector('#to-balance').selectedIndex = 1`)
	tab.clicks("#hand-balance")
	tab.sees(".chip", "本站可用 25")
	tab.sees(".figure", "30")
	tab.sees(".holders", "可用 25，存入 50，支出 20")
	tab.sees(".holders", "西河党群服务中心 · 可用 5，")
}

func readsNewer(t *testing.T, browser context.Context) {
	b := newBox(shipped(t))
	b.newer = []string{"drone_visit"}
	name := keep(t, b, nil)
	b.write(name, west, crdt.Register, 8, crdt.Text("无人机巡查"), b.records[name].Cells[8].Dots())
	b.write(name, west, crdt.Set, 10, crdt.Text("无人机"), nil)
	drone := web.Name{Kind: "drone_visit", Space: name.Space, ID: name.ID}
	b.write(drone, west, crdt.Register, 3, crdt.Text("东三路"), nil)
	tab := openTab(t, browser, web.Options{Registry: b.registry, Machine: b, Desk: b}, page(name))
	tab.sees(".now .chip", "来自新版表单")
	tab.sees(".elements", "来自新版表单")
	tab.clicks("#edit-topic")
	tab.clicks(".editor .main") // saving takes away nothing that the form does not know
	tab.lacks(".editor")
	tab.sees(".now", "无人机巡查")
	tab.goTo("/#/records/drone_visit")
	tab.sees(".kinds", "来自新版表单")
	tab.clicks(".rows a")
	tab.sees(".fact", "东三路")
	tab.sees(".head", "来自新版表单")
}

func changesLanguage(t *testing.T, browser context.Context) {
	tab, _ := openDesk(t, browser, "/#/fill/grid_visit")
	tab.types("#field-note", "楼道堆物")
	tab.clicks("#language")
	tab.sees("h2", "Grid visit")
	tab.sees(".tabs", "Records")
	tab.until(`document.querySelector('#field-note').value === '楼道堆物' && document.documentElement.lang === 'en'`)
	tab.clicksText("Save")
	tab.sees("#field-topic-0, .wrong", "this is required")
	tab.do(chromedp.Reload())
	tab.sees("h2", "Grid visit") // it is remembered
	tab.goTo("/?lang=zh#/fill/grid_visit")
	tab.sees("h2", "网格走访")
	tab.evaluate(`localStorage.removeItem('wangge.language')`)
}

func readsMarkup(t *testing.T, browser context.Context) {
	b := newBox(shipped(t))
	const markup = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`
	name := keep(t, b, map[string]any{"note": markup, "person": "<b>王</b>"})
	b.apart(name, "author", crdt.Text("<i>甲</i>"), crdt.Text(`"><svg onload=alert(1)>`))
	tab := openTab(t, browser, web.Options{Registry: b.registry, Machine: b, Desk: b}, page(name))
	tab.sees("dd", markup)
	tab.sees(".version", "<i>甲</i>")
	tab.clicks(".back")
	tab.sees(".rows", "<*") // whom it was to is masked in a list
	tab.until(`!document.querySelector('main img, main script, main b:not(.count), main i:not(.dots i)') && !document.title.includes('owned')`)
}

func usesKeyboard(t *testing.T, browser context.Context) {
	tab, b := openDesk(t, browser, "/#/fill/grid_visit")
	tab.until(`Boolean(document.querySelector('#field-grid'))`)
	tab.do(chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter)) // skip to the content
	tab.until(`document.activeElement.id === 'main'`)
	tab.until(`document.querySelector('#field-grid').value !== ''`)
	tab.evaluate(`document.querySelector('#field-grid').focus()`)
	tab.do(chromedp.KeyEvent(kb.End), chromedp.KeyEvent("01"))
	tab.tabTo("field-topic")
	tab.do(chromedp.KeyEvent(kb.ArrowDown))
	tab.tabTo("field-status")
	tab.do(chromedp.KeyEvent(" "))
	tab.tabTo("field-followups")
	tab.do(chromedp.KeyEvent(kb.Enter))
	tab.sees(".receipt", "网格走访")
	if len(b.order) != 1 {
		t.Errorf("the box has %d records, want 1", len(b.order))
	}
}

func cutsLink(t *testing.T, browser context.Context) {
	tab, b := openDesk(t, browser, "/#/place")
	tab.sees("#link", "切断网络")
	tab.evaluate(`window.seen = document.querySelector('#link')`)
	keep(t, b, nil)
	tab.sees(".pill", "正在送")
	tab.until(`window.seen === document.querySelector('#link')`) // no button goes from under a finger
	tab.clicksText("切断网络")
	tab.sees(".cable", "网络已切断")
	tab.sees(".pill", "份待送")
	tab.clicksText("恢复网络")
	tab.sees(".cable", "网络接通")
}

func outlivesBox(t *testing.T, browser context.Context) {
	b := newBox(shipped(t))
	handler := newSite(t, web.Options{Registry: b.registry, Machine: b, Desk: b}).handler
	server := httptest.NewServer(handler)
	tab := openTab(t, browser, web.Options{Registry: b.registry, Machine: b, Desk: b}, "/")
	tab.url = server.URL
	tab.goTo("/")
	tab.types("#field-note", "写到一半")
	address := server.Listener.Addr().String()
	server.CloseClientConnections()
	server.Close()
	tab.sees(".pill", "本站没有应答")
	tab.sees(".notice", "您填写的内容还在")
	tab.clicksText("保存")
	tab.sees(".summary", "没有保存")
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Skipf("the port was taken meanwhile: %v", err)
	}
	again := &httptest.Server{Listener: listener, Config: &http.Server{Handler: handler}}
	again.Start()
	t.Cleanup(again.Close)
	tab.sees(".pill", "全部已到县")
	tab.until(`document.querySelector('#field-note').value === '写到一半' && document.querySelector('.notice').hidden`)
}
