package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"wangge/node/web"
)

// spoil changes a byte of a file on a box's disk.
func (c *county) spoil(device uint32, file map[string]any) {
	c.t.Helper()
	root := file["root"].(string)
	paths, err := filepath.Glob(filepath.Join(c.dir, "*", "data", "files", root[:2], root))
	if err != nil || len(paths) != 1 {
		c.t.Fatalf("the file is at %v, %v", paths, err)
	}
	b, err := os.ReadFile(paths[0])
	c.harmless(err)
	b[10_000] ^= 1
	c.harmless(os.WriteFile(paths[0], b, 0o600))
	if _, err := c.ask(device).get(c.t.Context(), "/api/files/"+root); err == nil {
		c.t.Error("a damaged photo was shown")
	}
}

// A photo is damaged on the only disk that has it. The box says so, through a kill; a
// clerk notes what was done; and when the photo is added again all is well.
func TestADamagedPhotoIsDealtWithFromTheCommandLine(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a county of processes")
	}
	c := newCounty(t)
	c.harmless(c.Cut(eastBox, true))
	content := picture(3, 200<<10)
	photo := c.upload(eastBox, content)
	form := visit("140581105211", 1)
	form["photos"] = []any{photo}
	c.save(eastBox, "grid_visit", form)
	c.spoil(eastBox, photo)
	c.harmless(c.Stop(eastBox)) // as a power cut would
	c.harmless(c.Start(eastBox))
	c.until("the damage is told", func() bool { return c.status(eastBox).Light == web.LightAttention })
	attention := func(args ...string) (int, string, string) { // a box has another port after each start
		return wangge(t, nil, slices.Concat([]string{"attention"}, args[:min(1, len(args))], []string{"--node", c.ask(eastBox).base}, args[min(1, len(args)):])...)
	}
	code, out, bad := attention()
	id := regexp.MustCompile(`\n  id (file-[0-9a-f]{16})\n`).FindStringSubmatch(out)
	if code != 0 || id == nil || !strings.Contains(out, "is damaged on this box's disk") || !strings.Contains(out, "\n  record ") {
		t.Fatalf("code %d, %s, in\n%s", code, bad, out)
	}
	if code, _, bad := attention("aside", id[1]); code != exitUsage {
		t.Errorf("without a name: code %d, %s", code, bad)
	}
	if code, _, bad := attention("aside", "--by", "王秀英", "--reason", "照片要重拍", id[1]); code != 0 {
		t.Fatalf("code %d, %s", code, bad)
	}
	s := c.status(eastBox)
	if s.Light == web.LightAttention || s.Light == web.LightSafe || s.Unsent.Files != 1 || len(s.Dealt) != 1 {
		t.Errorf("put aside, and the light is %s, %+v, dealt with %+v", s.Light, s.Unsent, s.Dealt)
	}
	c.harmless(c.Stop(eastBox))
	c.harmless(c.Start(eastBox))
	if _, out, _ := attention(); !strings.Contains(out, "dealt with (still there)") || !strings.Contains(out, "王秀英") {
		t.Errorf("after a kill:\n%s", out)
	}
	c.upload(eastBox, content)
	c.until("the light is green", func() bool { return c.status(eastBox).Light == web.LightSafe })
	if _, out, _ := attention(); !strings.Contains(out, "nothing needs attention") || !strings.Contains(out, "dealt with (gone since)") {
		t.Errorf("in the end:\n%s", out)
	}
}
