package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"wangge/sync/wire"
)

// part is a file of which some pieces are still missing. On the disk it looks
// like a whole one with holes. Which pieces are here is not written down: a
// piece is here when its bytes have the hash that the list says, so no crash can
// make the two differ.
type part struct {
	mu   sync.Mutex
	size int64
	list []wire.Hash // nil until it was read from the disk
	have []bool
	left int // pieces that are missing
}

// Begin makes room for a file that comes in pieces: the list of their hashes
// must give its root. What is begun already, or whole, stays as it is.
func (f *Files) Begin(root wire.Hash, size int64, list []wire.Hash) error {
	if root == (wire.Hash{}) || wire.FileRoot(size, list) != root {
		return fmt.Errorf("the list of pieces is not that of the file %x: fetch it from somebody else", root[:8])
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.whole[root]; ok || f.parts[root] != nil {
		return nil
	}
	name, fresh, err := f.create()
	if err != nil {
		return err
	}
	defer f.disk.remove(name) // not there any more when all went well
	_, err = fresh.WriteAt(appendList(nil, list), size)
	path := f.path(root)
	err = errors.Join(err, fresh.Sync(), fresh.Close(), f.makeFolder(filepath.Dir(path)))
	if err == nil {
		err = f.disk.rename(name, path+partSuffix)
	}
	if err != nil {
		return diskRefused(err)
	}
	f.parts[root] = &part{size: size, list: list, have: make([]bool, len(list)), left: len(list)}
	return nil
}

// Put keeps one piece of a file that was begun, in any order, and reports
// whether the file is whole now. A piece that is not the file's is refused; one
// that is here already changes nothing. Pieces are durable with the last one.
func (f *Files) Put(root wire.Hash, i int, piece []byte) (whole bool, err error) {
	p, err := f.part(root)
	if p == nil || err != nil {
		return err == nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if i < 0 || i >= len(p.list) || wire.PieceHash(piece) != p.list[i] {
		return false, fmt.Errorf("piece %d of the file %x: %w", i, root[:8], ErrNotPiece)
	}
	if !p.have[i] {
		if err := f.roomy(); err != nil { // a begun file has holes: its pieces take the room that is asked for here
			return false, err
		}
		if err := f.write(root, i, piece); err != nil {
			return false, diskRefused(err)
		}
		p.have[i], p.left = true, p.left-1
	}
	if p.left > 0 {
		return false, nil
	}
	return true, f.finish(root, p.size)
}

func (f *Files) write(root wire.Hash, i int, piece []byte) error {
	file, err := f.disk.file(f.path(root)+partSuffix, os.O_WRONLY)
	if err != nil {
		return err
	}
	_, err = file.WriteAt(piece, int64(i)*wire.PieceSize)
	return errors.Join(err, file.Close())
}

// finish makes a whole file of one of which no piece is missing.
func (f *Files) finish(root wire.Hash, size int64) error {
	path := f.path(root) + partSuffix
	file, err := f.disk.file(path, os.O_WRONLY)
	if err != nil {
		return diskRefused(err)
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return diskRefused(err)
	}
	return f.adopt(path, root, size)
}

// Pieces reports which pieces of a file are here: all of a whole one's, and nil
// when it was not begun.
func (f *Files) Pieces(root wire.Hash) ([]bool, error) {
	p, err := f.part(root)
	switch {
	case errors.Is(err, ErrNoFile):
		return nil, nil
	case err != nil:
		return nil, err
	case p == nil:
		f.mu.Lock()
		defer f.mu.Unlock()
		return slices.Repeat([]bool{true}, wire.Pieces(f.whole[root])), nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.have), nil
}

// part returns a file that was begun, and nil when it is whole. ErrNoFile means
// that it is neither.
func (f *Files) part(root wire.Hash) (*part, error) {
	f.mu.Lock()
	p, size := f.parts[root], f.whole[root]
	f.mu.Unlock()
	if size > 0 {
		return nil, nil
	}
	if p == nil {
		return nil, ErrNoFile
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.list != nil {
		return p, nil
	}
	err := p.read(f.path(root)+partSuffix, root)
	if errors.Is(err, errDamaged) || errors.Is(err, fs.ErrNotExist) { // nothing of it can be told from nothing
		f.mu.Lock()
		delete(f.parts, root)
		f.mu.Unlock()
		return nil, errors.Join(ErrNoFile, setBadAside(f.path(root)+partSuffix))
	}
	if err == nil && p.left == 0 { // the last piece came, and then the power went
		return nil, f.finish(root, p.size)
	}
	return p, err
}

func setBadAside(path string) error {
	err := os.Rename(path, path+badSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// read finds out what of the file is on the disk.
func (p *part) read(path string, root wire.Hash) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	list, size, err := storedList(file, root)
	if err != nil {
		return err
	}
	have, left := make([]bool, len(list)), 0
	for i := range list {
		piece, err := readPiece(file, size, i)
		if err != nil {
			return err
		}
		if have[i] = wire.PieceHash(piece) == list[i]; !have[i] {
			left++
		}
	}
	p.size, p.list, p.have, p.left = size, list, have, left
	return nil
}
