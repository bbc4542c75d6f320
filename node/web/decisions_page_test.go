package web_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/node/web"
	"wangge/schema"
)

// bureau offers one call for help for which two teams stand, and a desk of the county's
// own kinds; it remembers who wrote.
type bureau struct {
	*box
	mu     sync.Mutex
	signed []web.Signed
	hands  []web.Hand
}

func (b *bureau) Desk(s web.Signed) web.Desk {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.signed = append(b.signed, s)
	return b.box
}

func (b *bureau) Decidable() []web.Decidable {
	return []web.Decidable{
		{Kind: "mediation_case", Field: "case_no", Title: schema.Text{Zh: "调解案件", En: "Mediation case"}, Asked: schema.Text{Zh: "案件编号", En: "Case number"}, Way: "number", Waiting: 2},
		{Kind: "micro_wish", Field: "claimant", Title: schema.Text{Zh: "微心愿", En: "Small wish"}, Asked: schema.Text{Zh: "认领人", En: "Claimed by"}, Way: "first"},
		{Kind: "biz_entity", Field: "baseline", Title: schema.Text{Zh: "经济社会组织", En: "Firm"}, Asked: schema.Text{Zh: "纳入覆盖率基数", En: "In the baseline"}, Way: "hand"},
	}
}

func (b *bureau) Undecided(kind, _ string, given bool, _ []byte, _ int) (web.Undecided, error) {
	item := web.Item{Name: web.Name{Kind: kind, Space: "140581105211/open", ID: "0123456789abcdef0123456789abcdef"}, Fate: "alive", Values: map[string]any{"name": "东街快递站", "wish": "一副老花镜"}}
	c := web.Case{Item: item, Given: []web.Version{}}
	if kind == "micro_wish" {
		c.Candidates = []web.Candidate{{Key: "1-1", Value: "城东队", Device: "东街党群服务中心", At: time.Now().UnixMilli()}, {Key: "1-2", Value: "城西队", Device: "西河党群服务中心", At: time.Now().UnixMilli()}}
	}
	if given {
		c.Given = []web.Version{{Value: "城东队", Device: "县中心一号"}}
	}
	return web.Undecided{Items: []web.Case{c}}, nil
}

func (b *bureau) Decide(_ context.Context, h web.Hand) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hands = append(b.hands, h)
	return nil
}

func (b *bureau) Written(int) ([]web.Written, error) {
	return []web.Written{{Signed: web.Signed{By: "王秀英", Reason: "市里核定"}, At: time.Now(), Title: schema.Text{Zh: "微心愿", En: "Small wish"}, Asked: schema.Text{Zh: "认领人", En: "Claimed by"}, Value: "城西队", Records: []web.Name{}, Count: 1}}, nil
}

func openBureau(t *testing.T, browser context.Context, path string) (*tab, *bureau) {
	t.Helper()
	h, b := newHub(), &bureau{box: newBox(shipped(t))}
	return openTab(t, browser, web.Options{Registry: b.registry, Machine: h, Office: h, Officials: b, Inspector: h, Gazetteer: h}, path), b
}

func decidesByHand(t *testing.T, browser context.Context) {
	tab, b := openBureau(t, browser, "/?lang=zh#/decisions?field=micro_wish.claimant&given=true")
	tab.sees("nav.tabs a[aria-current=page]", "审定")
	tab.sees(".candidates", "城西队")
	tab.sees(".written", "王秀英")
	tab.clicks("#decide-0123456789abcdef0123456789abcdef")
	tab.isForAll("hub-decide-form")
	tab.clicks(".case form input[value='1-2']")
	tab.types(".signed label:nth-child(1) input", "王秀英")
	tab.types(".signed label:nth-child(2) input", "城东队在外执行任务")
	tab.clicks(".case form button.main")
	tab.sees("#voice", "已审定")
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.hands) != 1 || b.hands[0].Candidate != "1-2" || b.hands[0].By != "王秀英" || b.hands[0].Reason != "城东队在外执行任务" || b.hands[0].Field != "claimant" {
		t.Errorf("the county was told %+v", b.hands)
	}
}

func keepsRegisters(t *testing.T, browser context.Context) {
	tab, b := openBureau(t, browser, "/?lang=zh#/registers?kind=county_area_population")
	tab.clicks("#register-new")
	tab.types("#field-district", "140581")
	tab.types("#register-by", "王秀英")
	tab.clicks("form button.main")
	tab.sees(".problem[role=alert]", "统计时点")
	tab.isForAll("hub-register-form")
	tab.evaluate(`document.getElementById('field-counted_on').value = '2024-12-31'`)
	tab.types("#field-residents", "446500")
	tab.types("#field-urban_residents", "262800")
	tab.types("#field-basis", "2024 年公报")
	tab.clicks("form button.main")
	tab.sees(".own", "2024 年公报")
	tab.clicks(".register button")
	tab.types("#field-basis", "（修订）")
	tab.clicks("form button.main")
	tab.until(`document.querySelector('.own').textContent.includes('修订')`)
	b.mu.Lock()
	defer b.mu.Unlock()
	wrote := 0
	for _, s := range b.signed {
		if s.By == "王秀英" {
			wrote++
		}
	}
	if wrote < 3 {
		t.Errorf("of those who wrote %d said who they are: %+v", wrote, b.signed)
	}
}

func theCountysPagesAreForAll(t *testing.T, browser context.Context) {
	tab, _ := openBureau(t, browser, "/?lang=zh")
	for path, shows := range map[string][2]string{
		"decisions?field=biz_entity.baseline": {".case", "东街快递站"}, "decisions?field=mediation_case.case_no": {"select", "等 2 条"}, "registers": {"#register", "人口基数"},
	} {
		tab.goTo("/?lang=zh&again=" + strings.Split(path, ".")[0] + "#/" + path)
		tab.sees(shows[0], shows[1])
		tab.inBoth("hub-" + strings.NewReplacer("?", "-", "=", "-").Replace(path))
	}
}

// readsTheCountysOwn is what a grid worker sees of it: nothing to fill in, to change or delete.
func readsTheCountysOwn(t *testing.T, browser context.Context) {
	tab, b := openDesk(t, browser, "/?lang=zh")
	names, err := b.Save("county_area_population", map[string]any{"district": "140581", "counted_on": "2024-12-31", "residents": 441200.0, "urban_residents": 263100.0, "basis": "公报"})
	if err != nil {
		t.Fatal(err)
	}
	tab.goTo(page(names[0]))
	tab.sees(".facts", "441200")
	tab.sees("main", "由县里统一登记")
	tab.until(`!document.querySelector('main button')`)
	tab.isForAll("desk-countys-own")
	tab.goTo("/?lang=zh&again=1#/fill")
	tab.clicks(".menu summary")
	tab.types("#find-kind", "人口基数")
	tab.sees(".systems", "没有")
}
