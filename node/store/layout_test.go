package store

import (
	"bytes"
	"os"
	"testing"

	bolt "go.etcd.io/bbolt"
)

// Pages that were written in another order lie elsewhere.
func TestFilesThatHoldTheSameAreLaidOutTheSame(t *testing.T) {
	var files [2][]byte
	for i := range files {
		o := worked(t)
		if i > 0 {
			tamper(t, o, func(b func([]byte) *bolt.Bucket) error { return b(logBucket).Put([]byte("x"), make([]byte, 9000)) })
			tamper(t, o, func(b func([]byte) *bolt.Bucket) error { return b(logBucket).Delete([]byte("x")) })
		}
		before, err := os.ReadFile(o.Path)
		if err != nil {
			t.Fatal(err)
		}
		if err := LayOut(o.Path); err != nil {
			t.Fatal(err)
		}
		if files[i], err = os.ReadFile(o.Path); err != nil || bytes.Equal(files[i], before) {
			t.Fatalf("the file lies as before: %v", err)
		}
		if found := examined(t, o); len(found.Faults) > 0 {
			t.Errorf("laying the file out spoiled it: %+v", found.Faults)
		}
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("the same content makes two files")
	}
}
