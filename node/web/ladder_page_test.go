package web_test

import (
	"context"
	"testing"

	"wangge/crdt"
	"wangge/schema"
)

// takesSteps is a hazard from its report to its removal, and a step that another box
// took meanwhile.
func takesSteps(t *testing.T, browser context.Context) {
	tab, b := openDesk(t, browser, "/#/fill/hazard_report")
	tab.types("#field-grid", home+"01")
	tab.clicksText("消防")
	tab.clicksText("重大")
	tab.clicksText("待处置")
	tab.until(`![...document.querySelectorAll('#form-hazard_report label')].some((e) => e.innerText.includes('已消除'))`) // no case begins so
	tab.clicksText("保存")
	tab.sees(".receipt", "已保存")
	tab.clicksText("查看这条记录")
	tab.sees(".way li", "待处置")
	tab.clicks("#step-status")
	tab.clicksText("已消除")
	tab.types("#field-step-note", "楼道已清空")
	tab.clicks(".editor .main")
	tab.sees("#voice", "“处置进度”已记一步")
	tab.sees(".now .chip", "已消除")
	tab.sees(".way li:last-child", "楼道已清空")
	kind, _ := b.registry.Kind("hazard_report")
	status, _ := kind.Field("status")
	b.mu.Lock()
	b.write(b.order[0], west, crdt.Log, status.ID, schema.Step{Rung: "待处置", Number: 2, Note: "邻站又记了一次"}.Value(), nil)
	b.mu.Unlock()
	tab.sees(".way li.astray", "邻站又记了一次")
	tab.sees(".way li.astray", "不合顺序")
	tab.sees(".now .chip", "已消除") // it moves nothing
	tab.clicks("#step-status")
	tab.clicksText("处置中")
	tab.clicks(".editor .main")
	tab.sees(".now .chip", "处置中")
	if edit := b.edits[0][0]; edit.Field != "status" || edit.Append.(map[string]any)["step"] != "已消除" {
		t.Errorf("the box was asked %+v", edit)
	}
}
