package pieces

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"wangge/sync/wire"
)

// declined checks that the last thing that was not taken was noted, and told the device.
func declined(t *testing.T, a *album, told Word, device uint32, why wire.Why) {
	t.Helper()
	if len(a.shut) == 0 {
		t.Fatal("nothing is noted")
	}
	last := len(a.shut) - 1
	d := a.shut[last]
	say := d
	if why == wire.WhyRoom {
		say.Reason = "its disk has no room, or fails"
	}
	if d.Why != why || d.Reason == "" || a.from[last] != device || told != (Word{device, say}) {
		t.Errorf("of device %d %+v is noted, and told: %+v", a.from[last], d, told)
	}
}

// A disk without room is not sent the same again all day, and all goes on once it has some.
func TestAFullDiskIsTriedLessAndLessAndTakesAllOnceItHasRoom(t *testing.T) {
	s, a, photos := seeking(t, 1, 1, 1, 1, 1, 1, 1, 1)
	a.full = true
	out, now, sent := s.Join(7, 0), uint64(0), 0
	take := func() {
		for len(out) > 0 {
			var next []Word
			for _, at := range asked(out, photos) {
				sent++
				next = append(next, step(t, s, 7, wire.Stock{Root: photos[at[0]].root, Size: photos[at[0]].size, Whole: true}, now)...)
				next = append(next, step(t, s, 7, wire.Piece{Root: photos[at[0]].root, Size: photos[at[0]].size, Number: at[1], Bytes: photos[at[0]].pieces[at[1]]}, now)...)
			}
			out = next
		}
	}
	for take(); now < 3_600_000; take() {
		now += 5000
		out = s.Again(now)
	}
	if sent > 200 {
		t.Errorf("%d pieces were sent in an hour to a disk that takes nothing", sent)
	}
	if len(a.shut) != sent || s.Lacks(7) != true {
		t.Errorf("of %d that were not taken %d are noted", sent, len(a.shut))
	}
	a.full = false
	if out = s.Rouse(now); len(asked(out, photos)) == 0 {
		t.Error("somebody made room, and nothing is asked for at once")
	}
	take()
	for end := now + restTime; now < end; take() {
		now += 5000
		out = s.Again(now)
	}
	if a.puts != len(photos) {
		t.Errorf("%d of %d came once there was room", a.puts, len(photos))
	}
}

// What is said of one file must not end the conversation, or the others never come.
func TestWhatIsWrongWithOneFileHoldsUpNoOtherOfTheSameDevice(t *testing.T) {
	a, r := newAlbum(), rand.New(rand.NewPCG(1, 2))
	s, other, theirs := NewSeeker(a), newPhoto(r, 500), newPhoto(r, 600)
	s.Seek([]Wish{
		{other.root, other.size, func(uint32) bool { return true }},
		{theirs.root, theirs.size, func(d uint32) bool { return d != 7 }},
	}, 0)
	s.Join(7, 0)
	out := step(t, s, 7, wire.Piece{Root: theirs.root, Size: theirs.size, Bytes: theirs.pieces[0]}, 20)
	declined(t, a, out[0], 7, wire.WhyRights)
	if out := step(t, s, 7, wire.Piece{Root: theirs.root, Size: theirs.size, Bytes: theirs.pieces[0]}, 30); len(out) > 0 || len(a.shut) != 1 {
		t.Errorf("what is sent again is told again: %v", out)
	}
	step(t, s, 7, wire.Piece{Root: other.root, Size: other.size, Bytes: other.pieces[0]}, 40)
	if !a.Has(other.root, other.size) || a.Has(theirs.root, theirs.size) {
		t.Error("the other file did not come, or came from who may not have it")
	}
}

// A record may announce a file with a size that is not the file's. Nothing that is sent
// of it would fit, and who has the file must not look like a liar.
func TestAFileAnnouncedWithAnotherSizeIsNotThere(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{500, 3*wire.PieceSize - 9} {
		p := newPhoto(r, size)
		for what, which := range map[string]func(int) bool{"all": func(int) bool { return true }, "some": func(n int) bool { return n == 0 }} {
			a := newAlbum()
			a.hold(p, which)
			for _, announced := range []int64{p.size - 1, p.size + 1, p.size + 9*wire.PieceSize} {
				g := NewGiver(a, func(wire.Hash) bool { return true })
				if err := g.Step(wire.Ask{Root: p.root, Size: announced, List: 1, Pieces: []int{0}}); err != nil {
					t.Fatal(err)
				}
				m, _ := g.Next()
				if _, more := g.Next(); more || !reflect.DeepEqual(m, wire.Stock{Root: p.root, Size: announced}) {
					t.Errorf("of %s of a file of %d, asked for with %d: %#v", what, p.size, announced, m)
				}
			}
		}
	}
}

// Who may write a record can announce any size. What is here of the file must not be
// taken for that one's pieces, and the others come.
func TestAFileAnnouncedWithAnotherSizeThanTheOneHereHoldsUpNoOther(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, some := range []bool{true, false} {
		for _, announced := range []int64{1, 3*wire.PieceSize - 1, 9 * wire.PieceSize} {
			a, here, other := newAlbum(), newPhoto(r, 3*wire.PieceSize), newPhoto(r, 500)
			a.hold(here, func(n int) bool { return some || n == 0 })
			s := NewSeeker(a)
			s.Seek([]Wish{{here.root, announced, func(uint32) bool { return true }}, {other.root, other.size, func(uint32) bool { return true }}}, 0)
			s.Join(7, 0)
			step(t, s, 7, wire.Stock{Root: here.root, Size: announced}, 1)
			step(t, s, 7, wire.Piece{Root: other.root, Size: other.size, Bytes: other.pieces[0]}, 2)
			if !a.Has(other.root, other.size) || len(a.shut) > 0 {
				t.Errorf("announced with %d, and the other did not come: %+v", announced, a.shut)
			}
		}
	}
}

// A lie about a file's size must not keep the file from coming, whichever record came first.
func TestAFileAnnouncedWithSeveralSizesComesWithItsOwn(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{500, 3*wire.PieceSize - 9} {
		p, from, to := newPhoto(r, size), newAlbum(), newAlbum()
		from.hold(p, func(int) bool { return true })
		s, g := NewSeeker(to), NewGiver(from, func(wire.Hash) bool { return true })
		var wishes []Wish
		for _, announced := range []int64{1, p.size - 1, p.size, p.size + 1, 9 * wire.PieceSize} {
			wishes = append(wishes, Wish{p.root, announced, func(uint32) bool { return true }})
		}
		out := append(s.Seek(wishes, 0), s.Join(7, 0)...)
		for len(out) > 0 {
			if err := g.Step(out[0].Say); err != nil {
				t.Fatal(err)
			}
			out = out[1:]
			for m, ok := g.Next(); ok; m, ok = g.Next() {
				out = append(out, step(t, s, 7, m, 1)...)
			}
		}
		if !to.Has(p.root, p.size) || len(to.shut) > 0 {
			t.Errorf("%d bytes: the file did not come: %+v", size, to.shut)
		}
	}
}

func TestADeclineIsTakenAndChangesNothing(t *testing.T) {
	a := newAlbum()
	p := newPhoto(rand.New(rand.NewPCG(1, 2)), 500)
	a.hold(p, func(int) bool { return true })
	g := NewGiver(a, func(wire.Hash) bool { return true })
	for _, m := range []wire.FileWord{wire.Decline{Root: p.root, Why: wire.WhyRoom}, wire.Ask{Root: p.root, Size: p.size, Pieces: []int{0}}} {
		if err := g.Step(m); err != nil {
			t.Fatal(err)
		}
	}
	g.Next()
	if m, _ := g.Next(); !reflect.DeepEqual(m, wire.Piece{Root: p.root, Size: p.size, Bytes: p.pieces[0]}) {
		t.Errorf("gives %#v", m)
	}
}
