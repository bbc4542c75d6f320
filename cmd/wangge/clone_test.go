package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wangge/node/web"
)

// clone starts a second machine on a copy of a stopped box's whole folder: the
// same keys, the same data, another address.
func (c *county) clone(device uint32) *actor {
	c.t.Helper()
	a := c.actors[device-1]
	dir := filepath.Join(c.dir, "clone")
	link, err := freePort()
	if err == nil {
		err = copyFolder(a.dir, dir)
	}
	twin := &actor{device: a.device, dir: dir, program: a.program, link: link}
	if err == nil {
		err = twin.configure(c.actors)
	}
	if err == nil {
		err = twin.start()
	}
	if err == nil {
		c.t.Cleanup(twin.kill)
		err = twin.awaitReady(c.t.Context())
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return twin
}

// copyFolder copies a folder's files; sockets are none.
func copyFolder(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		rest, err2 := filepath.Rel(from, path)
		if err = errors.Join(err, err2); err != nil {
			return err
		}
		switch at := filepath.Join(to, rest); {
		case d.IsDir():
			return os.MkdirAll(at, 0o700)
		case d.Type().IsRegular():
			b, err := os.ReadFile(path)
			return errors.Join(err, os.WriteFile(at, b, 0o600))
		}
		return nil
	})
}

// of asks a node's client instead of a listed device's.
func (c *county) of(a *actor) *client {
	c.t.Helper()
	cl, err := a.client()
	if err != nil {
		c.t.Fatal(err)
	}
	return cl
}

func (c *county) versions(cl *client, name web.Name, field string) (values []string, level string) {
	c.t.Helper()
	var r web.Record
	if err := cl.getJSON(c.t.Context(), recordPath(name), &r); err != nil {
		return nil, ""
	}
	for _, f := range r.Fields {
		for _, v := range f.Versions {
			if f.Name == field {
				values = append(values, v.Value.(string))
			}
		}
	}
	slices.Sort(values)
	return values, r.Reached
}

// A box is copied whole, and both machines go on under one name. Once they have
// met the county, what both wrote is there, once; what they both changed stands
// side by side; each goes on under a name of its own; and everybody is told.
func TestACopiedBoxThatRunsTwiceLosesNothing(t *testing.T) {
	c := newCounty(t)
	old := c.save(riverBox, "grid_visit", visit("140581108213", 1))
	c.until("all nodes agree", c.agreed)
	c.Stop(riverBox)
	twin := c.clone(riverBox)
	c.restart(riverBox)
	if err := twin.cutLink(true); err != nil {
		t.Fatal(err)
	}
	if err := c.Cut(riverBox, true); err != nil {
		t.Fatal(err)
	}
	var answer struct{ Records []web.Name }
	edit := func(cl *client, status string) {
		c.send("PATCH", cl, recordPath(old), map[string]any{"edits": []web.Edit{{Field: "status", Set: status}}}, nil)
	}
	edit(c.ask(riverBox), "已解决")
	c.save(riverBox, "grid_visit", visit("140581108213", 2))
	edit(c.of(twin), "待跟进")
	c.send("POST", c.of(twin), "/api/records?kind=grid_visit", visit("140581108213", 3), &answer)
	if err := twin.cutLink(false); err != nil {
		t.Fatal(err)
	}
	if err := c.Cut(riverBox, false); err != nil {
		t.Fatal(err)
	}
	want := []string{"已解决", "待跟进"}
	slices.Sort(want)
	both := func(cl *client) bool {
		values, level := c.versions(cl, old, "status")
		return slices.Equal(values, want) && level == "county"
	}
	c.until("both show what both wrote, at the county", func() bool {
		return c.counts("grid_visit.visits", 3) && both(c.ask(riverBox)) && both(c.of(twin))
	})
	c.save(riverBox, "grid_visit", visit("140581108213", 4))
	c.send("POST", c.of(twin), "/api/records?kind=grid_visit", visit("140581108213", 5), &answer)
	c.until("what both wrote since is there too", func() bool { return c.counts("grid_visit.visits", 5) })
	c.until("all know of it, and nothing is on its way", func() bool {
		for hub := uint32(1); hub <= 3; hub++ {
			if forked := c.status(hub).Forked; len(forked) != 1 || forked[0].Device != "河口站" || forked[0].Closed == 0 || len(forked[0].Arms) == 0 {
				return false
			}
		}
		s := c.status(riverBox)
		return len(s.Forked) == 1 && s.Waiting == 0 && len(s.Refusals()) == 0
	})
	code, out, _ := wangge(t, nil, "status", "--node", c.ask(1).base)
	if code != 0 || !strings.Contains(out, "(forked): 河口站 was copied") {
		t.Errorf("status: code %d, %s", code, out)
	}
	c.Stop(riverBox)
	data := filepath.Join(c.actors[riverBox-1].dir, "data")
	if code, out, bad := wangge(t, nil, "explain", "--data", data, old.Space, old.ID, "status"); code != 0 || !strings.Contains(out, "河口站的副本") {
		t.Errorf("explain: code %d, %s%s", code, out, bad)
	}
	if code, out, bad := wangge(t, nil, "verify", "--data", data); code != 0 {
		t.Errorf("verify: code %d, %s%s", code, out, bad)
	}
}
