package store

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"wangge/crdt"
	"wangge/sync/wire"
)

// Files keeps what records have attached: each file under the name of its own
// content, in a folder beside the store's file, so that photos make neither
// records slow nor backups of them large. What is named is never changed. Its
// methods may be called from any goroutine.
type Files struct {
	disk disk
	dir  string
	now  func() time.Time
	// damaged is told of files that are taken out of use; nil for nobody.
	damaged func()
	room    func(folder string) (left int64, known bool) // of the disk, in bytes

	mu    sync.Mutex // guards what follows, and which names there are
	whole map[wire.Hash]int64
	parts map[wire.Hash]*part
	bytes int64 // of the whole files, without their lists
	count fileCount
	hurt  map[wire.Hash]time.Time // those that were found damaged here, and when
}

// fileCount is what was last found out about all files together.
type fileCount struct {
	known   bool
	missing int
	changes uint64 // of the files and of what refers to them, so far
}

// changed has it found out again. The caller holds mu.
func (f *Files) changed() {
	f.count.known = false
	f.count.changes++
}

// changes tells how often the files, or what refers to them, have changed.
func (f *Files) changes() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.count.changes
}

// ErrNoFile says that a file is not here, or not all of it.
var ErrNoFile = errors.New("the file is not here yet")

// The names in the folder; FORMAT.md explains them.
const (
	filesFolder = "files"
	freshName   = "new-"
	partSuffix  = ".part"
	badSuffix   = ".bad"
	hurtSuffix  = ".hurt"
)

// newFiles returns the files beside a store's file.
func newFiles(d disk, store string, now func() time.Time) *Files {
	return &Files{
		disk: d, dir: filepath.Join(filepath.Dir(store), filesFolder), now: now, room: d.room,
		whole: map[wire.Hash]int64{}, parts: map[wire.Hash]*part{}, hurt: map[wire.Hash]time.Time{},
	}
}

// open reads what the folder holds. The store's file is locked by now, so what
// looks like an upload was left by one that was interrupted, and goes.
func (f *Files) open() error {
	if err := f.makeFolder(f.dir); err != nil {
		return err
	}
	left, err := filepath.Glob(filepath.Join(f.dir, freshName+"*"))
	for _, path := range left {
		err = errors.Join(err, f.disk.remove(path))
	}
	var cut []wire.Hash
	err = errors.Join(err, eachFile(f.dir, func(root wire.Hash, suffix string, info fs.FileInfo) error {
		size, ok := contentSize(info.Size())
		switch {
		case suffix == "" && ok:
			f.whole[root] = size
			f.bytes += size
		case suffix == "":
			cut = append(cut, root)
		case suffix == partSuffix:
			f.parts[root] = &part{}
		case suffix == hurtSuffix:
			f.hurt[root] = info.ModTime()
		}
		return nil
	}))
	for _, root := range cut {
		f.whole[root] = 0
		err = errors.Join(err, f.setAside(root, false))
	}
	return err
}

// eachFile calls yield with every file of the folder, and with what is behind
// its name.
func eachFile(dir string, yield func(root wire.Hash, suffix string, info fs.FileInfo) error) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // it went meanwhile, or there is no folder
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		name, suffix, _ := strings.Cut(d.Name(), ".")
		b, wrong := hex.DecodeString(name)
		if wrong != nil || len(b) != len(wire.Hash{}) {
			return nil
		}
		if suffix != "" {
			suffix = "." + suffix
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		return yield(wire.Hash(b), suffix, info)
	})
}

func filePath(dir string, root wire.Hash) string {
	name := hex.EncodeToString(root[:])
	return filepath.Join(dir, name[:2], name)
}

func (f *Files) path(root wire.Hash) string { return filePath(f.dir, root) }

// Has reports whether a file is here whole.
func (f *Files) Has(root wire.Hash, size int64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return size > 0 && f.whole[root] == size
}

// Size returns how many bytes a file has that is here whole, and 0 for one that is not.
func (f *Files) Size(root wire.Hash) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.whole[root]
}

// Measure returns how many bytes a file has by the list of its pieces. One whose list does not give
// its name, as when its end is gone, is taken out of use.
func (f *Files) Measure(root wire.Hash) int64 {
	c, err := f.Open(root)
	if err != nil {
		return 0
	}
	c.Close()
	return c.Size()
}

// Write keeps what it reads, to the end, and returns its name and size; on
// return it is on disk. What is here already is not kept twice. An error of r is
// returned as it is, and leaves nothing behind; a disk that takes nothing is
// ErrReadOnly, in words. The caller bounds r.
func (f *Files) Write(r io.Reader) (root wire.Hash, size int64, err error) {
	path, fresh, err := f.create()
	if err != nil {
		return root, 0, err
	}
	defer f.disk.remove(path) // not there any more when all went well
	root, size, err = fill(fresh, r)
	if closed := fresh.Close(); err == nil && closed != nil {
		err = diskRefused(closed)
	}
	if err == nil {
		err = f.adopt(path, root, size)
	}
	return root, size, err
}

// reserve is how many bytes of the disk are left to records, which are what
// people cannot do without.
const reserve = 256 << 20

func (f *Files) roomy() error {
	if left, known := f.room(f.dir); known && left < reserve {
		return fmt.Errorf("%w: the disk is nearly full (%d MB are left, which are kept for forms): make room", ErrReadOnly, left>>20)
	}
	return nil
}

// create makes a file that has no name of its own yet.
func (f *Files) create() (path string, fresh file, err error) {
	if err := f.roomy(); err != nil {
		return "", nil, err
	}
	path = filepath.Join(f.dir, freshName+rand.Text())
	fresh, err = f.disk.file(path, os.O_CREATE|os.O_EXCL|os.O_RDWR)
	if err != nil {
		return "", nil, diskRefused(err)
	}
	return path, fresh, nil
}

// fill writes a file's pieces and behind them the list of their hashes.
func fill(file file, r io.Reader) (root wire.Hash, size int64, err error) {
	var list []wire.Hash
	buffer := make([]byte, wire.PieceSize)
	for err == nil {
		var n int
		n, err = io.ReadFull(r, buffer)
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return root, size, err
		}
		if n == 0 {
			break
		}
		if size += int64(n); size > crdt.FileMax {
			return root, size, fmt.Errorf("a file has at most %d bytes: send it in parts", crdt.FileMax)
		}
		list = append(list, wire.PieceHash(buffer[:n]))
		if _, failed := file.Write(buffer[:n]); failed != nil {
			return root, size, diskRefused(failed)
		}
	}
	if size == 0 {
		return root, 0, errors.New("the file is empty: choose another")
	}
	if _, err := file.Write(appendList(nil, list)); err != nil {
		return root, size, diskRefused(err)
	}
	if err := file.Sync(); err != nil {
		return root, size, diskRefused(err)
	}
	return wire.FileRoot(size, list), size, nil
}

// adopt gives a finished file its name. One that is here already is replaced by
// it: it has the same content, is young again, and may heal a damaged one.
func (f *Files) adopt(fresh string, root wire.Hash, size int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	path := f.path(root)
	if err := f.makeFolder(filepath.Dir(path)); err != nil {
		return diskRefused(err)
	}
	if err := f.disk.rename(fresh, path); err != nil {
		return diskRefused(err)
	}
	if err := syncDir(f.disk, filepath.Dir(path)); err != nil {
		err = diskRefused(err)
		if f.whole[root] == 0 { // else a file that was told of would lose its name
			err = errors.Join(err, f.disk.rename(path, fresh))
		}
		return err
	}
	f.bytes += size - f.whole[root]
	f.whole[root] = size
	f.changed()
	f.touch(root)
	if err := f.heal(root); err != nil {
		return err
	}
	if _, begun := f.parts[root]; !begun {
		return nil
	}
	delete(f.parts, root)
	if err := f.disk.remove(path + partSuffix); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// makeFolder makes a folder, durably, unless it is there.
func (f *Files) makeFolder(path string) error {
	err := os.Mkdir(path, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return errors.Join(err, syncDir(f.disk, filepath.Dir(path)))
}

// diskRefused is a disk's error in the words of a store that takes nothing. The
// store itself goes on: a record is small and may still find room.
func diskRefused(err error) error { return fmt.Errorf("%w: %s", ErrReadOnly, inWords(err)) }

// setAside takes a damaged file out of what is whole here. Its good pieces stay,
// so that only the others need be fetched; one whose pieces cannot be told apart
// any more is left to a person, since it may be the only copy.
func (f *Files) setAside(root wire.Hash, listed bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	size, ok := f.whole[root]
	if !ok {
		return nil
	}
	if err := f.note(root); err != nil {
		return err
	}
	f.bytes -= size
	f.changed()
	delete(f.whole, root)
	if listed {
		f.parts[root] = &part{}
		return f.disk.rename(f.path(root), f.path(root)+partSuffix)
	}
	return f.disk.rename(f.path(root), f.path(root)+badSuffix)
}
