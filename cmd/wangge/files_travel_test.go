package main

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"testing"

	"wangge/node/web"
)

// picture returns a picture of so many bytes that no coder makes smaller.
func picture(seed byte, size int) []byte {
	b := make([]byte, size)
	rand.NewChaCha8([32]byte{seed}).Read(b)
	copy(b, "\xff\xd8\xff\xe0\x00\x10JFIF\x00")
	return b
}

// upload gives a box a picture, and returns it as forms name it.
func (c *county) upload(device uint32, content []byte) (file map[string]any) {
	c.t.Helper()
	answer, err := c.ask(device).do(c.t.Context(), http.MethodPost, "/api/files", "application/octet-stream", content)
	if err == nil {
		err = json.Unmarshal(answer, &file)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return file
}

// opens reports whether a box's page shows a picture.
func (c *county) opens(device uint32, file map[string]any, content []byte) bool {
	got, err := c.ask(device).get(c.t.Context(), "/api/files/"+file["root"].(string))
	return err == nil && bytes.Equal(got, content)
}

// A photo is taken at one box while machines are killed, and seen at another one.
func TestAPhotoOutlivesKilledMachinesOnItsWay(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a county of processes")
	}
	c := newCounty(t)
	content, small := picture(1, 15<<20), picture(2, 20<<10)
	photo := c.upload(eastBox, content)
	preview := c.upload(eastBox, small)
	photo["preview"] = preview
	form := visit("140581105211", 1)
	form["photos"] = []any{photo}
	c.save(eastBox, "grid_visit", form)
	part := func(device uint32) bool { // some of the photo is there, and not all
		s, err := c.Status(t.Context(), device)
		return err == nil && s.Files.Left > 0 && s.Files.Left < int64(len(content))
	}
	c.until("a part of the photo at the hub", func() bool { return part(1) || part(2) || part(3) })
	for _, device := range []uint32{1, 2, 3, eastBox} {
		c.harmless(c.Stop(device))
	}
	for _, device := range []uint32{1, 2, 3, eastBox} {
		c.harmless(c.Start(device))
	}
	c.until("the light of who took it is green", func() bool {
		s, err := c.Status(t.Context(), eastBox)
		return err == nil && s.Light == web.LightSafe
	})
	if holders := c.holders(2); holders < 2 {
		t.Errorf("the light is green, and %d of three replicas have the photo", holders)
	}
	c.until("the photo at every replica", func() bool { return c.holders(2) == 3 })
	c.until("the preview at the other box", func() bool { return c.opens(westBox, preview, small) })
	c.until("the photo at the other box, for who asks to see it", func() bool { return c.opens(westBox, photo, content) })
}

func (c *county) harmless(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}
