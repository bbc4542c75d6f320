package node

import (
	"errors"
	"strings"
	"testing"

	"wangge/node/web"
	"wangge/schema"
)

func points(n int) map[string]any {
	return map[string]any{"area": "140581105211", "mobile": "13834561201", "name": "高飞", "opened_on": "2026-11-22", "balance": n}
}

func (d desk) ledgerOf(t *testing.T, name web.Name) *web.Ledger {
	t.Helper()
	return d.fields(t, name)["balance"].Ledger
}

func (d desk) deals(name web.Name, n int64, to string) error {
	return d.Edit(name, []web.Edit{{Field: "balance", Plus: n, To: to}})
}

// Two shops cannot spend the same last points though neither hears of the other.
func TestTwoBoxesSpendOnlyWhatEachHasTheRightTo(t *testing.T) {
	desks := newDesks(t, "城东站", "城西站")
	east, west := desks[0], desks[1]
	name := east.mustSave(t, "point_account", points(50))
	if again := east.mustSave(t, "point_account", points(50)); again != name {
		t.Fatalf("an account sent twice is %v and %v", name, again)
	}
	west.mustSave(t, "grid_visit", form(nil)) // so that east hears of west's writer
	newCall(t, east, west).finishes()

	if l := west.ledgerOf(t, name); l.Balance != 50 || l.Rights != 0 || !l.Holders[0].Here {
		t.Errorf("west reads %+v", l)
	}
	var problems schema.Problems
	if err := west.deals(name, -50, ""); !errors.As(err, &problems) || !strings.Contains(problems[0].Text.Zh, "请对方转来") {
		t.Errorf("west spends what only east may: %v", err)
	}
	l := east.ledgerOf(t, name)
	if len(l.Holders) != 2 || l.Holders[1].Here || l.Holders[1].Rights != 0 {
		t.Fatalf("east reads %+v", l)
	}
	if err := east.deals(name, 20, l.Holders[1].Writer); err != nil {
		t.Fatal(err)
	}
	newCall(t, east, west).finishes()
	for _, spend := range []struct {
		desk desk
		n    int64
	}{{west, -20}, {east, -25}} {
		if err := spend.desk.deals(name, spend.n, ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := west.deals(name, -1, ""); err == nil {
		t.Error("west spends beyond its rights")
	}
	if err := east.Edit(name, []web.Edit{{Field: "balance", Plus: -3}, {Field: "balance", Plus: -3}}); err == nil {
		t.Error("two spendings of one state are taken")
	}
	newCall(t, east, west).finishes()
	for _, d := range desks {
		if l := d.ledgerOf(t, name); l.Balance != 5 {
			t.Errorf("at %s the balance is %+v, want 5", d.id.Device.Name, l)
		}
	}
	if err := east.deals(name, -6, ""); !errors.As(err, &problems) || !strings.Contains(problems[0].Text.Zh, "只剩 5") {
		t.Errorf("spending the last and one more: %v", err)
	}
	for what, to := range map[string]string{"nobody": "x", "itself": l.Holders[0].Writer} {
		if err := east.deals(name, 1, to); err == nil {
			t.Errorf("points are handed to %s", what)
		}
	}
	list, err := east.List("point_account", nil, 1)
	if err != nil || list.Items[0].Values["balance"] != int64(5) {
		t.Errorf("the list shows %+v, %v", list, err)
	}
}

func TestALogIsOnlyAddedTo(t *testing.T) {
	desks := newDesks(t, "城东站", "城西站")
	f := map[string]any{
		"area": "140581105211", "mobile": "13800138000", "name": "李雷", "opened_on": "2024-11-01", "dealings": "开户",
	}
	name := desks[0].mustSave(t, "point_account", f)
	desks[0].mustSave(t, "point_account", f) // a form that is sent again notes nothing
	newCall(t, desks[0], desks[1]).finishes()
	for _, d := range desks {
		if err := d.Edit(name, []web.Edit{{Field: "dealings", Append: "换洗衣液"}}); err != nil {
			t.Fatal(err)
		}
	}
	newCall(t, desks[0], desks[1]).finishes()
	for _, d := range desks {
		entries := d.fields(t, name)["dealings"].Versions
		if len(entries) != 3 || entries[0].Value != "开户" || entries[1].Device == entries[2].Device {
			t.Errorf("the log shows %+v, want what both noted, twice said twice noted", entries)
		}
	}
	for what, e := range map[string]web.Edit{
		"setting":  {Field: "dealings", Set: "没有的事", Saw: desks[0].fields(t, name)["dealings"].Versions[0].Saw},
		"removing": {Field: "dealings", Remove: "开户"},
		"nothing":  {Field: "dealings", Append: " "},
	} {
		if err := desks[0].Edit(name, []web.Edit{e}); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
	list, err := desks[0].List("point_account", nil, 1)
	if err != nil || list.Items[0].Values["dealings"] != "换***" { // the last, masked
		t.Errorf("the list shows %+v, %v", list, err)
	}
}
