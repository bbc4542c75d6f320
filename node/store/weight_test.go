package store

import (
	"path/filepath"
	"testing"
)

func TestAFilesWeightIsThatOfItsBuckets(t *testing.T) {
	o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	s := open(t, o)
	for n := range 100 {
		if err := s.Save(func(d *Draft) error { form(d, n); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, size, err := Compact(o.Path)
	if err != nil {
		t.Fatal(err)
	}
	weights, err := Weigh(o.Path)
	if err != nil {
		t.Fatal(err)
	}
	keys, pages := map[string]int{}, int64(0)
	for _, w := range weights {
		keys[w.Bucket] = w.Keys
		pages += w.Pages
		if w.Bytes > 4096 && w.Pages < w.Bytes {
			t.Errorf("%+v", w)
		}
	}
	if keys["log packs"] != 1 || keys["records"] != 0 || keys["record packs"] == 0 || keys["recent"] != 100 || keys["streams"] != 1 {
		t.Errorf("%v", keys)
	}
	// A compacted file holds its buckets' pages and little else.
	if pages > size || size-pages > 64<<10 {
		t.Errorf("pages of %d bytes in a file of %d", pages, size)
	}
}

func TestPlainBboltKeepsWhatItIsGiven(t *testing.T) {
	path := filepath.Join(t.TempDir(), "plain.db")
	for range 2 {
		p, err := OpenPlain(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Put([]byte("a"), []byte("b")); err != nil {
			t.Fatal(err)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	}
	weights, err := Weigh(path)
	if err != nil || len(weights) != 1 || weights[0].Keys != 4 {
		t.Fatalf("%v, %v", weights, err)
	}
}
