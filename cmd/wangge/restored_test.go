package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"wangge/node/web"
)

// put makes a file the store of a stopped node that has no other.
func (c *county) put(device uint32, file string) {
	c.t.Helper()
	data := filepath.Join(c.actors[device-1].dir, "data")
	b, err := os.ReadFile(file)
	if err == nil {
		err = os.RemoveAll(data)
	}
	if err == nil {
		err = os.MkdirAll(data, 0o700)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(data, "store.db"), b, 0o600)
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// takeCopy copies a node's store.db by hand, as it stands while the node is stopped.
func (c *county) takeCopy(device uint32) (file string) {
	c.t.Helper()
	file = filepath.Join(c.t.TempDir(), "copy.db")
	b, err := os.ReadFile(filepath.Join(c.actors[device-1].dir, "data", "store.db"))
	if err == nil {
		err = os.WriteFile(file, b, 0o600)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return file
}

// A box's store.db is copied by hand, past wangge backup, with the writer's key in
// it, and put back after the box has worked on. It meets its own later work,
// takes it back, and goes on under a new writer: nothing is refused or forked.
func TestABoxPutBackByHandTakesItsLaterWorkAndAnotherName(t *testing.T) {
	c := newCounty(t)
	old := c.save(riverBox, "grid_visit", visit("140581108213", 1))
	c.until("all nodes agree", c.agreed)
	c.Stop(riverBox)
	file := c.takeCopy(riverBox)
	c.restart(riverBox)
	later := c.save(riverBox, "grid_visit", visit("140581108213", 2))
	c.edit(riverBox, old, web.Edit{Field: "status", Set: "已解决"})
	c.until("all nodes agree again", c.agreed)

	c.Stop(riverBox)
	c.put(riverBox, file)
	c.restart(riverBox)
	c.until("the work is back", func() bool {
		fields, _, ok := c.look(riverBox, old)
		_, _, back := c.look(riverBox, later)
		return ok && back && fields["status"].Versions[0].Value == "已解决"
	})
	fresh := c.save(riverBox, "grid_visit", visit("140581108213", 3))
	c.until("everything is at the county", func() bool {
		_, level, held := c.look(riverBox, fresh)
		return held && level == "county" && c.agreed()
	})
	for hub := uint32(1); hub <= 3; hub++ {
		if n := c.total(hub, "grid_visit.visits"); n != 3 {
			t.Errorf("hub %d counts %d visits, want 3", hub, n)
		}
	}
	for _, a := range c.actors {
		if refused := c.status(a.device.Index).Refusals(); len(refused) > 0 {
			t.Errorf("%s: refused %+v", a.device.Name, refused)
		}
	}
}

// The whole hub burns down and begins anew from last week's backup. No box goes
// on showing county for what the county has lost, and within a meeting the
// boxes have fed it everything again.
func TestAHubBegunFromAnOldBackupIsFedAgain(t *testing.T) {
	c := newCounty(t)
	c.save(eastBox, "grid_visit", visit("140581105211", 1))
	c.until("all nodes agree", c.agreed)
	file := filepath.Join(t.TempDir(), "hub.db")
	c.Stop(1)
	if code, out, bad := wangge(t, nil, "backup", "--data", filepath.Join(c.actors[0].dir, "data"), file); code != 0 {
		t.Fatalf("backup: code %d, %s%s", code, out, bad)
	}
	c.restart(1)
	c.save(eastBox, "grid_visit", visit("140581105211", 2))
	river := c.save(riverBox, "grid_visit", visit("140581108213", 3))
	c.until("all nodes agree again", c.agreed)

	c.Stop(riverBox)
	for hub := uint32(1); hub <= 3; hub++ {
		c.Stop(hub)
	}
	for hub := uint32(1); hub <= 3; hub++ {
		data := filepath.Join(c.actors[hub-1].dir, "data")
		if err := os.RemoveAll(data); err != nil {
			t.Fatal(err)
		}
		if code, out, bad := wangge(t, nil, "restore", "--data", data, file); code != 0 {
			t.Fatalf("restore: code %d, %s%s", code, out, bad)
		}
	}
	for hub := uint32(1); hub <= 3; hub++ {
		c.restart(hub)
	}
	began := time.Now()
	c.until("the county has what the boxes at work hold", func() bool { return c.counts("grid_visit.visits", 2) })
	c.restart(riverBox)
	c.until("the county has everything", func() bool {
		_, level, ok := c.look(riverBox, river)
		return ok && level == "county" && c.agreed() && c.counts("grid_visit.visits", 3)
	})
	t.Logf("fed again within %v", time.Since(began).Round(time.Millisecond))
}
