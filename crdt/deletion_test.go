package crdt

import (
	"math/rand/v2"
	"testing"
)

// side is a replica that writes one record as one writer, for tests that need
// no more than that.
type side struct {
	writer Writer
	rec    Record
	held   Frontier
	log    []Op
}

func newSide(device uint32) *side { return &side{writer: NewWriter(device, 0), held: Frontier{}} }

func (s *side) write(op Op) {
	s.log = append(s.log, op)
	s.take(s.writer, uint64(len(s.log)), op)
}

func (s *side) take(w Writer, seq uint64, op Op) {
	s.rec.Apply(Dot{w, seq, 0}, Stamp(seq), op, s.held)
	s.held[w] = seq
}

// pull takes everything of another side that this one lacks.
func (s *side) pull(o *side) {
	for i := s.held[o.writer]; i < uint64(len(o.log)); i++ {
		s.take(o.writer, i+1, o.log[i])
	}
}

func (s *side) assign(v string) { s.write(s.rec.Assign(RecordID{1}, "visit", 1, Text(v))) }

func meet(a, b *side) {
	a.pull(b)
	b.pull(a)
}

func wantFate(t *testing.T, want Fate, sides ...*side) {
	t.Helper()
	for _, s := range sides {
		if got := s.rec.Fate(); got != want {
			t.Errorf("at %s the record's fate is %d, want %d", s.writer, got, want)
		}
	}
}

func TestADeletionThatSawEverythingHoldsEverywhere(t *testing.T) {
	a, b := newSide(1), newSide(2)
	a.assign("x")
	meet(a, b)
	b.assign("y")
	b.write(b.rec.Delete(RecordID{1}))
	wantFate(t, Dead, b)
	wantFate(t, Alive, a)
	meet(a, b)
	wantFate(t, Dead, a, b)
}

func TestAnEditThatDidNotSeeTheDeletionKeepsTheRecord(t *testing.T) {
	a, b := newSide(1), newSide(2)
	a.assign("x")
	meet(a, b)
	b.write(b.rec.Delete(RecordID{1}))
	a.assign("still needed")
	meet(a, b)
	wantFate(t, Disputed, a, b)
	if got := a.rec.Cells[1].Winner(); got != Text("still needed") {
		t.Errorf("the edit reads %q", got)
	}
	a.write(a.rec.Restore(RecordID{1}))
	meet(a, b)
	wantFate(t, Alive, a, b)
}

func TestWhatWasDeletedCanBeDeletedAgainAndTakenBack(t *testing.T) {
	a, b := newSide(1), newSide(2)
	a.assign("x")
	meet(a, b)
	a.write(a.rec.Delete(RecordID{1}))
	b.write(b.rec.Delete(RecordID{1}))
	meet(a, b)
	wantFate(t, Dead, a, b)
	b.write(b.rec.Restore(RecordID{1}))
	wantFate(t, Alive, b)
	b.write(b.rec.Delete(RecordID{1}))
	meet(a, b)
	wantFate(t, Dead, a, b)
}

func TestTwoHalfDeletionsTogetherAreOne(t *testing.T) {
	a, b := newSide(1), newSide(2)
	a.assign("x")
	b.assign("y") // neither has seen the other's value
	a.write(a.rec.Delete(RecordID{1}))
	b.write(b.rec.Delete(RecordID{1}))
	wantFate(t, Dead, a, b)
	meet(a, b)
	wantFate(t, Dead, a, b)
}

func TestFatesAgreeWhateverTheOrder(t *testing.T) {
	for seed := range uint64(2000) {
		rng := rand.New(rand.NewPCG(seed, 3))
		sides := []*side{newSide(1), newSide(2), newSide(3)}
		for range 25 {
			s := sides[rng.IntN(3)]
			switch rng.IntN(6) {
			case 0:
				s.write(s.rec.Delete(RecordID{1}))
			case 1:
				s.write(s.rec.Restore(RecordID{1}))
			case 2, 3:
				s.assign(string(rune('a' + rng.IntN(26))))
			default:
				s.pull(sides[rng.IntN(3)])
			}
		}
		for _, s := range sides {
			for _, o := range sides {
				s.pull(o)
			}
		}
		want := sides[0].rec.Fate()
		for _, s := range sides[1:] {
			if s.rec.Fate() != want {
				t.Fatalf("seed %d: fates %d and %d", seed, want, s.rec.Fate())
			}
		}
	}
}

func TestADeletionHasOneSpelling(t *testing.T) {
	f := Frontier{NewWriter(1, 0): 5, NewWriter(2, 7): 300}
	v := seen(f)
	got, ok := v.seen()
	if !ok || len(got) != 2 || got[NewWriter(2, 7)] != 300 || !v.Valid() {
		t.Errorf("%q reads as %v", v, got)
	}
	for _, bad := range []Value{
		"s", v + "\x01", v[:len(v)-1],
		seen(Frontier{NewWriter(2, 7): 300}) + seen(Frontier{NewWriter(1, 0): 5})[1:], // out of order
		"s\x01\x00\x00",     // batch 0
		"s\x81\x00\x00\x05", // a number spelled too long
	} {
		if bad.Valid() {
			t.Errorf("%q passes", bad)
		}
	}
}
