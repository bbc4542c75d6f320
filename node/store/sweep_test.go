package store

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"wangge/crdt"
)

// The store's file is another one, or has lost records: until peers have brought them again
// nothing refers to the photos beside it, which may be nowhere else.
func TestPhotosOutliveTheStoreThatNamedThem(t *testing.T) {
	const grace = time.Hour
	for name, lose := range map[string]func(t *testing.T, o Options){
		"moved away": func(t *testing.T, o Options) {
			if err := os.Remove(o.Path); err != nil {
				t.Fatal(err)
			}
		},
		"put back": func(t *testing.T, o Options) {
			empty := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
			open(t, empty).Close()
			if err := os.Remove(o.Path); err != nil {
				t.Fatal(err)
			}
			if _, err := Reinstate(o, empty.Path, 0, nil); err != nil {
				t.Fatal(err)
			}
		},
		"mended": func(t *testing.T, o Options) {
			spoil(t, o.Path, logBucket, func(v []byte) { v[len(v)-1] ^= 1 })
			if _, err := Repair(o, nil); err != nil {
				t.Fatal(err)
			}
		},
	} {
		now := morning
		o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
		o.Now = func() time.Time { return now }
		s := open(t, o)
		root := filed(t, s, noise(1, 100))
		if err := s.Save(attach(village, recordID(1), crdt.Attachment{File: root})); err != nil {
			t.Fatal(err)
		}
		s.Close()
		now = now.Add(2 * grace)
		lose(t, o)
		s = open(t, o)
		if referred, err := s.referred(root.Root); referred || err != nil {
			t.Fatalf("%s: the record is there still, %v", name, err)
		}
		if n, _, err := s.SweepFiles(grace); n > 0 || err != nil || !s.Files().Has(root.Root, root.Size) {
			t.Errorf("%s: the photo went, %v", name, err)
		}
		now = now.Add(2 * grace)
		if n, _, err := s.SweepFiles(grace); n != 1 || err != nil {
			t.Errorf("%s: it stays for ever, %v", name, err)
		}
		s.Close()
	}
}
