package store

import (
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"

	"wangge/crdt"
	"wangge/sync/wire"
)

// pageFile is a checkpoint beside the store's file: its pages one behind the
// other, and what they are in a file of its own. Everything in it can be had
// again, and every page is checked when it is read.
type pageFile struct{ path string }

func (s *Store) pageFile(name crdt.Space, what string) pageFile {
	dir := filepath.Join(filepath.Dir(s.options.Path), "checkpoints")
	return pageFile{filepath.Join(dir, name.Area+"-"+name.Class.String()+"."+what)}
}

// spaceLocks are locks, one a space: making or joining a checkpoint takes long, and
// those of other spaces go on.
type spaceLocks struct {
	mu sync.Mutex
	of map[crdt.Space]*sync.Mutex
}

// lock locks a space's and returns what unlocks it.
func (l *spaceLocks) lock(name crdt.Space) (unlock func()) {
	l.mu.Lock()
	if l.of == nil {
		l.of = map[crdt.Space]*sync.Mutex{}
	}
	if l.of[name] == nil {
		l.of[name] = new(sync.Mutex)
	}
	m := l.of[name]
	l.mu.Unlock()
	m.Lock()
	return m.Unlock
}

func (f pageFile) pages() string { return f.path + ".pages" }

// checkpoint returns what the pages are said to be.
func (f pageFile) checkpoint() (wire.Checkpoint, error) {
	b, err := os.ReadFile(f.path)
	if err != nil {
		return wire.Checkpoint{}, err
	}
	m, err := wire.Decode(b)
	if err != nil {
		return wire.Checkpoint{}, err
	}
	c, ok := m.(wire.Checkpoint)
	if !ok {
		return c, errors.New("the file of a checkpoint holds something else")
	}
	return c, nil
}

// write fills the pages anew.
func (f pageFile) write(fill func(add func([]byte) error) error) error {
	if err := f.remove(); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(f.pages(), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = fill(func(b []byte) error {
		_, err := file.Write(b)
		return err
	})
	return errors.Join(err, file.Close())
}

// seal says what the pages are.
func (f pageFile) seal(c wire.Checkpoint) error {
	fresh := f.path + ".new"
	if err := os.WriteFile(fresh, wire.Encode(c), 0o600); err != nil {
		return err
	}
	return os.Rename(fresh, f.path)
}

// whole reports whether there are as many bytes as the checkpoint says.
func (f pageFile) whole(c wire.Checkpoint) bool {
	info, err := os.Stat(f.pages())
	return err == nil && uint64(info.Size()) == offset(c, uint64(len(c.Pages)))
}

// offset returns where a page begins.
func offset(c wire.Checkpoint, number uint64) (n uint64) {
	for _, p := range c.Pages[:number] {
		n += p.Size
	}
	return n
}

func (f pageFile) page(c wire.Checkpoint, number uint64) ([]byte, error) {
	file, err := os.Open(f.pages())
	if err != nil {
		return nil, err
	}
	defer file.Close()
	b := make([]byte, c.Pages[number].Size)
	if _, err := io.ReadFull(io.NewSectionReader(file, int64(offset(c, number)), int64(len(b))), b); err != nil {
		return nil, err
	}
	if sha256.Sum256(b) != c.Pages[number].Hash {
		return nil, errors.New("a page of a checkpoint is not what it was")
	}
	return b, nil
}

// put writes a page behind those before it, and cuts off what stood there.
func (f pageFile) put(c wire.Checkpoint, number uint64, b []byte) error {
	file, err := os.OpenFile(f.pages(), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	at := int64(offset(c, number))
	_, err = file.WriteAt(b, at)
	return errors.Join(err, file.Truncate(at+int64(len(b))), file.Close())
}

// held returns how many pages are there from the first on, each as it must be.
func (f pageFile) held(c wire.Checkpoint) (n uint64) {
	for n < uint64(len(c.Pages)) {
		if _, err := f.page(c, n); err != nil {
			return n
		}
		n++
	}
	return n
}

func (f pageFile) remove() error {
	var err error
	for _, path := range []string{f.path, f.pages()} {
		if e := os.Remove(path); !errors.Is(e, os.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return err
}
