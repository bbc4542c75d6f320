package crdt

import (
	"math/rand/v2"
	"testing"
)

func TestWhatIsTakenAwayBeforeItIsHereIsTold(t *testing.T) {
	a, b, c := newSide(1), newSide(2), newSide(3)
	a.assign("x")
	b.pull(a)
	b.write(b.rec.Delete(RecordID{1}))
	held := func(s *side) func(Writer) uint64 { return func(w Writer) uint64 { return s.held[w] } }
	if got := b.rec.Unheld(held(b)); len(got) != 0 {
		t.Errorf("a deletion of what is here names %+v", got)
	}
	c.pull(b) // the deletion, and not what it deletes
	want := Unheld{Field: Deleted, By: Dot{b.writer, 1, 0}, Stamp: 1, Writer: a.writer, Seq: 1}
	if got := c.rec.Unheld(held(c)); len(got) != 1 || got[0] != want {
		t.Errorf("it names %+v, want %+v", got, want)
	}
	if c.pull(a); len(c.rec.Unheld(held(c))) != 0 {
		t.Errorf("all has come, and it names %+v", c.rec.Unheld(held(c)))
	}
}

func TestAValueThatIsReplacedBeforeItIsHereIsTold(t *testing.T) {
	a, b := newSide(1), newSide(2)
	b.write(Op{RecordID{1}, "visit", 1, Register, Text("y"), []Dot{{a.writer, 3, 0}, {a.writer, 2, 0}}})
	held := func(w Writer) uint64 { return b.held[w] }
	want := Unheld{Field: 1, By: Dot{b.writer, 1, 0}, Stamp: 1, Writer: a.writer, Seq: 3}
	if got := b.rec.Unheld(held); len(got) != 1 || got[0] != want {
		t.Errorf("it names %+v, want %+v", got, want)
	}
	b.write(b.rec.Delete(RecordID{1}))
	for _, seq := range []uint64{2, 9} { // less far than the value that was replaced, and further
		b.write(Op{RecordID{1}, "visit", 0, Register, seen(Frontier{a.writer: seq, b.writer: 2}), b.rec.Cells[Deleted].Dots()})
		got := b.rec.Unheld(held)
		first := map[uint64]FieldID{2: 1, 9: Deleted}[seq]
		if len(got) != 2 || got[0].Field != first || got[0].Seq != max(seq, 3) || got[1].Field == first {
			t.Errorf("it names %+v, want field %d first", got, first)
		}
	}
}

func TestTheLatestEntryIsTheWinners(t *testing.T) {
	for seed := range uint64(500) {
		rng, c := rand.New(rand.NewPCG(seed, 5)), Cell{}
		for i := range rng.IntN(6) {
			c.Entries = append(c.Entries, Entry{Dot{Writer(i), 1, 0}, Stamp(rng.IntN(3)), Text(string(rune('a' + rng.IntN(3))))})
		}
		if got := c.Latest().Value; got != c.Winner() {
			t.Fatalf("seed %d: %q is the latest, and %q wins", seed, got, c.Winner())
		}
	}
}
