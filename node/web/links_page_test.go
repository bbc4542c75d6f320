package web_test

import (
	"context"
	"reflect"
	"testing"
	"testing/fstest"

	"wangge/node/web"
	"wangge/schema/kindfile"
)

const homeKinds = `kind: home
title: {zh: 家庭, en: Home}
class: personal
area: {field: area, level: community}
fields:
  - {id: 1, name: area, title: {zh: 社区, en: Community}, type: area, required: true}
  - {id: 2, name: door, title: {zh: 门牌, en: Door}, type: text, required: true}
  - {id: 3, name: members, section: {zh: 住在这里的人, en: Who lives here}, title: {zh: 成员, en: Members}, type: links, to: member, inline: true, parent: home}
  - {id: 4, name: size, title: {zh: 人数, en: Size}, type: int, is: count(members)}
  - {id: 6, name: kin, title: {zh: 亲属, en: Kin}, type: links, to: home}
  - {id: 7, name: illness, title: {zh: 病情, en: Illness}, type: text, sealed: true}
  - {id: 5, name: crowded, section: {zh: 拥挤, en: Crowded}, title: {zh: 何以如此, en: Why}, type: text, ask: size > 1}
`

const memberKinds = `kind: member
title: {zh: 成员, en: Member}
class: personal
area: {field: area, level: community}
fields:
  - {id: 1, name: area, title: {zh: 社区, en: Community}, type: area, required: true}
  - {id: 2, name: home, title: {zh: 家庭, en: Home}, type: link, to: home, required: true}
  - {id: 3, name: name, title: {zh: 姓名, en: Name}, type: text, required: true}
`

func writesHome(t *testing.T, browser context.Context) {
	registry, err := kindfile.Load(fstest.MapFS{"home.yaml": {Data: []byte(homeKinds)}, "member.yaml": {Data: []byte(memberKinds)}})
	if err != nil {
		t.Fatal(err)
	}
	b := newBox(registry)
	kin, err := b.Save("home", map[string]any{"area": home, "door": "七号"})
	if err != nil {
		t.Fatal(err)
	}
	tab := openTab(t, browser, web.Options{Registry: b.registry, Machine: b, Desk: b}, "/#/fill/home")
	tab.types("#field-area", home)
	tab.types("#field-door", "八号")
	const crowded = `[...document.querySelectorAll('h3')].find((h) => h.textContent === '拥挤').checkVisibility()`
	tab.until(`!` + crowded)
	tab.clicks("#more-members")
	tab.types("#field-members-0-name", "林芳")
	tab.clicks("#more-members")
	tab.until(`document.querySelector('output').textContent === '2' && ` + crowded)
	tab.sees("label .chip", "保密")
	tab.clicksText("保存")
	tab.sees("#field-members-1-name-problem", "必填") // the second has no name
	tab.clicks("#more-members")
	tab.types("#field-members-2-name", "林海")
	tab.clicks(`fieldset.inner:nth-child(2) > button`) // and goes
	tab.goTo("/")
	tab.goTo("/#/fill/home") // what was typed is a draft
	tab.until(`document.querySelectorAll('.repeats .inner').length === 2 && document.querySelector('output').textContent === '2'`)
	tab.clicks("#field-kin")
	tab.sees(".found", "七号")
	tab.clicksText("七号")
	tab.clicksText("保存")
	tab.sees(".receipt", "已保存")
	list, err := b.List("home", nil, 1)
	if err != nil || len(list.Items) != 1 {
		t.Fatalf("saved %v, %v", list.Items, err)
	}
	saved, err := b.Record(list.Items[0].Name)
	if err != nil {
		t.Fatal(err)
	}
	held := map[string]int{}
	for _, f := range saved.Fields {
		held[f.Name] = len(f.Versions)
		if f.Name == "kin" && f.Versions[0].Value != kin[0].ID {
			t.Errorf("it is kin to %v", f.Versions[0].Value)
		}
	}
	if want := map[string]int{"area": 1, "door": 1, "members": 2, "kin": 1}; !reflect.DeepEqual(held, want) {
		t.Errorf("the home holds %v, want %v", held, want)
	}
	tab.clicksText("查看这条记录")
	addsMember(t, tab, b, list.Items[0].Name)
}

// addsMember adds a form and a record to what stands.
func addsMember(t *testing.T, tab *tab, b *box, name web.Name) {
	t.Helper()
	tab.until(`document.querySelectorAll('.facts a').length === 3`)
	tab.clicks("#add-members")
	tab.types("#field-edit-members-name", "林山")
	tab.clicks("form.editor button.main")
	tab.until(`document.querySelectorAll('.facts a').length === 4`)
	tab.clicks("#add-kin")
	tab.types("#field-edit-kin", "八号")
	tab.clicksText("八号")
	tab.clicks("form.editor button.main")
	tab.until(`document.querySelectorAll('.facts a').length === 5`)
	b.mu.Lock()
	defer b.mu.Unlock()
	form, _ := b.edits[0][0].Add.(map[string]any)
	if len(b.edits) != 2 || form["name"] != "林山" || form["id"] == nil || b.edits[1][0].Add != name.ID {
		t.Errorf("the edits are %+v", b.edits)
	}
}
