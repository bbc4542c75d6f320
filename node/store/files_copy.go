package store

import (
	"errors"
	"os"
	"time"

	"wangge/crdt"
	"wangge/sync/wire"
)

// FilesCopied is what became of the files that a backup's records refer to.
type FilesCopied struct {
	Copied  int // others were there already
	Bytes   int64
	Left    int // not here, or not all of them
	Damaged int // and so not copied
}

// CopyFiles copies the files that the records of a closed store refer to from
// beside one store to beside another, each of them checked. Files never change,
// so what the other place has already is not copied again, and several backups
// in one folder share them. A running node's files may be copied too.
func CopyFiles(store, from, to string) (done FilesCopied, err error) {
	source, target := newFiles(realDisk{}, from, time.Now), newFiles(realDisk{}, to, time.Now)
	if err := target.open(); err != nil {
		return done, err
	}
	wants, err := wantedBy(store)
	for f := range wants {
		if err != nil || target.sound(f.root, f.size) {
			continue
		}
		err = done.copy(source.path(f.root), target, f)
	}
	return done, err
}

// sound reports whether a file is here and good to the last piece: a copy that
// was damaged since is made again.
func (f *Files) sound(root wire.Hash, size int64) bool {
	if !f.Has(root, size) {
		return false
	}
	_, what, err := lookAt(f.path(root), root)
	return err == nil && what == ""
}

// announced is a file as a record announces it: perhaps with a size that is not its own.
type announced struct {
	root wire.Hash
	size int64
}

// wantedBy reads which files a closed store's records refer to.
func wantedBy(store string) (map[announced]bool, error) {
	wants := map[announced]bool{}
	return wants, reserved(store, func(file *os.File) error {
		p, err := openPages(file, func(string, error) {}, func(int64) {})
		if err != nil {
			return err
		}
		return p.each(attachedBucket, nil, nil, func(k, _ []byte) error {
			if w, ok := wanted(k, map[uint32]crdt.Space{}); ok {
				wants[announced{w.Root, w.Size}] = true
			}
			return nil
		})
	})
}

func (done *FilesCopied) copy(path string, target *Files, f announced) error {
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		done.Left++
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	list, err := readList(file, f.root)
	if err == nil && wire.FileRoot(f.size, list) != f.root { // there is no such file
		return nil
	}
	if err == nil {
		_, _, err = target.Write(&Content{file: file, root: f.root, size: f.size, list: list})
	}
	if errors.Is(err, errDamaged) {
		done.Damaged++
		return nil
	}
	if err == nil {
		done.Copied++
		done.Bytes += f.size
	}
	return err
}
