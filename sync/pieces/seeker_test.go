package pieces

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"wangge/sync/wire"
)

// seeking returns a seeker with an empty disk that wishes for photos of some sizes
// in pieces.
func seeking(t *testing.T, sizes ...int) (*Seeker, *album, []photo) {
	t.Helper()
	a, r := newAlbum(), rand.New(rand.NewPCG(1, 2))
	s := NewSeeker(a)
	var photos []photo
	var wishes []Wish
	for _, n := range sizes {
		p := newPhoto(r, n*wire.PieceSize)
		photos = append(photos, p)
		wishes = append(wishes, Wish{p.root, p.size, func(uint32) bool { return true }})
	}
	s.Seek(wishes, 0)
	return s, a, photos
}

// asked returns of which pieces of which photo the words ask.
func asked(words []Word, photos []photo) (all [][2]int) {
	for _, w := range words {
		ask, ok := w.Say.(wire.Ask)
		if !ok {
			continue
		}
		i := slices.IndexFunc(photos, func(p photo) bool { return p.root == ask.Root })
		for _, n := range ask.Pieces {
			all = append(all, [2]int{i, n})
		}
	}
	return all
}

func step(t *testing.T, s *Seeker, from uint32, m wire.FileWord, now uint64) []Word {
	t.Helper()
	out, err := s.Step(from, m, now)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheMostUrgentIsAskedFirstAndNoMoreThanTheWindow(t *testing.T) {
	s, _, photos := seeking(t, 1, 1, 1)
	out := s.Join(7, 0)
	if got := asked(out, photos); !reflect.DeepEqual(got, [][2]int{{0, 0}, {1, 0}}) {
		t.Errorf("asked %v", got)
	}
	step(t, s, 7, wire.Stock{Root: photos[0].root, Size: photos[0].size, Whole: true}, 10)
	out = step(t, s, 7, wire.Piece{Root: photos[0].root, Size: photos[0].size, Bytes: photos[0].pieces[0]}, 3000)
	if got := asked(out, photos); !reflect.DeepEqual(got, [][2]int{{2, 0}}) {
		t.Errorf("then asked %v", got)
	}
}

func TestPiecesThatComeSoonAreAskedForFurtherAheadAndLateOnesLess(t *testing.T) {
	p := &source{flying: map[place]uint64{}, window: windowMin}
	for range 100 {
		p.land(place{}, soon-1)
	}
	if p.window != windowMax {
		t.Errorf("a window of %d after quick pieces", p.window)
	}
	for range 100 {
		p.land(place{}, late+1)
	}
	if p.window != windowMin {
		t.Errorf("a window of %d after late pieces", p.window)
	}
}

// begun has two devices that hold a photo of two pieces asked for one each.
func begun(t *testing.T) (*Seeker, *album, photo) {
	t.Helper()
	s, a, photos := seeking(t, 2)
	p := photos[0]
	for _, d := range []uint32{1, 2} {
		s.Join(d, 0)
	}
	step(t, s, 2, wire.Stock{Root: p.root, Size: p.size, Pieces: []bool{true, false}}, 0)
	step(t, s, 1, wire.Stock{Root: p.root, Size: p.size, Whole: true}, 0)
	out := step(t, s, 1, wire.PartOf(p.root, p.size, p.list, 0), 0)
	if got := asked(out, photos); !reflect.DeepEqual(got, [][2]int{{0, 0}, {0, 1}}) {
		t.Fatalf("asked %v", got)
	}
	return s, a, p
}

func TestAPieceIsAskedTwiceOnlyWhenItIsLateAndNeverOfThree(t *testing.T) {
	s, a, p := begun(t) // the first device has room for both
	if out := s.Again(late); len(out) > 0 {
		t.Errorf("asked again in time: %v", out)
	}
	out := s.Again(late + 1)
	if got := asked(out, []photo{p}); !reflect.DeepEqual(got, [][2]int{{0, 0}}) || out[0].To != 2 {
		t.Fatalf("late, asked %v of %v", got, out)
	}
	if out := s.Again(9 * late); len(out) > 0 {
		t.Errorf("asked of a third: %v", out)
	}
	step(t, s, 2, wire.Piece{Root: p.root, Size: p.size, Number: 0, Bytes: p.pieces[0]}, 9*late)
	step(t, s, 1, wire.Piece{Root: p.root, Size: p.size, Number: 0, Bytes: p.pieces[0]}, 9*late)
	out = step(t, s, 1, wire.Piece{Root: p.root, Size: p.size, Number: 1, Bytes: p.pieces[1]}, 9*late)
	if !a.Has(p.root, p.size) || len(out) != 2 {
		t.Errorf("the photo is whole: %t; said %v", a.Has(p.root, p.size), out)
	}
}

func TestWhoSendsSomethingElseIsNotedAndToldAndAskedNoMore(t *testing.T) {
	s, a, p := begun(t)
	bad := slices.Clone(p.pieces[0])
	bad[9] ^= 1
	out := step(t, s, 1, wire.Piece{Root: p.root, Size: p.size, Number: 0, Bytes: bad}, 100)
	if got := asked(out, []photo{p}); !reflect.DeepEqual(got, [][2]int{{0, 0}}) || out[1].To != 2 {
		t.Errorf("asked %v", out)
	}
	declined(t, a, out[0], 1, wire.WhyUnproven)
	if a.puts != 0 {
		t.Errorf("kept %d", a.puts)
	}
	s.Leave(1, 200)
	if out := s.Join(1, 300); len(out) > 0 {
		t.Errorf("asked again after it came back: %v", out)
	}
}

// A disk that cannot read what it has of a file, or take more of it, must not stop
// the others.
func TestAFileThatTheDiskFailsHoldsUpNoOther(t *testing.T) {
	s, a, photos := seeking(t, 2, 1, 1)
	a.ill = map[wire.Hash]bool{photos[0].root: true}
	if got := asked(s.Join(7, 0), photos); !reflect.DeepEqual(got, [][2]int{{1, 0}, {2, 0}}) {
		t.Errorf("asked %v", got)
	}
	a.ill = map[wire.Hash]bool{photos[1].root: true}
	out := step(t, s, 7, wire.Piece{Root: photos[1].root, Size: photos[1].size, Bytes: photos[1].pieces[0]}, 100)
	declined(t, a, out[0], 7, wire.WhyRoom)
	s.Leave(7, 200)
	if out := s.Join(7, 300); len(out) > 0 {
		t.Errorf("asked %v, though the disk has just failed", out)
	}
	if got := asked(s.Again(100+pauseMin), photos); !reflect.DeepEqual(got, [][2]int{{2, 0}}) {
		t.Errorf("asked %v, though the disk has failed the second", got)
	}
	a.ill = nil
	step(t, s, 7, wire.Piece{Root: photos[2].root, Size: photos[2].size, Bytes: photos[2].pieces[0]}, 200+pauseMin)
	if out := s.Again(restTime + 100); len(out) != 2 {
		t.Errorf("after a while asked %v", out)
	}
}

func TestSmallFilesAreSentBeforeLargeOnes(t *testing.T) {
	a, r := newAlbum(), rand.New(rand.NewPCG(1, 2))
	large, small := newPhoto(r, 3*wire.PieceSize), newPhoto(r, 500)
	g := NewGiver(a, func(wire.Hash) bool { return true })
	for _, p := range []photo{large, small} {
		a.hold(p, func(int) bool { return true })
		if err := g.Step(wire.Ask{Root: p.root, Size: p.size, Pieces: []int{0}}); err != nil {
			t.Fatal(err)
		}
	}
	var sent []wire.Hash
	for m, ok := g.Next(); ok; m, ok = g.Next() {
		if piece, is := m.(wire.Piece); is {
			sent = append(sent, piece.Root)
		}
	}
	if !slices.Equal(sent, []wire.Hash{small.root, large.root}) {
		t.Error("the large one went first")
	}
}

func TestWhatADeviceMayNotHaveLooksLikeWhatIsNotThere(t *testing.T) {
	a := newAlbum()
	p := newPhoto(rand.New(rand.NewPCG(1, 2)), 2*wire.PieceSize)
	a.hold(p, func(int) bool { return true })
	may := false
	g := NewGiver(a, func(wire.Hash) bool { return may })
	if err := g.Step(wire.Ask{Root: p.root, Size: p.size, List: 1, Pieces: []int{0, 1}}); err != nil {
		t.Fatal(err)
	}
	said := func() (all []wire.FileWord) {
		for m, ok := g.Next(); ok; m, ok = g.Next() {
			all = append(all, m)
		}
		return all
	}
	if got := said(); !reflect.DeepEqual(got, []wire.FileWord{wire.Stock{Root: p.root, Size: p.size}}) {
		t.Errorf("said %#v", got)
	}
	if err := g.Step(wire.Ask{Root: p.root, Size: p.size, Sure: true, List: 1, Pieces: []int{0, 1}}); err != nil {
		t.Fatal(err)
	}
	if got := said(); !reflect.DeepEqual(got, []wire.FileWord{wire.Stock{Root: p.root, Size: p.size, Whole: true}}) {
		t.Errorf("to be sure, said %#v", got)
	}
	if err := g.Step(wire.Ask{Root: p.root, Size: p.size, List: 1, Pieces: []int{0, 1}}); err != nil || len(said()) > 0 {
		t.Errorf("pieces are given for knowing a name, %v", err)
	}
	g = NewGiver(a, func(wire.Hash) bool { return may })
	if err := g.Step(wire.Ask{Root: p.root, Size: p.size}); err != nil || len(said()) != 1 {
		t.Fatal(err)
	}
	may = true // a record has come that refers to it
	g.Look()
	if got := said(); !reflect.DeepEqual(got, []wire.FileWord{wire.Stock{Root: p.root, Size: p.size, Whole: true}}) {
		t.Errorf("then said %#v", got)
	}
}

func TestAnAskerThatAsksForTooMuchIsLeft(t *testing.T) {
	g := NewGiver(newAlbum(), func(wire.Hash) bool { return true })
	var err error
	for i := 0; err == nil && i <= askedMax+1; i++ {
		err = g.Step(wire.Ask{Root: wire.Hash{byte(i), byte(i >> 8), byte(i >> 16), 1}, Size: 5})
		g.says = nil
	}
	if err == nil || len(g.asked) > askedMax {
		t.Errorf("%d files are remembered, %v", len(g.asked), err)
	}
	if err := g.Step(wire.Piece{Bytes: []byte{1}}); err == nil {
		t.Error("who asks may send pieces")
	}
}

func TestWhoAsksAgainAndDoesNotListenFillsNoMemory(t *testing.T) {
	a := newAlbum()
	p := newPhoto(rand.New(rand.NewPCG(1, 2)), 3*wire.PieceSize)
	a.hold(p, func(n int) bool { return n > 0 })
	g := NewGiver(a, func(wire.Hash) bool { return true })
	for range 100 {
		for _, m := range []wire.FileWord{
			wire.Ask{Root: p.root, Size: p.size}, wire.Ask{Root: p.root, Size: p.size, Sure: true}, wire.Stock{Root: p.root, Size: p.size},
			wire.Ask{Root: p.root, Size: p.size},
		} {
			if err := g.Step(m); err != nil {
				t.Fatal(err)
			}
		}
	}
	if m, _ := g.Next(); len(m.(wire.Stock).Pieces) != 3 {
		t.Errorf("says %+v", m)
	}
	if m, more := g.Next(); more {
		t.Errorf("and once more: %+v", m)
	}
}

func TestAFileThatAGiverCannotReadHoldsUpNoOther(t *testing.T) {
	a, r := newAlbum(), rand.New(rand.NewPCG(1, 2))
	bad, good := newPhoto(r, 3*wire.PieceSize), newPhoto(r, 500)
	a.hold(bad, func(n int) bool { return n > 0 })
	a.hold(good, func(int) bool { return true })
	a.ill = map[wire.Hash]bool{bad.root: true}
	g := NewGiver(a, func(wire.Hash) bool { return true })
	for _, p := range []photo{bad, good} {
		if err := g.Step(wire.Ask{Root: p.root, Size: p.size}); err != nil {
			t.Fatal(err)
		}
		if m, ok := g.Next(); !ok || m.(wire.Stock).Whole != (p.root == good.root) || m.(wire.Stock).Pieces != nil {
			t.Errorf("says %+v", m)
		}
	}
}

func FuzzAGiverTakesAnything(f *testing.F) {
	p := newPhoto(rand.New(rand.NewPCG(1, 2)), 3*wire.PieceSize)
	f.Add(wire.EncodeFileWord(wire.Ask{Root: p.root, Size: p.size, List: 1, Pieces: []int{0, 2}}))
	f.Add(wire.EncodeFileWord(wire.Ask{Root: p.root, Size: p.size + wire.PieceSize, Pieces: []int{3}}))
	f.Add(wire.EncodeFileWord(wire.Stock{Root: p.root, Size: p.size, Whole: true}))
	f.Fuzz(func(t *testing.T, b []byte) {
		a := newAlbum()
		a.hold(p, func(n int) bool { return n != 1 })
		m, err := wire.DecodeFileWord(b)
		if err != nil {
			return
		}
		g, s := NewGiver(a, func(wire.Hash) bool { return true }), NewSeeker(newAlbum())
		s.Seek([]Wish{{p.root, p.size, func(uint32) bool { return true }}}, 0)
		s.Join(1, 0)
		s.Step(1, m, 5)
		g.Step(m)
		g.Step(m)
		for words := 0; ; words++ {
			word, ok := g.Next()
			if !ok {
				break
			}
			if words > 200 || len(wire.EncodeFileWord(word)) > wire.FileWordMax {
				t.Fatalf("%d words are said, the last of %T", words, word)
			}
		}
	})
}
