package wire_test

import (
	"fmt"
	"slices"
	"testing"

	"wangge/crdt"
	. "wangge/sync/wire"
)

// day returns a desk where each of some writers filled a form in each of n places.
func day(n int, writers ...crdt.Writer) *desk {
	d := newDesk()
	d.shift()
	for _, w := range writers {
		for i := range n {
			at := &written{crdt.RecordID{byte(i)}, crdt.Space{Area: fmt.Sprintf("1405811052%02d", i), Class: crdt.Personal}, map[crdt.FieldID]crdt.Dot{}}
			d.write(at, w, 1_800_000_000_000+int64(i), visit().Ops)
		}
	}
	return d
}

func TestRunsOfOneTreeLeanOnEachOtherAndComeBackWhole(t *testing.T) {
	for _, n := range []int{1, 2, 3, 7, 40} {
		d := day(n, anna, boris)
		m := d.chunks()[0]
		alone, leaning := Encode(m), EncodeFor(m, d.sender())
		got, err := DecodeFrom(leaning, d.receiver())
		if err != nil || !equalMessages(got, m) {
			t.Fatalf("%d forms: %v", n, err)
		}
		if saved := len(alone) - len(leaning); n == 40 && saved < 2*40*32 || n > 2 && saved < 2*n*16 {
			t.Errorf("%d forms of two writers take %d bytes leaning, %d not", n, len(leaning), len(alone))
		}
		if n > 1 {
			if _, err := Decode(leaning); err == nil {
				t.Errorf("%d forms: somebody without the streams reads them", n)
			}
		}
	}
}

// A chunk may carry a part of a tree, in any order.
func TestAnyPartOfATreeComesBackWhole(t *testing.T) {
	g := newGenerator(3)
	d := day(30, anna, boris)
	all := d.chunks()[0]
	for range 200 {
		m := Chunk{Number: 1}
		for _, run := range all.Runs {
			if g.IntN(3) == 0 {
				m.Runs = append(m.Runs, run)
			}
		}
		g.Shuffle(len(m.Runs), func(i, k int) { m.Runs[i], m.Runs[k] = m.Runs[k], m.Runs[i] })
		got, err := DecodeFrom(EncodeFor(m, d.sender()), d.receiver())
		if err != nil || !equalMessages(got, m) {
			t.Fatalf("%d runs: %v", len(m.Runs), err)
		}
	}
}

func TestARunThatMayNotLeanStandsByItself(t *testing.T) {
	d := day(10, anna)
	m := d.chunks()[0]
	sender := d.sender()
	sender.Lean = func(s crdt.Space, _ crdt.Writer) bool { return s != m.Runs[4].Space }
	lost := d.receiver()
	lost.Head = func(crdt.Space, crdt.Writer) (uint64, Hash) { return 0, Hash{1} } // of which nothing follows
	got, err := DecodeFrom(EncodeFor(m, sender), lost)
	if err != nil {
		t.Fatal(err)
	}
	for i, run := range got.(Chunk).Runs {
		if same := slices.Equal(run.Signature, m.Runs[i].Signature); same != (i == 4) {
			t.Errorf("run %d is proven: %v", i, same)
		}
	}
}

func TestATreeThatDoesNotFitWhatIsHeldProvesNothingAndTheOthersDo(t *testing.T) {
	d := day(10, anna, boris)
	m := d.chunks()[0]
	odd := stream{m.Runs[3].Space, m.Runs[3].Writer}
	for what, e := range map[string]end{
		"held further":      {5, Hash{}},
		"held another head": {0, Hash{9}},
	} {
		receiver := d.receiver()
		receiver.Head = func(s crdt.Space, w crdt.Writer) (uint64, Hash) {
			if (stream{s, w}) == odd {
				return e.seq, e.hash
			}
			return 0, Origin(county, s, w)
		}
		got, err := DecodeFrom(EncodeFor(m, d.sender()), receiver)
		if err != nil {
			t.Fatal(what, err)
		}
		for i, run := range got.(Chunk).Runs {
			h := d.ends[stream{run.Space, run.Writer}].hash
			good := Vouches(signed, county, run.Space, run.Writer, run.Last(), h, run.Signature)
			if i != 3 && good != (run.Writer != odd.writer) {
				t.Errorf("%s: run %d of %s is proven: %v", what, i, run.Writer, good)
			}
			if !slices.EqualFunc(run.Batches, m.Runs[i].Batches, slices.Equal[[]byte]) {
				t.Errorf("%s: run %d has other batches", what, i)
			}
		}
	}
}

func TestARunAfterAGapProvesNothing(t *testing.T) {
	d := day(3, anna)
	m := d.chunks()[0]
	for i := range m.Runs {
		m.Runs[i].First = 5
	}
	got, err := DecodeFrom(EncodeFor(m, d.sender()), d.receiver())
	if err != nil || got.(Chunk).Runs[0].Signature != nil {
		t.Errorf("%v, %v", got, err)
	}
}

// What is held already is compared elsewhere; here the rest of the run goes on
// from it.
func TestARunOfWhichAPartIsHeldIsProven(t *testing.T) {
	d := day(3, anna)
	for _, r := range d.chunks()[0].Runs {
		at := &written{crdt.RecordID{9}, r.Space, map[crdt.FieldID]crdt.Dot{}}
		d.write(at, anna, 1_800_000_100_000, visit().Ops)
	}
	m := d.chunks()[0]
	for held := range uint64(3) {
		receiver := d.receiver()
		receiver.Head = func(s crdt.Space, w crdt.Writer) (uint64, Hash) {
			h := Origin(county, s, w)
			for _, b := range d.streams[stream{s, w}][:held] {
				h = h.Next(b)
			}
			return held, h
		}
		got, err := DecodeFrom(EncodeFor(m, d.sender()), receiver)
		if err != nil || !equalMessages(got, m) {
			t.Errorf("held up to %d of 2: %v", held, err)
		}
	}
}

func TestPlacesThatContradictEachOtherStandByThemselves(t *testing.T) {
	d := day(5, anna)
	m := d.chunks()[0]
	m.Runs[1].Signature = m.Runs[0].Signature // false, but not ours to judge
	got, err := DecodeFrom(EncodeFor(m, d.sender()), d.receiver())
	if err != nil || !equalMessages(got, m) {
		t.Errorf("%v", err)
	}
	twice := d.chunks()[0]
	twice.Runs = append(twice.Runs, twice.Runs[0])
	got, err = DecodeFrom(EncodeFor(twice, d.sender()), d.receiver())
	if err != nil || !equalMessages(got, twice) {
		t.Errorf("a stream twice: %v", err)
	}
}

func TestAChunkThatLeansStaysReadable(t *testing.T) {
	d := day(6, anna, boris)
	m := d.chunks()[0]
	m.Runs = slices.Delete(m.Runs, 3, 5)
	stays(t, "message_leaning_chunk", packedTag, EncodeFor(m, d.sender()), d.receiver(), m)
	few := Chunk{Number: 1, Runs: m.Runs[:2]}
	for i := range few.Runs {
		few.Runs[i].Batches = [][]byte{{1, 0, 0, 0}} // too few bytes to be packed
		few.Runs[i].Signature = Place{2, i, []Hash{{byte(i)}}, sign(nil)}.Append(nil)
	}
	golden(t, "message_leaning_chunk_clear", EncodeFor(few, d.sender()))
}

// FuzzLeaningChunk holds that whatever leans comes to a proof or to none, at a
// cost that what arrived bounds.
func FuzzLeaningChunk(f *testing.F) {
	d := day(6, anna, boris)
	m := d.chunks()[0]
	f.Add(EncodeFor(m, d.sender()))
	m.Runs = m.Runs[2:9]
	f.Add(EncodeFor(m, d.sender()))
	f.Add(EncodeFor(m, d.sender())[:100])
	run := func(area string, leans ...any) string {
		return string(list(append([]any{2, area, 0, 7, 0, 1, 1, 4, "\x01\x00\x00\x00"}, leans...)...))
	}
	h := string(make([]byte, 32))
	f.Add(list(2, 0, 0, 1, 3, 1, h, 1, "x", 2, run("14", 1, 0), run("15", 1, 1)))
	f.Add(list(2, 0, 0, 1, 3, 1, h, 1, "x", 2, run("14", 1, 1), run("15", 1, 1)))
	f.Add(list(2, 0, 0, 1, 1<<16, 1, h, 1, "x", 2, run("14", 1, 65535), run("15", 1, 3)))
	f.Add(list(2, 0, 0, 2, 1, 0, 1, "x", 1, 0, 1, "y", 2, run("14", 1, 0), run("15", 2, 0)))
	f.Add(list(2, 0, 0, 1, 0, 0, 1, "x", 2, run("14", 1, 0), run("15", 1, 1)))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := DecodeFrom(b, d.receiver())
		if err != nil {
			return
		}
		again, err := DecodeFrom(EncodeFor(got, d.sender()), d.receiver())
		if err != nil {
			t.Fatalf("%v is not read again: %v", got, err)
		}
		x, ok := got.(Chunk)
		if !ok {
			return
		}
		for i, r := range again.(Chunk).Runs {
			if sound := len(r.Signature) == 0 || slices.Equal(r.Signature, x.Runs[i].Signature); !sound {
				t.Errorf("run %d came with %x and goes on with %x", i, x.Runs[i].Signature, r.Signature)
			}
		}
	})
}
