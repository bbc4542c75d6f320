package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"
)

func TestCompactingGivesSpaceBackAndChangesNothing(t *testing.T) {
	o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	var before string
	opened(t, o, func(s *Store) {
		for i := range 20 {
			save(t, s, village, recordID(i), strings.Repeat("x", 20_000))
		}
		before = told(t, s)
	})
	tamper(t, o, func(b func([]byte) *bolt.Bucket) error {
		return b(metaBucket).Put([]byte("ballast"), make([]byte, 4<<20))
	})
	tamper(t, o, func(b func([]byte) *bolt.Bucket) error { return b(metaBucket).Delete([]byte("ballast")) })
	was, is, err := Compact(o.Path)
	if err != nil || is > was/2 {
		t.Errorf("%d bytes became %d: %v", was, is, err)
	}
	if found := examined(t, o); len(found.Faults) > 0 {
		t.Errorf("%+v", found.Faults)
	}
	opened(t, o, func(s *Store) {
		if told(t, s) != before {
			t.Error("the content changed")
		}
		save(t, s, village, recordID(1), "goes on")
	})
}

func TestADamagedFileIsNotCompacted(t *testing.T) {
	o := worked(t)
	b, err := os.ReadFile(o.Path)
	if err != nil {
		t.Fatal(err)
	}
	for at := 3 * os.Getpagesize(); at < len(b); at += os.Getpagesize() {
		b[at+8] = 99 // no page is of this sort
	}
	if err := os.WriteFile(o.Path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Compact(o.Path); err == nil || !strings.Contains(err.Error(), "wangge verify") {
		t.Errorf("got %v", err)
	}
	if after, _ := os.ReadFile(o.Path); string(after) != string(b) {
		t.Error("the file changed")
	}
}

func TestABackupHasNoAuthorAndIsReinstatedUnderANewOne(t *testing.T) {
	o, dir := worked(t), t.TempDir()
	var epoch uint64
	opened(t, o, func(s *Store) { epoch = s.Epoch() })
	backup := filepath.Join(dir, "backup.db")
	if err := Backup(o.Path, backup); err != nil {
		t.Fatal(err)
	}
	if err := Backup(o.Path, backup); err == nil {
		t.Error("a backup was overwritten")
	}
	if b, _ := os.ReadFile(backup); strings.Contains(string(b), string(newDevice(1).Keep())) {
		t.Error("the backup holds the writer's key")
	}
	if _, err := Reinstate(o, backup, 0, nil); err == nil || !strings.Contains(err.Error(), "move it away first") {
		t.Errorf("a file that stands was replaced: %v", err)
	}
	o.Path = filepath.Join(dir, "fresh", "store.db")
	if found, err := Reinstate(o, backup, 0, nil); err != nil || found.Records != 190 {
		t.Fatalf("%+v, %v", found, err)
	}
	asked := false
	o.Author = func(kept []byte) (Author, error) {
		asked = kept == nil
		return newDevice(1), nil
	}
	opened(t, o, func(s *Store) {
		if !asked || s.Epoch() == epoch || s.Epoch() == 0 {
			t.Errorf("a new writer was asked for: %t; epoch %d after %d", asked, s.Epoch(), epoch)
		}
		if text(t, s, village, recordID(3)) != "after both" {
			t.Error("not everything is back")
		}
	})
}

func TestADamagedBackupIsNotReinstated(t *testing.T) {
	o := worked(t)
	tamper(t, o, func(b func([]byte) *bolt.Bucket) error { return b(recordBucket).Delete(recordKey(1, recordID(3))) })
	backup := o.Path
	o.Path = filepath.Join(t.TempDir(), "store.db")
	if _, err := Reinstate(o, backup, 0, nil); err == nil || !strings.Contains(err.Error(), "take another one") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(o.Path); err == nil {
		t.Error("it was reinstated")
	}
}
