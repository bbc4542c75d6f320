package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/store"
)

// stopped makes the folders of a box that wrote one record with a photo, and
// stopped.
func stopped(t *testing.T) (d folder) {
	t.Helper()
	dir := t.TempDir()
	county, err := policy.NewCounty(filepath.Join(dir, "county"), "试验县", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	d = folder{data: filepath.Join(dir, "data"), keys: filepath.Join(dir, "keys")}
	_, err = county.Enrol(policy.Device{
		Name: "城东站", Role: policy.Box, Ring: "140581105", Holds: []policy.Pattern{"140581105*/personal"}, Writes: []policy.Pattern{"140581*/personal"},
	}, d.keys, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	o, id, err := d.open()
	if err != nil {
		t.Fatal(err)
	}
	o.Author = func([]byte) (store.Author, error) { return id.NewWriter() }
	s, err := store.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	root, size, err := s.Files().Write(strings.NewReader(strings.Repeat("photo", 20_000)))
	if err == nil {
		a := crdt.Attachment{File: crdt.File{Root: root, Size: size, Media: "image/jpeg"}}
		err = s.Save(func(draft *store.Draft) error {
			draft.Write(crdt.Space{Area: "140581105211", Class: crdt.Personal}, crdt.Record{}.Attach(crdt.RecordID{1}.Of("grid_visit"), "grid_visit", 13, a.Value()))
			return nil
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return d
}

// photoOf returns where a folder keeps its one photo.
func photoOf(t *testing.T, data string) string {
	t.Helper()
	paths, _ := filepath.Glob(filepath.Join(data, "files", "??", "*"))
	if len(paths) != 1 {
		t.Fatalf("%s holds %v, want one photo", data, paths)
	}
	return paths[0]
}

func TestPhotosAreBackedUpProvenAndRestored(t *testing.T) {
	d := stopped(t)
	usb := t.TempDir()
	says := func(want string, code int, args ...string) {
		t.Helper()
		got, out, bad := wangge(t, nil, args...)
		if got != code || !strings.Contains(out+bad, want) {
			t.Errorf("%v: code %d, want %d with %q:\n%s%s", args, got, code, want, out, bad)
		}
	}
	keys := func(data string) []string { return []string{"--data", data, "--keys", d.keys} }
	says("1 photos and files, 100000 bytes", 0, append([]string{"verify"}, keys(d.data)...)...)
	says("1 photos and files with 100000 bytes are copied", 0, append(append([]string{"backup"}, keys(d.data)...), filepath.Join(usb, "one.db"))...)
	says("0 photos and files with 0 bytes are copied", 0, append(append([]string{"backup"}, keys(d.data)...), filepath.Join(usb, "two.db"))...)
	says("left out", 0, append(append([]string{"backup", "--without-files"}, keys(d.data)...), filepath.Join(t.TempDir(), "bare.db"))...)

	b, err := os.ReadFile(photoOf(t, d.data))
	if err != nil {
		t.Fatal(err)
	}
	b[40_000] ^= 1
	if err := os.WriteFile(photoOf(t, d.data), b, 0o600); err != nil {
		t.Fatal(err)
	}
	says("1 of its 7 pieces are damaged: [2]", exitFailed, append([]string{"verify"}, keys(d.data)...)...)
	says("repaired", 0, append([]string{"verify", "--repair"}, keys(d.data)...)...)
	says("not here: file", 0, append([]string{"verify"}, keys(d.data)...)...)
	says("1 that records refer to are not here", 0, append(append([]string{"backup"}, keys(d.data)...), filepath.Join(t.TempDir(), "bare.db"))...)

	fresh := filepath.Join(t.TempDir(), "data")
	says("1 photos and files with 100000 bytes are copied", 0, append(append([]string{"restore"}, keys(fresh)...), filepath.Join(usb, "two.db"))...)
	says("1 photos and files, 100000 bytes", 0, append([]string{"verify"}, keys(fresh)...)...)

	if err := os.WriteFile(photoOf(t, usb), b[:50_000], 0o600); err != nil { // the stick is worn
		t.Fatal(err)
	}
	worn := filepath.Join(t.TempDir(), "data")
	says("1 are damaged: neither is copied", 0, append(append([]string{"restore"}, keys(worn)...), filepath.Join(usb, "one.db"))...)
}
