package session

import (
	"reflect"
	"slices"
	"testing"

	"wangge/crdt"
	"wangge/sync/wire"
)

func TestAnAnswerNamesTheChunkAndWhatElseIsHeld(t *testing.T) {
	own, other := stream{village, crdt.NewWriter(1, 0)}, stream{notes, crdt.NewWriter(1, 0)}
	run := func(st stream) wire.Run {
		return wire.Run{Space: st.space, Writer: st.writer, First: 1, Batches: [][]byte{word(1), word(2)}}
	}
	mark := func(st stream, seq uint64, level wire.Level) wire.Mark {
		return wire.Mark{Space: st.space, Writer: st.writer, Seq: seq, Level: level}
	}
	chunk := wire.Chunk{Number: 7, Runs: []wire.Run{run(own), run(other)}}
	further := mark(own, 9, wire.AtBox)
	for what, test := range map[string]struct {
		marks []wire.Mark
		want  []wire.Message
	}{
		"nothing":               {nil, nil},
		"all":                   {[]wire.Mark{mark(own, 2, wire.AtBox), mark(other, 2, wire.AtBox)}, []wire.Message{wire.Kept{Chunk: 7, Level: wire.AtBox}}},
		"one":                   {[]wire.Mark{mark(other, 2, wire.AtCounty)}, []wire.Message{wire.Kept{Chunk: 7, Level: wire.AtCounty, Not: []int{0}}}},
		"one, and it goes on":   {[]wire.Mark{further}, []wire.Message{wire.Kept{Chunk: 7, Level: wire.AtBox, Not: []int{1}}, wire.Ack{Marks: []wire.Mark{further}}}},
		"each at its level":     {[]wire.Mark{mark(own, 2, wire.AtBox), mark(other, 2, wire.Saved)}, []wire.Message{wire.Kept{Chunk: 7, Level: wire.AtBox, Not: []int{1}}, wire.Ack{Marks: []wire.Mark{mark(other, 2, wire.Saved)}}}},
		"less than a run's end": {[]wire.Mark{mark(own, 1, wire.AtBox)}, []wire.Message{wire.Kept{Chunk: 7, Level: wire.AtBox, Not: []int{0, 1}}, wire.Ack{Marks: []wire.Mark{mark(own, 1, wire.AtBox)}}}},
	} {
		if got := answer(chunk, wire.Ack{Marks: test.marks}); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s kept: answered %v, want %v", what, got, test.want)
		}
	}
}

func TestAnAnswerThatComesTwiceOrNamesNothingSentChangesNothing(t *testing.T) {
	a, b := newReplica(1, town...), newReplica(2, town...)
	a.write(village, 10)
	c := meet(t, a, b)
	c.finish()
	for _, m := range []wire.Kept{{Chunk: 1, Level: wire.AtBox}, {Chunk: 99, Level: wire.AtCounty}} {
		out, err := c.side[0].Step(m)
		if err != nil || len(out) != 0 || a.reached[a.own(village)][wire.AtCounty] != 0 {
			t.Errorf("%v is answered with %v, %v", m, out, err)
		}
	}
	settled(t, c, true)
}

func TestChunksGrowWhereTheyArrive(t *testing.T) {
	a, b := newReplica(1, town...), newReplica(2, town...)
	for range 1200 {
		a.write(village, 1000)
	}
	c := meet(t, a, b)
	c.side[0].Carries(1 << 20)
	var sizes []int
	c.observe = func(_ int, m wire.Message) {
		if chunk, ok := m.(wire.Chunk); ok {
			sizes = append(sizes, 1000*len(chunk.Runs[0].Batches))
		}
	}
	c.finish()
	settled(t, c, true)
	if sizes[0] > chunkMin || slices.Max(sizes) > chunkMax || slices.Max(sizes) < chunkMax-2000 {
		t.Errorf("chunks of %d bytes, want %d to %d", sizes, chunkMin, chunkMax)
	}
}

// edit writes a text of the n-th record, over the one before.
func (r *replica) edit(sp crdt.Space, n int, replaces ...crdt.Dot) {
	id := crdt.RecordID{0: byte(n), 15: 0xaa}
	op := crdt.Op{Record: id, Kind: "visit", Field: 1, Type: crdt.Register, Value: crdt.Int(int64(n)), Replaces: replaces}
	st := r.own(sp)
	r.log[st] = append(r.log[st], wire.AppendBatch(nil, crdt.Batch{Stamp: crdt.Stamp(n) << 16, Ops: []crdt.Op{op}}))
}

func TestWhatThePeerHoldsIsNamedAndNotRepeated(t *testing.T) {
	a, b := newReplica(1, town...), newReplica(2, town...)
	for n := range 40 {
		a.edit(village, n)
	}
	c := meet(t, a, b)
	c.finish()
	named, plain := 0, 0
	c.observe = func(from int, m wire.Message) {
		if _, ok := m.(wire.Chunk); ok {
			named, plain = len(c.side[from].Encode(m)), len(wire.Encode(m))
		}
	}
	for n := range 40 {
		a.edit(village, n, crdt.Dot{Writer: a.own(village).writer, Seq: uint64(n + 1)})
	}
	c.wake(0)
	c.finish()
	settled(t, c, true)
	if named == 0 || named > plain-40*10 {
		t.Errorf("40 edits travel in %d bytes, in %d for a stranger", named, plain)
	}
	if !reflect.DeepEqual(a.log, b.log) {
		t.Error("the peer reads other batches than were written")
	}
}
