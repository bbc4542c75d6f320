package web_test

import (
	"context"
	"testing"
)

// Nobody looks through eighty forms: those that were opened last are at hand, and all
// stand by the practice they belong to.
func findsForm(t *testing.T, browser context.Context) {
	tab, _ := openDesk(t, browser, "/")
	tab.sees("h2", "网格走访")
	tab.until(`document.querySelectorAll('.kinds > a').length === 1`)
	tab.clicks(".menu summary")
	tab.sees(".systems h2", "志愿与救援")
	tab.clicks(`.systems a[href="#/fill/warm_station"]`)
	tab.sees("h2", "暖新驿站")
	tab.until(`document.querySelectorAll('.kinds > a').length === 2 && !document.querySelector('.menu').open`)
	tab.clicks(".menu summary")
	tab.types("#find-kind", "no such form")
	tab.sees(".systems", "没有这样的表单")
	tab.types("#find-kind", "志愿")
	tab.until(`document.querySelectorAll('.systems section').length < 5`)
	tab.types("#find-kind", "隐患\r")
	tab.sees("h2", "隐患上报")
	tab.clicksText("暖新驿站")
	tab.sees("h2", "暖新驿站")
	tab.goTo("/#/records")
	tab.sees(`[aria-current="true"]`, "暖新驿站")
}
