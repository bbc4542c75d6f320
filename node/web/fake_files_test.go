package web_test

import (
	"bytes"
	"crypto/sha256"
	"io"
	"sync"

	"wangge/node/web"
)

// drawer keeps files in memory.
type drawer struct {
	mu     sync.Mutex
	files  map[[32]byte][]byte
	refuse error // what Keep comes to
	torn   error // what reading comes to after half of a file
}

func newDrawer() *drawer { return &drawer{files: map[[32]byte][]byte{}} }

func (d *drawer) Keep(content io.Reader) (root [32]byte, size int64, err error) {
	b, err := io.ReadAll(content)
	d.mu.Lock()
	defer d.mu.Unlock()
	if err == nil {
		err = d.refuse
	}
	if err != nil {
		return root, 0, err
	}
	root = sha256.Sum256(b)
	d.files[root] = b
	return root, int64(len(b)), nil
}

func (d *drawer) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.files)
}

type drawn struct {
	io.Reader
	size int64
}

func (d drawn) Close() error { return nil }

func (d drawn) Size() int64 { return d.size }

func (d *drawer) Content(root [32]byte) (web.Content, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	b, ok := d.files[root]
	if !ok {
		return nil, web.ErrMissing
	}
	if d.torn != nil {
		return drawn{io.MultiReader(bytes.NewReader(b[:len(b)/2]), broken{d.torn}), int64(len(b))}, nil
	}
	return drawn{bytes.NewReader(b), int64(len(b))}, nil
}

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }
