package store

import (
	"errors"
	"fmt"
	"io"
	"os"

	"wangge/sync/wire"
)

// Content is what a whole file holds. Every piece is checked as it is read, and
// one that is not what was written is an error and never handed out. It is for
// one goroutine.
type Content struct {
	files *Files // nil for a copy of which nothing is to be changed
	file  *os.File
	root  wire.Hash
	size  int64
	list  []wire.Hash
	next  int    // piece
	rest  []byte // of the piece before
}

// errDamaged says that bytes on the disk are not those that were written.
var errDamaged = errors.New("its bytes changed on the disk")

// Open opens a whole file for reading. ErrNoFile means that it is not here.
func (f *Files) Open(root wire.Hash) (*Content, error) {
	f.mu.Lock()
	size, ok := f.whole[root]
	f.mu.Unlock()
	if !ok {
		return nil, ErrNoFile
	}
	file, err := os.Open(f.path(root))
	if err != nil {
		return nil, fmt.Errorf("reading the file %x: %w", root[:8], err)
	}
	list, err := readList(file, root)
	if err == nil {
		return &Content{files: f, file: file, root: root, size: size, list: list}, nil
	}
	err = errors.Join(fmt.Errorf("reading the file %x: %w", root[:8], err), file.Close())
	if errors.Is(err, errDamaged) {
		err = errors.Join(err, f.setAside(root, false))
	}
	return nil, err
}

// Size returns the content's length in bytes.
func (c *Content) Size() int64 { return c.size }

// List returns the hashes of the pieces, which together give the file's root.
func (c *Content) List() []wire.Hash { return c.list }

// Piece returns one piece, of which there are wire.Pieces(Size).
func (c *Content) Piece(i int) ([]byte, error) {
	piece, err := readPiece(c.file, c.size, i)
	if err == nil && wire.PieceHash(piece) != c.list[i] {
		err = errDamaged
		if c.files != nil {
			err = errors.Join(err, c.files.setAside(c.root, true))
		}
	}
	if err != nil {
		return nil, fmt.Errorf("piece %d of the file %x: %w", i, c.root[:8], err)
	}
	return piece, nil
}

// Read reads on.
func (c *Content) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		if c.next == len(c.list) {
			return 0, io.EOF
		}
		piece, err := c.Piece(c.next)
		if err != nil {
			return 0, err
		}
		c.rest, c.next = piece, c.next+1
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// Close ends the reading.
func (c *Content) Close() error { return c.file.Close() }

// A file on the disk is its pieces and then the list of their hashes: the length
// of it all tells how much of it is which.

// contentSize returns the size of the content of a file of a length, and whether
// a file can have it.
func contentSize(length int64) (int64, bool) {
	const unit = wire.PieceSize + int64(len(wire.Hash{}))
	size := length - (length+unit-1)/unit*int64(len(wire.Hash{}))
	return size, wire.Pieces(size) > 0 && size+int64(wire.Pieces(size)*len(wire.Hash{})) == length
}

func appendList(b []byte, list []wire.Hash) []byte {
	for _, h := range list {
		b = append(b, h[:]...)
	}
	return b
}

// decodeList reads the list of a file's pieces. It takes all of b or nothing,
// and only what gives the root.
func decodeList(b []byte, size int64, root wire.Hash) ([]wire.Hash, error) {
	if wire.Pieces(size) == 0 || len(b) != wire.Pieces(size)*len(root) {
		return nil, errDamaged
	}
	list := make([]wire.Hash, wire.Pieces(size))
	for i := range list {
		copy(list[i][:], b[i*len(root):])
	}
	if wire.FileRoot(size, list) != root {
		return nil, errDamaged
	}
	return list, nil
}

// readList reads the list behind a file's pieces. Where it is damaged, the pieces
// give it again if they are all good.
func readList(file *os.File, root wire.Hash) ([]wire.Hash, error) {
	list, size, err := storedList(file, root)
	if !errors.Is(err, errDamaged) || size == 0 {
		return list, err
	}
	list = make([]wire.Hash, wire.Pieces(size))
	for i := range list {
		piece, err := readPiece(file, size, i)
		if err != nil {
			return nil, err
		}
		list[i] = wire.PieceHash(piece)
	}
	if wire.FileRoot(size, list) != root {
		return nil, errDamaged
	}
	return list, nil
}

// storedList reads the list alone; size is 0 when the length is no file's.
func storedList(file *os.File, root wire.Hash) (list []wire.Hash, size int64, err error) {
	info, err := file.Stat()
	if err != nil {
		return nil, 0, err
	}
	size, ok := contentSize(info.Size())
	if !ok {
		return nil, 0, errDamaged
	}
	b := make([]byte, info.Size()-size)
	if _, err := file.ReadAt(b, size); err != nil {
		return nil, size, err
	}
	list, err = decodeList(b, size, root)
	return list, size, err
}

func readPiece(file io.ReaderAt, size int64, i int) ([]byte, error) {
	piece := make([]byte, wire.PieceLength(size, i))
	if len(piece) == 0 {
		return nil, fmt.Errorf("the file has no piece %d", i)
	}
	_, err := file.ReadAt(piece, int64(i)*wire.PieceSize)
	return piece, err
}
