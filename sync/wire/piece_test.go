package wire_test

import (
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

func TestAnyPartOfAListIsCheckedAloneAgainstTheRoot(t *testing.T) {
	for _, n := range []int{1, 2, 5, ListPart, ListPart + 1, 3*ListPart + 77} {
		size, hashes := int64(n)*PieceSize-5, make([]Hash, n)
		for i := range hashes {
			hashes[i] = PieceHash([]byte{byte(i), byte(i >> 8)})
		}
		root := FileRoot(size, hashes)
		var got []Hash
		for part := range ListParts(size) {
			m := PartOf(root, size, hashes, part)
			if !m.Proven(size) || len(m.Branches) > 4 {
				t.Errorf("%d pieces: part %d is not proven by %d branches", n, part, len(m.Branches))
			}
			if b := EncodeFileWord(m); len(b) > FileWordMax {
				t.Errorf("a list takes %d bytes", len(b))
			}
			got = append(got, m.Hashes...)
		}
		if !slices.Equal(got, hashes) {
			t.Errorf("%d pieces: the parts are not the list", n)
		}
	}
}

func TestNothingElseIsAPartOfTheList(t *testing.T) {
	const n, size = ListPart + 9, (ListPart+9)*PieceSize - 5
	hashes := make([]Hash, n)
	for i := range hashes {
		hashes[i] = PieceHash([]byte{byte(i), byte(i >> 8)})
	}
	good := PartOf(FileRoot(size, hashes), size, hashes, 1)
	for what, change := range map[string]func(*List){
		"a flipped bit":   func(m *List) { m.Hashes[3][0] ^= 1 },
		"another order":   func(m *List) { m.Hashes[0], m.Hashes[1] = m.Hashes[1], m.Hashes[0] },
		"another part":    func(m *List) { m.Part = 0 },
		"a part outside":  func(m *List) { m.Part = 2 },
		"a cut part":      func(m *List) { m.Hashes = m.Hashes[1:] },
		"nothing":         func(m *List) { m.Hashes = nil },
		"a branch less":   func(m *List) { m.Branches = m.Branches[1:] },
		"a branch more":   func(m *List) { m.Branches = append(m.Branches, Hash{}) },
		"another file":    func(m *List) { m.Root[0] ^= 1 },
		"a branch's root": func(m *List) { m.Root = Root(hashes) },
	} {
		m := good
		m.Hashes, m.Branches = slices.Clone(good.Hashes), slices.Clone(good.Branches)
		if change(&m); m.Proven(size) {
			t.Errorf("%s is proven", what)
		}
	}
	if !good.Proven(size) || good.Proven(size+PieceSize) || good.Proven(size-1) || good.Proven(0) || good.Proven(crdt.FileMax+1) {
		t.Error("a list is proven for one size and no other")
	}
}

func TestAListTellsItsFile(t *testing.T) {
	const size = 5*PieceSize + 77
	_, hashes := cutUp(content(size))
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
