package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"wangge/node"
)

// alone takes a box's peers away: a village without any signal.
func (c *county) alone(device uint32) (data string) {
	c.t.Helper()
	a, err := c.actor(device)
	if err != nil {
		c.t.Fatal(err)
	}
	c.Stop(device)
	path := filepath.Join(a.dir, "node.yaml")
	b, err := os.ReadFile(path)
	var config node.Config
	if err == nil {
		err = yaml.Unmarshal(b, &config)
	}
	config.Peers = nil
	if err == nil {
		b, err = yaml.Marshal(config)
	}
	if err == nil {
		err = os.WriteFile(path, b, 0o600)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	c.restart(device)
	return filepath.Join(a.dir, "data")
}

// ok runs the program, which must do what it is asked.
func (c *county) ok(args ...string) string {
	c.t.Helper()
	code, out, bad := wangge(c.t, nil, args...)
	if code != 0 {
		c.t.Fatalf("wangge %s: code %d, %s%s", strings.Join(args, " "), code, out, bad)
	}
	return out
}

// A village that has never had a signal: its work goes to the county on a stick, and
// what others wrote comes back on it.
func TestAVillageWithoutASignalReachesTheCountyByCourier(t *testing.T) {
	c := newCounty(t)
	river := c.alone(riverBox)
	hub, err := c.actor(2)
	if err != nil {
		t.Fatal(err)
	}
	stick := filepath.Join(t.TempDir(), "river.bundle")
	form := visit("140581108213", 1)
	form["person"] = "独居老人宋秀英"
	name := c.save(riverBox, "grid_visit", form)

	out := c.ok("bundle", "export", "--data", river, "--json", stick)
	var made exported
	if err := json.Unmarshal([]byte(out), &made); err != nil || made.Batches == 0 || made.To != 0 || made.More {
		t.Fatalf("export: %s %v", out, err)
	}
	carried, err := os.ReadFile(stick)
	if err != nil {
		t.Fatal(err)
	}
	for _, plain := range []string{"宋秀英", "140581108213", "grid_visit", "河口站"} {
		if bytes.Contains(carried, []byte(plain)) {
			t.Errorf("whoever carries the stick can read %q", plain)
		}
	}
	if out := c.ok("bundle", "show", stick); !strings.Contains(out, "for the county's hub, from device 6") || !strings.Contains(out, "whole") {
		t.Errorf("show: %s", out)
	}
	code, _, bad := wangge(t, nil, "bundle", "import", "--data", filepath.Join(filepath.Dir(filepath.Dir(river)), "box-4", "data"), stick)
	if code != exitFailed || !strings.Contains(bad, "for the county's hub") || !strings.Contains(bad, "device 4 (城东站") {
		t.Errorf("imported at a box: code %d, %s", code, bad)
	}
	var taken imported
	out = c.ok("bundle", "import", "--data", filepath.Join(hub.dir, "data"), "--json", stick)
	if err := json.Unmarshal([]byte(out), &taken); err != nil || taken.New != made.Batches || taken.Answer != stick+".answer" {
		t.Fatalf("import at the hub: %s %v", out, err)
	}
	if got := c.total(1, "grid_visit.visits"); got != 1 {
		t.Errorf("the county counts %d visits", got)
	}
	c.ok("bundle", "import", "--data", river, taken.Answer)
	if _, level, _ := c.look(riverBox, name); level != "county" {
		t.Errorf("the box shows %s", level)
	}
	if code, _, bad := wangge(t, nil, "bundle", "export", "--data", river, "--all", "--limit", "6KB", stick+"2"); code != exitFailed || !strings.Contains(bad, "no room for anything") {
		t.Errorf("a limit of nothing: code %d, %s", code, bad)
	}
	torn := stick + ".torn"
	if err := os.WriteFile(torn, carried[:len(carried)-200], 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, bad = wangge(t, nil, "bundle", "import", "--data", filepath.Join(hub.dir, "data"), "--no-answer", torn)
	if code != exitPartial || !strings.Contains(bad, "torn behind frame") || strings.Contains(bad, "refused") {
		t.Errorf("a torn bundle: code %d, %s", code, bad)
	}
	c.Stop(riverBox) // and now while it does not run
	if out := c.ok("bundle", "export", "--data", river, "--json", stick); !strings.Contains(out, `"batches":0`) {
		t.Errorf("what the county has goes again: %s", out)
	}
	c.ok("bundle", "import", "--data", river, taken.Answer)
	code, _, bad = wangge(t, nil, "bundle", "import", "--data", filepath.Join(hub.dir, "nowhere"), "--keys", filepath.Join(hub.dir, "keys"), stick)
	if code != exitFailed || !strings.Contains(bad, "no node has run") {
		t.Errorf("import where nothing is: code %d, %s", code, bad)
	}
}
