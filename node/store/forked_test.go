package store

import (
	"path/filepath"
	"reflect"
	"runtime/debug"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"wangge/crdt"
	"wangge/sync/wire"
)

// TestWhatIsKnownOfForksOutlivesTheFilesPages looks at freezes when the pages that
// they were read from are no longer mapped, as after any growth of the file.
func TestWhatIsKnownOfForksOutlivesTheFilesPages(t *testing.T) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	own := newDevice(1)
	path := filepath.Join(t.TempDir(), "store.db")
	open(t, own.options(path)).Close()
	var freezes []wire.Message // enough to have pages of their own
	for i := range uint64(100) {
		freezes = append(freezes, wire.Freeze{Space: village, Writer: crdt.Writer(i + 1), Seq: 3, Hash: wire.Hash{7}, Signature: []byte(strings.Repeat("s", 300))})
	}
	file, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = file.Update(func(tx *bolt.Tx) error {
		for _, m := range freezes {
			f := m.(wire.Freeze)
			if err := tx.Bucket(freezeBucket).Put(forkKey(stream{f.Space, f.Writer}), wire.Encode(f)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	s := open(t, own.options(path))
	known := s.Freezes()
	s.Close()
	if !reflect.DeepEqual(known, freezes) {
		t.Errorf("known of forks is %v", known)
	}
}
