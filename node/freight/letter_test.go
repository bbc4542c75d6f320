package freight

import (
	"bytes"
	"encoding/hex"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/store"
	"wangge/sync/wire"
)

var update = flag.Bool("update", false, "write the golden files anew")

const goldenLetter = "testdata/letter.hex"

// photo is a content of two pieces.
var photo = strings.Repeat("\xff\xd8\xff\xe0照片", 2000)

// says returns all that a machine says of files in a letter, as words and as bytes.
func (f *Freight) says(t testing.TB, l Letter) (words []wire.FileWord, b [][]byte) {
	t.Helper()
	words, err := f.Words(l)
	if err != nil {
		t.Fatal(err)
	}
	p, err := f.Pack(l)
	if err == nil {
		err = p.Send(func(m wire.FileWord) error { words = append(words, m); return nil })
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range words {
		b = append(b, wire.EncodeFileWord(m))
	}
	return words, b
}

// letGo writes a file and a record that refers to it, and lets go of the file.
func (f *Freight) letGo(t testing.TB, content string) {
	t.Helper()
	s := f.host.Store
	root := f.refer(t, content)
	none := func(crdt.Space) bool { return false }
	s.Reached([]wire.Mark{{Space: field, Writer: s.Writer(), Seq: s.Held(field, s.Writer()), Level: wire.AtCounty}})
	spares, err := s.Spares(time.Now().Add(time.Hour), none)
	for _, sp := range spares {
		if err == nil {
			_, err = s.Evict(sp, none)
		}
	}
	if err != nil || s.Files().Size(root) > 0 {
		t.Fatalf("the file stays: %v", err)
	}
}

func TestGoldenLetterOfFiles(t *testing.T) {
	box := newBox(t)
	root := box.refer(t, photo)
	county := newFreight(t, policy.Device{Name: "县中心", Role: policy.Hub, Holds: hub.Holds})
	county.refer(t, photo)
	words, letter := box.says(t, Letter{To: hub})
	_, answer := county.says(t, Letter{To: nearby, Known: words, Most: func([]store.Spare) map[wire.Hash]bool { return map[wire.Hash]bool{root: true} }})
	var told bytes.Buffer
	for _, b := range slices.Concat(letter, answer) {
		told.WriteString(hex.EncodeToString(b) + "\n")
	}
	if *update {
		if err := os.WriteFile(goldenLetter, told.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(goldenLetter)
	if err != nil || !bytes.Equal(golden, told.Bytes()) {
		t.Errorf("a letter is written otherwise than it was: %d words of %d bytes, %v", len(letter)+len(answer), told.Len(), err)
	}
}

// What of files the addressee holds does not go again, and what it lost does.
func TestALetterGoesOnFromWhatTheAddresseeSays(t *testing.T) {
	box := newBox(t)
	root := box.refer(t, photo)
	size := int64(len(photo))
	for what, is := range map[string]struct {
		known []wire.FileWord
		has   []wire.Ask
		goes  []int
	}{
		"nothing is known":         {goes: []int{0, 1}},
		"it holds one piece":       {known: []wire.FileWord{wire.Stock{Root: root, Size: size, Pieces: []bool{true, false}}}, goes: []int{1}},
		"one is packed":            {has: []wire.Ask{{Root: root, Size: size, Pieces: []int{1}}}, goes: []int{0}},
		"the county has it":        {known: []wire.FileWord{wire.Stock{Root: root, Size: size, Whole: true}}},
		"a replica has it":         {known: []wire.FileWord{wire.Stock{Root: root, Size: size, Pieces: []bool{true, true}}}},
		"it says so of other size": {known: []wire.FileWord{wire.Stock{Root: root, Size: 1, Whole: true}}, goes: []int{0, 1}},
	} {
		words, _ := box.says(t, Letter{To: hub, Known: is.known, Has: is.has})
		var goes []int
		lists := 0
		for _, m := range words {
			switch m := m.(type) {
			case wire.Piece:
				goes = append(goes, m.Number)
			case wire.List:
				lists++
			}
		}
		if !slices.Equal(goes, is.goes) {
			t.Errorf("%s: %v go, want %v", what, goes, is.goes)
		}
		if begun := is.known != nil && len(goes) == 1; (lists > 0) != (len(goes) > 0 && !begun) {
			t.Errorf("%s: %d lists", what, lists)
		}
	}
}

func TestALetterIsBounded(t *testing.T) {
	var words []wire.FileWord
	for i := range letterWords + 9 {
		words = append(words, wire.Stock{Root: wire.Hash{byte(i), byte(i >> 8), byte(i >> 16)}, Size: 1})
	}
	if n := len(bounded(append(words[:5:5], words...))); n != letterWords {
		t.Errorf("%d words are said", n)
	}
	large := wire.Stock{Size: crdt.FileMax, Pieces: slices.Repeat([]bool{true}, wire.Pieces(crdt.FileMax))}
	for i := range words[:2000] {
		large.Root = wire.Hash{byte(i), byte(i >> 8), 7}
		words[i] = large
	}
	a := newBox(t).Arrive(hub)
	for _, m := range words[:2000] {
		a.Take(m)
	}
	if n := len(bounded(words[:2000])); n > 520 || len(a.Words) > n {
		t.Errorf("%d words of 8 KB are said, and %d are taken", n, len(a.Words))
	}
}

// The list of a file is taken in order and only as far as it is proven; pieces without one are
// counted and left.
func TestPiecesWithoutTheirListAreLeft(t *testing.T) {
	box, other := newBox(t), newBox(t)
	root := box.refer(t, photo)
	other.host.Originals = true
	other.letGo(t, photo)
	words, _ := box.says(t, Letter{To: hub})
	a := other.Arrive(nearby)
	for _, m := range words {
		if _, list := m.(wire.List); !list {
			a.Take(m)
		}
	}
	if a.Loose != 2 || a.New != 0 {
		t.Errorf("without the list %d pieces are left, %d taken", a.Loose, a.New)
	}
	a = other.Arrive(nearby)
	for _, m := range words {
		if list, is := m.(wire.List); is {
			list.Hashes = slices.Clone(list.Hashes)
			list.Hashes[0][0] ^= 1
			m = list
		}
		a.Take(m)
	}
	if a.New != 0 || len(a.Told) != 1 || len(other.Declines()) != 1 {
		t.Errorf("a false list: %d taken, told %q", a.New, a.Told)
	}
	a = other.Arrive(nearby)
	for _, m := range words {
		a.Take(m)
	}
	if a.Close(); a.New != 2 || a.Files != 1 || !other.host.Store.Files().Sound(root, int64(len(photo))) {
		t.Errorf("the true one: %d taken, %d files", a.New, a.Files)
	}
}

// FuzzArrival: whatever a machine of the county writes into a letter, it is read to the end, and no
// file is taken that no record names, or that is not what its name says.
func FuzzArrival(f *testing.F) {
	box, other := newBox(f), newBox(f)
	root := box.refer(f, photo)
	other.host.Originals = true
	other.letGo(f, photo)
	_, letter := box.says(f, Letter{To: hub})
	join := func(words [][]byte) (b []byte) {
		for _, w := range words {
			b = append(append(b, byte(len(w)>>8), byte(len(w))), w...)
		}
		return b
	}
	f.Add(join(letter))
	f.Add(join(letter)[:700])
	slices.Reverse(letter)
	f.Add(join(letter))
	f.Fuzz(func(t *testing.T, b []byte) {
		a := other.Arrive(hub)
		for len(b) > 2 {
			n := min(int(b[0])<<8|int(b[1]), len(b)-2)
			if m, err := wire.DecodeFileWord(b[2 : 2+n]); err == nil {
				a.Take(m)
			}
			b = b[2+n:]
		}
		a.Close()
		if _, _, err := other.Heard(hub, a.Words, time.UnixMilli(1)); err != nil {
			t.Error(err)
		}
		other.says(t, Letter{To: hub, Known: a.Words})
		status, err := other.host.Store.FileStatus()
		whole := other.host.Store.Files().Sound(root, int64(len(photo)))
		if err != nil || status.Files > 1 || status.Files == 1 && !whole {
			t.Errorf("%d files are here, sound: %t; %v", status.Files, whole, err)
		}
	})
}
