package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wangge/node/web"
)

// carries imports a bundle, and returns what the command says of it.
func (c *county) carries(data, stick string, args ...string) (taken imported, code int, bad string) {
	c.t.Helper()
	code, out, bad := wangge(c.t, nil, append([]string{"bundle", "import", "--data", data, "--json", stick}, args...)...)
	if err := json.Unmarshal([]byte(out), &taken); err != nil {
		c.t.Fatalf("import of %s: code %d, %s%s", stick, code, out, bad)
	}
	return taken, code, bad
}

// photographs saves a form with a photo at a box, and returns its preview.
func (c *county) photographs(device uint32, form map[string]any, content, small []byte) (preview map[string]any) {
	c.t.Helper()
	photo := c.upload(device, content)
	preview = c.upload(device, small)
	photo["preview"] = preview
	form["photos"] = []any{photo}
	c.save(device, "grid_visit", form)
	return preview
}

// holders returns how many replicas have so many files, and lack none.
func (c *county) holders(files int) (n int) {
	for _, device := range []uint32{1, 2, 3} {
		if s, err := c.Status(c.t.Context(), device); err == nil && s.Files.Missing == 0 && s.Files.Count == files {
			n++
		}
	}
	return n
}

// A village that never has a signal brings its photos to the county on small sticks, sees by
// the answer which of them most replicas have, and sees the photos of others.
func TestAVillageWithoutASignalBringsItsPhotosByCourier(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a county of processes")
	}
	c := newCounty(t)
	river := c.alone(riverBox)
	hub, err := c.actor(2)
	c.harmless(err)
	data := filepath.Join(hub.dir, "data")
	content, small, seen := picture(1, 2<<20), picture(2, 20<<10), picture(4, 9<<10)
	c.photographs(riverBox, visit("140581108213", 1), content, small)
	otherPreview := c.photographs(westBox, visit("140581108214", 2), picture(3, 300<<10), seen) // in a space that the river's box holds
	c.until("the other's photo at the county", func() bool {
		s, err := c.Status(t.Context(), westBox)
		return err == nil && s.Light == web.LightSafe
	})

	stick := filepath.Join(t.TempDir(), "river.bundle")
	code, out, bad := wangge(t, nil, "bundle", "export", "--data", river, "--limit", "1MB", stick)
	if code != exitPartial || !strings.Contains(out, "photos and files: 2 of 2, 0.") || !strings.Contains(out, "did not fit") {
		t.Fatalf("the first stick: code %d, %s%s", code, out, bad)
	}
	carried, err := os.ReadFile(stick)
	c.harmless(err)
	if bytes.Contains(carried, content[100:132]) || bytes.Contains(carried, small[100:132]) {
		t.Error("whoever carries the stick can see the photo")
	}
	taken, _, bad := c.carries(data, stick)
	if f := taken.Files; f.Whole != 1 || f.New < 20 || f.Left != 0 || len(taken.Refused) > 0 {
		t.Fatalf("at the county: %+v, %q, %s", f, taken.Refused, bad)
	}
	back, _, _ := c.carries(river, taken.Answer)
	if back.Files.Receipts != 1 || !c.opens(riverBox, otherPreview, seen) {
		t.Errorf("the answer: %+v; the other's preview is here: %t", back.Files, c.opens(riverBox, otherPreview, seen))
	}
	if s, err := c.Status(t.Context(), riverBox); err != nil || s.Light == web.LightSafe {
		t.Errorf("a photo waits, and the light is %s; %v", s.Light, err)
	}
	out = c.ok("bundle", "export", "--data", river, "--json", stick)
	var made exported
	if err := json.Unmarshal([]byte(out), &made); err != nil || made.Files.Files != 1 || made.Files.Bytes > 13<<17 || made.Batches != 0 {
		t.Errorf("the second stick does not go on at the piece: %s", out)
	}
	taken, _, bad = c.carries(data, stick)
	if taken.Files.Whole != 1 || taken.Files.Known != 0 {
		t.Errorf("at the county: %+v, %s", taken.Files, bad)
	}
	c.carries(river, taken.Answer)
	if s, err := c.Status(t.Context(), riverBox); err != nil || s.Light != web.LightSafe {
		t.Errorf("most replicas have all, and the light is %s; %v", s.Light, err)
	}
	if holders := c.holders(4); holders < 2 {
		t.Errorf("the light is green, and %d of three replicas have the photos", holders)
	}
	if again, _, _ := c.carries(data, stick, "--no-answer"); again.Files.New != 0 || again.Files.Known == 0 || again.Files.Whole != 0 {
		t.Errorf("brought twice: %+v", again.Files)
	}
}
