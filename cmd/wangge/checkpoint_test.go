package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sync/errgroup"
)

// A box whose disk is new starts from what the county sealed, not from a
// thousand forms one by one, and works on as if it had never been away.
func TestABoxWithANewDiskStartsFromTheCountysCheckpoint(t *testing.T) {
	const forms = 1100
	c := newCounty(t)
	var g errgroup.Group
	g.SetLimit(16)
	east := c.ask(eastBox)
	for n := range forms {
		g.Go(func() error {
			form, err := json.Marshal(visit("140581105211", n))
			if err == nil {
				_, err = east.do(t.Context(), "POST", "/api/records?kind=grid_visit", "application/json", form)
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	c.until("everyone has the same", c.agreed)
	for _, device := range []uint32{eastBox, westBox} { // so that nobody but the county can help
		if err := c.Stop(device); err != nil {
			t.Fatal(err)
		}
	}
	west, err := c.actor(westBox)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(west.dir, "data")); err != nil {
		t.Fatal(err)
	}
	c.restart(westBox)
	space := func() (dropped, records uint64) {
		for _, sp := range c.status(westBox).Spaces {
			if sp.Space == "140581105211/personal" {
				return sp.Dropped, sp.Records
			}
		}
		return 0, 0
	}
	c.until("the box has the records", func() bool { _, records := space(); return records == forms })
	if dropped, _ := space(); dropped < forms {
		t.Errorf("only %d of %d batches came merged", dropped, forms)
	}
	name := c.save(westBox, "grid_visit", visit("140581105211", forms))
	c.restart(eastBox)
	c.save(eastBox, "grid_visit", visit("140581105211", forms+1))
	c.until("everyone has the same again", c.agreed)
	if _, level, ok := c.look(eastBox, name); !ok || level != "county" {
		t.Errorf("what the new box wrote is at the other at level %q", level)
	}
	if got := c.total(1, "grid_visit.visits"); got != forms+2 {
		t.Errorf("the county counts %d visits, want %d", got, forms+2)
	}
}
