package store

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"wangge/crdt"
	"wangge/sync/wire"
)

// meta changes a value in a closed file.
func meta(t *testing.T, path, key string, value []byte) {
	t.Helper()
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Update(func(tx *bolt.Tx) error { return tx.Bucket(metaBucket).Put([]byte(key), value) }); err != nil {
		t.Fatal(err)
	}
}

func TestAFileThatIsNotOursIsRefusedInPlainWords(t *testing.T) {
	for name, c := range map[string]struct {
		key, want string
		value     []byte
	}{
		"another county's": {"county", "another county", make([]byte, len(wire.County{}))},
		"a newer format":   {"format", "update this node", []byte{formatVersion + 1}},
		"no format":        {"format", "update this node", nil},
	} {
		t.Run(name, func(t *testing.T) {
			o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
			s := open(t, o)
			save(t, s, village, recordID(1), "x")
			s.Close()
			before := metaValue(t, o.Path, c.key)
			meta(t, o.Path, c.key, c.value)
			if _, err := Open(o); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			meta(t, o.Path, c.key, before) // the refusal let go of the file and left it whole
			if got := text(t, open(t, o), village, recordID(1)); got != "x" {
				t.Errorf("found %q", got)
			}
		})
	}
}

func metaValue(t *testing.T, path, key string) (value []byte) {
	t.Helper()
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.View(func(tx *bolt.Tx) error {
		value = append(value, tx.Bucket(metaBucket).Get([]byte(key))...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestAFileInUseIsRefusedInPlainWords(t *testing.T) {
	o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	open(t, o)
	_, err := Open(o)
	if want := o.Path + " is in use by another process: stop that node first"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestAfterCloseEverythingFailsAndNothingHangs(t *testing.T) {
	s := newStore(t, 1)
	save(t, s, village, recordID(1), "x")
	s.Close()
	if err := s.Save(visit(village, recordID(2), "y")); err == nil {
		t.Error("saved after close")
	}
	if _, err := s.Record(village, recordID(1)); err == nil {
		t.Error("read after close")
	}
}

// The first byte says whether there is a checksum: losing it must not be the way past that.
func TestADamagedHeadIsNoOther(t *testing.T) {
	key := streamKey(1, 2)
	for _, h := range []head{
		{seq: 3, box: 2, hub: 1}, {seq: 70_000, hash: wire.Hash{31: 7}, hub: 300},
		{seq: 9, hub: 9, floor: floor{4, wire.Hash{1}}}, {seq: 9, hub: 9, had: since{9, crdt.NewStamp(1_700_000_000_000)}},
	} {
		good := h.encode(key)
		for i := range good {
			for flip := 1; flip < 256; flip++ {
				b := bytes.Clone(good)
				b[i] ^= byte(flip)
				if got, err := decodeHead(key, b); err == nil {
					t.Fatalf("byte %d of %x changed by %x is read as %+v", i, good, flip, got)
				}
			}
		}
	}
}

func FuzzDecodeHead(f *testing.F) {
	f.Add(head{seq: 3, box: 2, hub: 1}.encode(streamKey(1, 2)))
	f.Add(head{seq: 3, box: 2, hub: 1}.append(nil)) // of formats 1 to 3
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := decodeHead(streamKey(1, 2), b)
		if err == nil && string(h.append(nil)) != string(b) && string(h.encode(streamKey(1, 2))) != string(b) {
			t.Errorf("%x came back as %x", b, h.encode(streamKey(1, 2)))
		}
	})
}

func FuzzDecodeSpace(f *testing.F) {
	f.Add(space{number: 3, records: 2, sum: sum{1, 2, 3, 4}}.encode())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		if sp, err := decodeSpace(b); err == nil && string(sp.encode()) != string(b) {
			t.Errorf("%x came back as %x", b, sp.encode())
		}
	})
}

func FuzzSplitEntry(f *testing.F) {
	f.Add(joinEntry([]byte("signature"), []byte("batch")))
	f.Add(joinEntry(nil, []byte("batch")))
	f.Add([]byte{255, 1})
	f.Add(joinEntry(make([]byte, 255), []byte("batch")))
	f.Fuzz(func(t *testing.T, b []byte) {
		signature, batch := splitEntry(b)
		if batch != nil && fmt.Sprint(joinEntry(signature, batch)) != fmt.Sprint(b) {
			t.Errorf("%x came apart as %x and %x", b, signature, batch)
		}
	})
}
