package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"wangge/sync/wire"
)

// What other machines ask for is read here, of whole files and of those of which
// some pieces are still missing: who has a piece can pass it on.

// ErrNotPiece says that bytes are not the piece of a file that they were given as.
var ErrNotPiece = errors.New("it is not this piece of this file: fetch it from somebody else")

// Sound reports whether a file is here whole and good to the last byte, which is
// read. A damaged one is taken out of use.
func (f *Files) Sound(root wire.Hash, size int64) bool {
	c, err := f.Open(root)
	if err != nil {
		return false
	}
	defer c.Close()
	for i := range wire.Pieces(c.size) {
		if _, err := c.Piece(i); err != nil {
			return false
		}
	}
	return c.size == size
}

// List returns the hashes of a file's pieces. ErrNoFile means that nothing of it
// is here.
func (f *Files) List(root wire.Hash) ([]wire.Hash, error) {
	p, err := f.part(root)
	if err != nil {
		return nil, err
	}
	if p != nil {
		return p.list, nil // never changed once it is known
	}
	c, err := f.Open(root)
	if err != nil {
		return nil, err
	}
	return c.list, c.Close()
}

// Piece returns a piece of a file, checked. ErrNoFile means that it is not here.
func (f *Files) Piece(root wire.Hash, i int) ([]byte, error) {
	p, err := f.part(root)
	if err != nil {
		return nil, err
	}
	if p == nil {
		c, err := f.Open(root)
		if err != nil {
			return nil, err
		}
		defer c.Close()
		return c.Piece(i)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if i < 0 || i >= len(p.have) || !p.have[i] {
		return nil, ErrNoFile
	}
	piece, err := p.piece(f.path(root)+partSuffix, i)
	if errors.Is(err, fs.ErrNotExist) { // the last piece came meanwhile: ask again
		return nil, ErrNoFile
	}
	if err == nil && wire.PieceHash(piece) != p.list[i] { // it is fetched again like any that is missing
		p.have[i], p.left = false, p.left+1
		return nil, fmt.Errorf("piece %d of the file %x: %w", i, root[:8], errDamaged)
	}
	return piece, err
}

// piece reads a piece. p.mu is held.
func (p *part) piece(path string, i int) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readPiece(file, p.size, i)
}
