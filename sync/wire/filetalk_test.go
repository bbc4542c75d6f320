package wire_test

import (
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"wangge/crdt"
	. "wangge/sync/wire"
)

// fileWords are one of each kind and of each form that it has.
func fileWords() map[string]FileWord {
	_, hashes := cutUp(content(3*PieceSize - 7))
	const size = 3*PieceSize - 7
	root := FileRoot(size, hashes)
	return map[string]FileWord{
		"ask":            Ask{Root: root, Size: size, List: 1, Pieces: []int{0, 2}},
		"ask_sure":       Ask{Root: root, Size: size, Sure: true},
		"ask_most":       Ask{Root: root, Size: size, Most: true},
		"stock_none":     Stock{Root: root, Size: size},
		"stock_whole":    Stock{Root: root, Size: size, Whole: true},
		"stock_some":     Stock{Root: root, Size: size, Pieces: []bool{true, false, true}},
		"stock_nameless": Stock{Root: root, Size: size, Nameless: true},
		"list":           PartOf(root, size, hashes, 0),
		"piece":          Piece{Root: root, Size: size, Number: 2, Bytes: []byte("the end")},
		"decline":        Decline{Root: root, Why: WhyRoom, Reason: "the disk is full"},
	}
}

func TestEveryWordAboutAFileIsPinnedAndReadsBack(t *testing.T) {
	pinned := map[byte]bool{}
	for name, m := range fileWords() {
		golden(t, "file_"+name, EncodeFileWord(m))
		b := fromHex(t, filepath.Join("testdata", "file_"+name+".hex"))
		pinned[b[0]] = true
		if got, err := DecodeFileWord(b); err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("%s reads as %#v, %v", name, got, err)
		}
	}
	for tag := range 256 {
		_, err := DecodeFileWord([]byte{byte(tag)})
		if known := !strings.Contains(err.Error(), "about a file"); known != pinned[byte(tag)] {
			t.Errorf("word %d is known: %t; its bytes are pinned: %t", tag, known, pinned[byte(tag)])
		}
	}
}

func TestTheLargestWordFits(t *testing.T) {
	for _, m := range []FileWord{
		Piece{Size: crdt.FileMax, Number: crdt.FileMax/PieceSize - 1, Bytes: make([]byte, PieceSize)},
		List{Size: crdt.FileMax, Part: crdt.FileMax/PieceSize/ListPart - 1, Hashes: make([]Hash, ListPart), Branches: make([]Hash, 16)},
		Stock{Size: crdt.FileMax, Pieces: slices.Repeat([]bool{true}, crdt.FileMax/PieceSize)},
		Decline{Reason: strings.Repeat("x", 1000)},
	} {
		b := EncodeFileWord(m)
		if got, err := DecodeFileWord(b); len(b) > FileWordMax || err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("%T takes %d bytes, %v", m, len(b), err)
		}
	}
}

func TestMalformedWordsAboutFilesAreRefused(t *testing.T) {
	ask := func(change func(*Ask)) []byte {
		m := fileWords()["ask"].(Ask)
		change(&m)
		return EncodeFileWord(m)
	}
	whole := EncodeFileWord(fileWords()["piece"])
	for what, b := range map[string][]byte{
		"nothing":                     nil,
		"a piece behind the last":     ask(func(m *Ask) { m.Pieces = []int{3} }),
		"pieces out of order":         ask(func(m *Ask) { m.Pieces = []int{2, 0} }),
		"a piece twice":               ask(func(m *Ask) { m.Pieces = []int{1, 1} }),
		"a list behind the last":      ask(func(m *Ask) { m.List = 2 }),
		"no size":                     ask(func(m *Ask) { m.Size = 0 }),
		"a size beyond all":           ask(func(m *Ask) { m.Size = crdt.FileMax + 1 }),
		"an empty piece":              EncodeFileWord(Piece{Size: 9}),
		"a piece too long":            EncodeFileWord(Piece{Size: PieceSize, Bytes: make([]byte, PieceSize+1)}),
		"a piece behind the last one": EncodeFileWord(Piece{Size: PieceSize, Number: 1, Bytes: []byte{1}}),
		"a piece of no size":          EncodeFileWord(Piece{Bytes: []byte{1}}),
		"a list behind the last one":  EncodeFileWord(List{Size: PieceSize, Part: 1, Hashes: []Hash{{1}}}),
		"an empty list":               EncodeFileWord(List{Size: 9}),
		"bits behind the last":        append(EncodeFileWord(fileWords()["stock_some"])[:37], 0x0d),
		"a byte less":                 whole[:len(whole)-1],
		"a byte more":                 append(slices.Clone(whole), 0),
		"more than the largest file":  EncodeFileWord(Stock{Size: crdt.FileMax + 1, Whole: true}),
	} {
		if m, err := DecodeFileWord(b); !errors.Is(err, ErrFormat) || m != nil {
			t.Errorf("%s reads as %#v, %v", what, m, err)
		}
	}
}

func FuzzDecodeFileWord(f *testing.F) {
	for _, m := range fileWords() {
		f.Add(EncodeFileWord(m))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := DecodeFileWord(b)
		if err == nil {
			sameBytes(t, b, EncodeFileWord(m))
		} else if !errors.Is(err, ErrFormat) || m != nil {
			t.Errorf("%v with %#v, want ErrFormat and nothing", err, m)
		}
	})
}
