package wire

import (
	"crypto/sha256"
	"encoding/binary"

	"wangge/crdt"
)

// A file travels and is kept in pieces, of which each can be checked by itself
// against the list of the pieces' hashes, and each part of that list against the
// file's root with the branches of a tree over it. So a cut costs one piece, and a
// piece may come from anybody. The tree has the shape of RFC 9162, as in tree.go.
// A list takes 32 bytes a piece; branches with each piece would take 32 to 512.

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

// ListParts returns in how many Lists the hashes of a file's pieces travel.
func ListParts(size int64) int { return listParts(Pieces(size)) }

// PartOf returns one part of the list of the pieces of a file of so many bytes, with the branches by
// which whoever has only that part checks it against the file's root.
func PartOf(root Hash, size int64, pieces []Hash, part int) List {
	places := placesOf(len(pieces), part)
	m := List{Root: root, Size: size, Part: part, Branches: Prove(pieces, places)}
	for _, i := range places {
		m.Hashes = append(m.Hashes, pieces[i])
	}
	return m
}

// placesOf returns which of n pieces a part of their list is about.
func placesOf(n, part int) (places []int) {
	for i := part * ListPart; i < min(n, (part+1)*ListPart); i++ {
		places = append(places, i)
	}
	return places
}

// Proven reports whether a List is a part of the list of the file that its root names.
func (m List) Proven(size int64) bool {
	n := Pieces(size)
	places := placesOf(n, m.Part)
	if len(places) == 0 || len(places) != len(m.Hashes) {
		return false
	}
	tree, err := Proven(n, places, m.Hashes, m.Branches)
	return err == nil && fileRoot(size, tree) == m.Root
}
