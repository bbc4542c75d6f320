package store

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// FuzzPages reads any bytes as a file: with faults, but without a panic and to
// an end.
func FuzzPages(f *testing.F) {
	golden, err := os.ReadFile(filepath.Join("testdata", "v1", "store.db"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(0, []byte{1}, uint8(0))
	f.Add(3*4096+8, []byte{1, 0, 255, 255}, uint8(1))
	f.Add(4*4096+16, bytes.Repeat([]byte{255}, 40), uint8(2))
	f.Fuzz(func(t *testing.T, at int, change []byte, cut uint8) {
		b := bytes.Clone(golden)
		if at < 0 || at >= len(b) {
			return
		}
		copy(b[at:], change)
		b = b[:len(b)-int(cut)*64%len(b)]
		p, err := openPages(bytes.NewReader(b), func(string, error) {}, func(int64) {})
		if err != nil {
			return
		}
		for name := range p.trees {
			var last []byte
			err := p.each([]byte(name), nil, nil, func(k, _ []byte) error {
				if last != nil && bytes.Compare(k, last) <= 0 {
					return errors.New("keys out of order")
				}
				last = k
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		}
		p.checkFree()
	})
}
