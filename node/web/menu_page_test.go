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
	tab.until(`document.querySelectorAll('nav > .kinds a').length === 1`)
	tab.clicks(".systems summary")
	tab.sees(".systems h3", "志愿与救援")
	tab.clicks(`.systems a[href="#/fill/warm_station"]`)
	tab.sees("h2", "暖新驿站")
	tab.until(`document.querySelectorAll('nav > .kinds a').length === 2 && !document.querySelector('.systems').open`)
	tab.goTo("/#/records")
	tab.sees(`[aria-current="true"]`, "暖新驿站")
}
