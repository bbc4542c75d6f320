package store

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"
)

// What nothing in the log vouches for is not believed when a bit of it has changed, at no
// machine: the county's is replaced, and a box asks the county.
func TestNoBitOfWhatNothingVouchesForChangesUnnoticed(t *testing.T) {
	own := newDevice(1).writer
	for what, at := range map[string]struct{ bucket, key []byte }{
		"a head":  {streamBucket, streamKey(1, own)},
		"applied": {metaBucket, appliedKey},
		"clock":   {metaBucket, clockKey},
		"epoch":   {metaBucket, epochKey},
	} {
		o := worked(t)
		var whole []byte
		tamper(t, o, func(b func([]byte) *bolt.Bucket) error {
			whole = bytes.Clone(b(at.bucket).Get(at.key))
			return nil
		})
		for bit := range len(whole) * 8 {
			spoilt := slices.Clone(whole)
			spoilt[bit/8] ^= 1 << (bit % 8)
			tamper(t, o, func(b func([]byte) *bolt.Bucket) error { return b(at.bucket).Put(at.key, spoilt) })
			if found := examined(t, o); len(found.Faults) == 0 {
				t.Fatalf("%s: nobody notices that bit %d is another", what, bit)
			}
		}
		if _, err := Open(o); err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("%s: a node starts with it: %v", what, err)
		}
		repaired(t, o)
		opened(t, o, func(s *Store) { save(t, s, village, recordID(1), "goes on") })
	}
}

// A page of kept trees is looked at though nobody leans on it today.
func TestADamagedPageOfKeptTreesIsTold(t *testing.T) {
	o := worked(t)
	tamper(t, o, func(b func([]byte) *bolt.Bucket) error {
		for i := range byte(200) { // enough to have pages of their own
			if err := b(keptTreeBucket).Put([]byte{9, 9, 9, i}, bytes.Repeat([]byte("kept"), 40)); err != nil {
				return err
			}
		}
		return nil
	})
	b, err := os.ReadFile(o.Path)
	if err != nil {
		t.Fatal(err)
	}
	b = bytes.ReplaceAll(b, []byte("\x09\x09\x09\x01kept"), []byte("\x09\x09\x09\x00kept"))
	if err := os.WriteFile(o.Path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if found := examined(t, o); len(found.Faults) == 0 {
		t.Error("nobody notices")
	}
}
