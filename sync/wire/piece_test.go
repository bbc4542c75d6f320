package wire_test

import (
	"bytes"
	"slices"
	"testing"

	"wangge/crdt"
	. "wangge/sync/wire"
)

// content returns so many bytes, no two pieces of them alike.
func content(size int) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(i*7 + i>>8 + i>>16)
	}
	return b
}

// cutUp returns a file's pieces and their hashes.
func cutUp(file []byte) (pieces [][]byte, hashes []Hash) {
	for piece := range slices.Chunk(file, PieceSize) {
		pieces, hashes = append(pieces, piece), append(hashes, PieceHash(piece))
	}
	return pieces, hashes
}

func TestAnyPieceIsCheckedAloneAgainstTheRoot(t *testing.T) {
	for _, size := range []int{1, PieceSize - 1, PieceSize, PieceSize + 1, 5 * PieceSize, 13*PieceSize + 100} {
		pieces, hashes := cutUp(content(size))
		root := FileRoot(int64(size), hashes)
		if Pieces(int64(size)) != len(pieces) {
			t.Fatalf("%d bytes: %d pieces, want %d", size, Pieces(int64(size)), len(pieces))
		}
		for i, piece := range pieces {
			branches := ProvePiece(hashes, i)
			if !PieceProven(root, int64(size), i, piece, branches) || len(piece) != PieceLength(int64(size), i) {
				t.Errorf("%d bytes: piece %d is not proven", size, i)
			}
			if len(branches) > 4 {
				t.Errorf("%d branches prove one of %d pieces", len(branches), len(pieces))
			}
		}
	}
}

func TestNothingElseIsAPieceOfTheFile(t *testing.T) {
	const size = 5*PieceSize + 77
	pieces, hashes := cutUp(content(size))
	root, branches := FileRoot(size, hashes), ProvePiece(hashes, 2)
	changed := bytes.Clone(pieces[2])
	changed[100] ^= 1
	for what, proven := range map[string]bool{
		"a flipped bit":      PieceProven(root, size, 2, changed, branches),
		"another piece":      PieceProven(root, size, 2, pieces[3], branches),
		"another place":      PieceProven(root, size, 3, pieces[2], branches),
		"a place outside":    PieceProven(root, size, 6, pieces[2], branches),
		"a place before":     PieceProven(root, size, -1, pieces[2], branches),
		"a cut piece":        PieceProven(root, size, 2, pieces[2][:100], branches),
		"nothing":            PieceProven(root, size, 2, nil, branches),
		"another size":       PieceProven(root, size+1, 2, pieces[2], branches),
		"no size":            PieceProven(root, 0, 0, nil, nil),
		"a size beyond all":  PieceProven(root, crdt.FileMax+1, 2, pieces[2], branches),
		"a branch too many":  PieceProven(root, size, 2, pieces[2], append(branches, Hash{})),
		"a branch too few":   PieceProven(root, size, 2, pieces[2], branches[1:]),
		"a branch as a root": PieceProven(Root(hashes), size, 2, pieces[2], branches),
	} {
		if proven {
			t.Errorf("%s is proven", what)
		}
	}
	if FileRoot(size, hashes[1:]) != (Hash{}) || FileRoot(0, nil) != (Hash{}) {
		t.Error("a list that is no file's has a root")
	}
	if FileRoot(size, hashes) == FileRoot(size-1, hashes) {
		t.Error("the root does not tell the size")
	}
}

func TestFilesKeepTheirNames(t *testing.T) {
	const size = 2*PieceSize + 5
	pieces, hashes := cutUp(content(size))
	leaf, root := PieceHash(pieces[2]), FileRoot(size, hashes)
	golden(t, "piece_hash", leaf[:])
	golden(t, "file_root", root[:])
}
