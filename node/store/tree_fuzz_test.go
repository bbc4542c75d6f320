package store

import (
	"bytes"
	"testing"
)

func FuzzDecodeTree(f *testing.F) {
	f.Add(tree{signature: []byte("signature"), leaves: []leaf{{1, 2, [32]byte{3}}, {4, 5, [32]byte{6}}}}.encode())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := decodeTree(b)
		if err != nil {
			return
		}
		if again := got.encode(); !bytes.Equal(again, b) {
			t.Errorf("%x comes back as %x", b, again)
		}
	})
}
