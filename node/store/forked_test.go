package store

import (
	"path/filepath"
	"reflect"
	"runtime/debug"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"wangge/sync/wire"
)

// TestWhatIsKnownOfForksOutlivesTheFilesPages looks at freezes when the pages that
// they were read from are no longer mapped, as after any growth of the file.
func TestWhatIsKnownOfForksOutlivesTheFilesPages(t *testing.T) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	own := newDevice(1)
	path := filepath.Join(t.TempDir(), "store.db")
	open(t, own.options(path)).Close()
	freeze := wire.Freeze{Space: village, Writer: own.writer, Seq: 3, Hash: wire.Hash{7}, Signature: []byte(strings.Repeat("s", 300))}
	file, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = file.Update(func(tx *bolt.Tx) error {
		st := stream{village, own.writer}
		return tx.Bucket(freezeBucket).Put(forkKey(st), wire.Encode(freeze))
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
	if !reflect.DeepEqual(known, []wire.Message{freeze}) {
		t.Errorf("known of forks is %v", known)
	}
}
