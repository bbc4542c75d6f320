package wire

import (
	"crypto/sha256"
	"encoding/binary"

	"wangge/crdt"
)

// A file travels and is kept in pieces, of which each can be checked by itself:
// against the list of the pieces' hashes, or alone against the file's root with
// the branches of a tree over that list. So a cut costs one piece, and a piece
// may come from anybody. The tree has the shape of RFC 9162, as in tree.go.

// PieceSize is the size of a file's pieces in bytes; the last may be shorter.
const PieceSize = 16 << 10

// Pieces returns how many pieces a file of so many bytes has, and 0 for what is
// no size of a file.
func Pieces(size int64) int {
	if size < 1 || size > crdt.FileMax {
		return 0
	}
	return int((size + PieceSize - 1) / PieceSize)
}

// PieceLength returns how many bytes piece i of a file has, or 0 if it has none.
func PieceLength(size int64, i int) int {
	if i < 0 || i >= Pieces(size) {
		return 0
	}
	return int(min(PieceSize, size-int64(i)*PieceSize))
}

// PieceHash returns the hash of a piece: a leaf of its file's tree.
func PieceHash(piece []byte) Hash {
	h := sha256.New()
	h.Write([]byte("\x00wangge piece 1\x00"))
	h.Write(piece)
	return Hash(h.Sum(nil))
}

// FileRoot returns the name of a file: a hash of its size and of the tree over
// its pieces' hashes. Lists that belong to no file have the zero Hash.
func FileRoot(size int64, pieces []Hash) Hash {
	if len(pieces) == 0 || len(pieces) != Pieces(size) {
		return Hash{}
	}
	return fileRoot(size, Root(pieces))
}

func fileRoot(size int64, tree Hash) Hash {
	b := append([]byte("wangge file 1\x00"), binary.BigEndian.AppendUint64(nil, uint64(size))...)
	return sha256.Sum256(append(b, tree[:]...))
}

// ProvePiece returns the branches by which whoever has only piece i checks it
// against the root of the file.
func ProvePiece(pieces []Hash, i int) []Hash { return Prove(pieces, []int{i}) }

// PieceProven reports whether a piece is piece i of the file that the root names.
func PieceProven(root Hash, size int64, i int, piece []byte, branches []Hash) bool {
	if len(piece) == 0 || len(piece) != PieceLength(size, i) {
		return false
	}
	tree, err := Proven(Pieces(size), []int{i}, []Hash{PieceHash(piece)}, branches)
	return err == nil && fileRoot(size, tree) == root
}
