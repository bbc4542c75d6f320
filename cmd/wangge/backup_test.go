package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wangge/node/store"
	"wangge/node/web"
)

// A box is backed up, works on, loses its disk, and begins again from last
// week's backup: all its work is back, nothing is forked, and figures are exact.
func TestABoxBegunFromAnOldBackupLosesAndForksNothing(t *testing.T) {
	c := newCounty(t)
	dir := c.actors[riverBox-1].dir
	data, file := filepath.Join(dir, "data"), filepath.Join(t.TempDir(), "river.db")
	old := c.save(riverBox, "grid_visit", visit("140581108213", 1))
	c.until("all nodes agree", c.agreed)

	if code, _, bad := wangge(t, nil, "verify", "--data", data); code != exitFailed || !strings.Contains(bad, "stop that node first") {
		t.Errorf("verify beside a running node: code %d, %s", code, bad)
	}
	c.Stop(riverBox)
	if code, out, bad := wangge(t, nil, "backup", "--data", data, file); code != 0 || !strings.Contains(out, "all is well") {
		t.Fatalf("backup: code %d, %s%s", code, out, bad)
	}
	c.restart(riverBox)
	later := c.save(riverBox, "grid_visit", visit("140581108213", 2))
	c.edit(riverBox, old, web.Edit{Field: "status", Set: "已解决"})
	c.until("all nodes agree again", c.agreed)

	c.Stop(riverBox)
	if code, _, bad := wangge(t, nil, "restore", "--data", data, file); code != exitFailed || !strings.Contains(bad, "move it away first") {
		t.Errorf("restore over data: code %d, %s", code, bad)
	}
	if err := os.RemoveAll(data); err != nil {
		t.Fatal(err)
	}
	if code, out, bad := wangge(t, nil, "restore", "--data", data, file); code != 0 || !strings.Contains(out, "new key") {
		t.Fatalf("restore: code %d, %s%s", code, out, bad)
	}
	c.restart(riverBox)
	fresh := c.save(riverBox, "grid_visit", visit("140581108213", 3))
	c.until("everything is back and at the county", func() bool {
		fields, _, ok := c.look(riverBox, old)
		_, _, back := c.look(riverBox, later)
		_, level, held := c.look(riverBox, fresh)
		return ok && back && held && level == "county" && c.agreed() && fields["status"].Versions[0].Value == "已解决"
	})
	for hub := uint32(1); hub <= 3; hub++ {
		if n := c.total(hub, "grid_visit.visits"); n != 3 {
			t.Errorf("hub %d counts %d visits, want 3", hub, n)
		}
		if refused := c.status(hub).Refusals(); len(refused) > 0 {
			t.Errorf("hub %d refused %+v", hub, refused)
		}
	}
	if refused := c.status(riverBox).Refusals(); len(refused) > 0 {
		t.Errorf("the box was refused %+v", refused)
	}
	c.Stop(riverBox)
	c.lookAfter(data, old)
}

func (c *county) restart(device uint32) {
	c.t.Helper()
	if err := c.Start(device); err != nil {
		c.t.Fatal(err)
	}
}

// lookAfter has the verbs for a stopped node go through its data, in which a
// record's status was once replaced.
func (c *county) lookAfter(data string, record web.Name) {
	t := c.t
	t.Helper()
	if code, out, bad := wangge(t, nil, "compact", "--data", data); code != 0 || !strings.Contains(out, "bytes before") {
		t.Errorf("compact: code %d, %s%s", code, out, bad)
	}
	var found store.Findings
	code, out, bad := wangge(t, nil, "verify", "--json", "--data", data)
	if err := json.Unmarshal([]byte(out), &found); err != nil || code != 0 || found.Records < 3 || len(found.Faults) > 0 {
		t.Errorf("verify: code %d, %s%s", code, out, bad)
	}
	code, out, bad = wangge(t, nil, "explain", "--data", data, record.Space, record.ID, "status")
	if code != 0 || !strings.Contains(out, "已被") || !strings.Contains(out, "现值：没有别的写法与它并存") || !strings.Contains(out, "河口站") {
		t.Errorf("explain: code %d, %s%s", code, out, bad)
	}
	var s story
	code, out, bad = wangge(t, nil, "explain", "--json", "--data", data, record.Space, record.ID, "status")
	if err := json.Unmarshal([]byte(out), &s); err != nil || len(s.Fields) != 1 || s.Fields[0].Now != "已解决" ||
		len(s.Fields[0].Steps) != 2 || s.Fields[0].Steps[0].Outcome != "replaced" || s.Fields[0].Steps[1].Outcome != "wins" {
		t.Errorf("explain --json: code %d, %s%s", code, out, bad)
	}
}
