package main

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/node/web"
)

// spaceOf returns what a node says of a space, nil if it holds nothing of it.
func (c *county) spaceOf(device uint32, name string) *web.Space {
	for _, sp := range c.status(device).Spaces {
		if sp.Space == name {
			return &sp
		}
	}
	return nil
}

// photo writes a record with a photo into a box's store and stops it.
func (c *county) photo(device uint32, space crdt.Space) {
	c.t.Helper()
	c.Stop(device)
	a, err := c.actor(device)
	if err != nil {
		c.t.Fatal(err)
	}
	d := folder{data: filepath.Join(a.dir, "data"), keys: filepath.Join(a.dir, "keys")}
	o, _, err := d.open()
	if err != nil {
		c.t.Fatal(err)
	}
	s, err := store.Open(o)
	if err != nil {
		c.t.Fatal(err)
	}
	root, size, err := s.Files().Write(strings.NewReader(strings.Repeat("photo", 20_000)))
	if err == nil {
		photo := crdt.Attachment{File: crdt.File{Root: root, Size: size, Media: "image/jpeg"}}
		err = s.Save(func(draft *store.Draft) error {
			draft.Write(space, crdt.Record{}.Attach(crdt.RecordID{1}.Of("grid_visit"), "grid_visit", 13, photo.Value()))
			return nil
		})
	}
	if err = errors.Join(err, s.Close()); err != nil {
		c.t.Fatal(err)
	}
}

// A box is given a smaller area while it has work of the other that nobody else has:
// it hands that in before it lets go of anything, by itself; given the area again, it
// has everything again.
func TestABoxThatLosesAnAreaHandsItInFirstAndMayHaveItBack(t *testing.T) {
	c := newCounty(t)
	const west = "140581105212/personal"
	data := c.alone(eastBox)
	dir := filepath.Dir(data)
	name := c.save(eastBox, "grid_visit", visit("140581105212", 1))
	c.save(eastBox, "grid_visit", visit("140581105211", 2))
	renew := func(holds string) {
		c.Stop(eastBox)
		out := c.ok("enrol", "--renew", "--county", filepath.Join(c.dir, "county"), "--keys", filepath.Join(dir, "keys"), "--holds", holds, "--writes", holds)
		if !strings.Contains(out, "device 4 (城东站, box) has a new certificate") {
			t.Errorf("renewing: %s", out)
		}
		c.restart(eastBox)
	}
	c.photo(eastBox, crdt.Space{Area: "140581105212", Class: crdt.Personal})
	renew("140581105211/open,140581105211/personal,140581/personal")
	sp := c.spaceOf(eastBox, west)
	if sp == nil || sp.Leaving == nil || sp.Leaving.Batches == 0 {
		t.Fatalf("without a link the box shows %+v", sp)
	}
	if code, out, _ := wangge(t, nil, "status", "--node", c.status(eastBox).Web); code != 0 || !strings.Contains(out, "leaving: 2 batches still to send, 1 files") {
		t.Errorf("status: code %d, %s", code, out)
	}
	c.Stop(eastBox)
	a, err := c.actor(eastBox)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.configure(c.actors); err != nil { // with its peers again
		t.Fatal(err)
	}
	c.restart(eastBox)
	c.until("the space is handed in and dropped", func() bool {
		if err := a.awaitReady(t.Context()); err != nil { // it begins anew, and may have another address
			t.Fatal(err)
		}
		s, err := c.Status(t.Context(), eastBox)
		return err == nil && s.Waiting == 0 && !slices.ContainsFunc(s.Spaces, func(sp web.Space) bool { return sp.Space == west })
	})
	if _, _, ok := c.look(eastBox, name); ok {
		t.Error("the record is still at the box")
	}
	if got := c.total(1, "grid_visit.visits"); got != 3 {
		t.Errorf("the county counts %d visits, want 3", got)
	}
	renew("140581105*/open,140581105*/personal,140581/personal")
	c.until("the space is back", func() bool {
		_, level, ok := c.look(eastBox, name)
		return ok && level == "county" && c.agreed()
	})
	again := c.save(eastBox, "grid_visit", visit("140581105212", 3))
	c.until("and goes on", func() bool { _, level, ok := c.look(eastBox, again); return ok && level == "county" })
}
