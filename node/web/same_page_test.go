package web_test

import (
	"context"
	"testing"

	"wangge/node/web"
)

// twinBox is a box of which two records can be one.
type twinBox struct {
	*box
	same []web.Twin
}

func (b *twinBox) Edit(_ web.Name, edits []web.Edit) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.edits = append(b.edits, edits)
	if b.same = nil; edits[0].Same != nil {
		b.same = []web.Twin{{Name: *edits[0].Same}}
	}
	return nil
}

func (b *twinBox) Record(n web.Name) (web.Record, error) {
	record, err := b.box.Record(n)
	b.mu.Lock()
	defer b.mu.Unlock()
	record.Fate, record.Same = "alive", b.same
	return record, err
}

// saysSame says that two records are one, and takes it back.
func saysSame(t *testing.T, browser context.Context) {
	b := &twinBox{box: newBox(shipped(t))}
	name, other := keep(t, b.box, nil), keep(t, b.box, map[string]any{"person": "张桂蘭"})
	tab := openTab(t, browser, web.Options{Registry: b.registry, Machine: b, Desk: b}, page(name))
	tab.clicks("#same-as")
	tab.types("#same-address", "张桂蘭")
	tab.clicksText("保存")
	tab.sees("#voice", "这不是记录的网址")
	tab.types("#same-address", "http://127.0.0.1:8080"+page(other))
	tab.clicksText("保存")
	tab.sees("#same", "与这条是同一条： "+other.ID[:8])
	tab.sees("#same", "对方尚未确认")
	tab.until("document.querySelector('#same a').hash === %q", page(other)[1:])
	tab.clicks("#apart-" + other.ID)
	tab.lacks("#same")
	asked := append(b.edits[0], b.edits[1]...)
	if len(asked) != 2 || asked[0].Same == nil || *asked[0].Same != other || asked[1].Apart == nil || *asked[1].Apart != other {
		t.Errorf("the box was asked %+v, want the same and then apart", asked)
	}
}
