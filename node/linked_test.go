package node

import (
	"testing"

	"wangge/node/web"
)

func TestARecordSaysWhomItNamesAndWhoNamesItByName(t *testing.T) {
	d := newDesk(t)
	names, err := d.Save("newjob_checkin", map[string]any{
		"area": "140581105211", "checked_in_at": "2026-11-22T09:30", "platform": "美团", "trade": "外卖", "notice_given": true, "consent": true,
		"person": map[string]any{"id_number": "14058119920307151X", "name": "高飞", "mobile": "13834561201", "political_status": "01"},
	})
	if err != nil {
		t.Fatal(err)
	}
	person, checkin := names[0], names[1]
	shown := func(name web.Name) web.Record {
		t.Helper()
		rec, err := d.Record(name)
		if err != nil {
			t.Fatal(err)
		}
		return rec
	}
	if links := shown(checkin).Links; len(links) != 1 || links[0].Name != person || links[0].Words.Zh != "人员 · 高飞" {
		t.Errorf("the check-in names %+v", links)
	}
	by := shown(person).NamedBy
	if len(by) != 1 || by[0].Name != checkin || by[0].Field.Empty() {
		t.Errorf("the person is named by %+v", by)
	}
	if err := d.Edit(checkin, []web.Edit{{Delete: true}}); err != nil {
		t.Fatal(err)
	}
	if by := shown(person).NamedBy; len(by) != 0 {
		t.Errorf("what was deleted still names them: %+v", by)
	}
	if err := d.Edit(checkin, []web.Edit{{Restore: true}}); err != nil {
		t.Fatal(err)
	}
	d.recount() // as at the next start
	if by := shown(person).NamedBy; len(by) != 1 {
		t.Errorf("after a start the person is named by %+v", by)
	}
}
