package main

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// Two people at two boxes write into one note without seeing each other, all by
// their pages, and then both read what both wrote.
func TestTwoPagesWeaveWhatWasWrittenApart(t *testing.T) {
	ctx := newBrowser(t)
	d := newDemonstration(t)

	east := d.open(ctx, d.web[eastBox])
	east.fill("field-grid", "140581105211003")
	east.choose("独居老人")
	east.choose("正常")
	east.fill("field-note", "张桂兰家，门锁坏了。")
	east.click("#form-grid_visit button.main")
	east.await("the receipt at level county", `document.querySelector('.receipt')?.innerText.includes('已到县')`)
	record := east.evaluate(`document.querySelector('.receipt a').getAttribute('href')`)

	stage := d.open(ctx, d.web[0])
	stage.click("#cut-4")
	stage.await("the cut", `!!document.getElementById('restore-4')`)

	west := d.open(ctx, d.web[westBox]+"/"+record)
	east.do(chromedp.Navigate(d.web[eastBox] + "/" + record))
	east.writesNote("张桂兰家，门锁坏了。约了锁匠👷明天来。")
	west.writesNote("三楼东户𠮷，张桂兰家，门锁坏了。")

	east.click("#edit-note") // opened before the link is back, saved after
	east.fill("field-edit-note", "张桂兰家，门锁坏了。约了锁匠👷明天来。先用插销。")
	stage.click("#restore-4")
	whole := func(text string) string {
		return fmt.Sprintf(`document.querySelector('.fact .prose')?.innerText === %q`, text)
	}
	west.await("the words of both", whole("三楼东户𠮷，张桂兰家，门锁坏了。约了锁匠👷明天来。"))
	west.await("the county's word", `document.querySelector('.head .track')?.innerText.includes('已到县')`)
	east.click(".editor button.main")
	for _, page := range []*tab{east, west} {
		page.await("every word", whole("三楼东户𠮷，张桂兰家，门锁坏了。约了锁匠👷明天来。先用插销。"))
	}
	east.await("the word that it was merged", `document.querySelector('.fact .chip.good')?.innerText.includes('已与他人的修改合并')`)
	stage.await("equal digests everywhere", `document.body.innerText.includes('各处内容一致')`)
}

// writesNote changes the note of the record that is shown.
func (p *tab) writesNote(text string) {
	p.t.Helper()
	p.click("#edit-note")
	p.fill("field-edit-note", text)
	p.click(".editor button.main")
	p.await("the note as it was written", fmt.Sprintf(`!document.querySelector('.editor') && document.querySelector('.fact .prose')?.innerText === %q`, text))
}
