package crdt_test

import (
	"fmt"
	"slices"
	"testing"

	. "wangge/crdt"
)

func joinFrontiers(a, b Frontier) Frontier {
	both := a.Clone()
	for w, seq := range b {
		both.Raise(w, seq)
	}
	return both
}

// together is the dumb twin of a join: the fold of all batches that either holds.
func together(a, b *replica) *replica {
	all := &replica{held: joinFrontiers(a.held, b.held), streams: map[Writer][]Batch{}}
	for _, r := range []*replica{a, b} {
		for w, batches := range r.streams {
			if len(batches) > len(all.streams[w]) {
				all.streams[w] = slices.Clone(batches)
			}
		}
	}
	return all
}

func joinAll(a, b *replica) map[RecordID]Record {
	joined := map[RecordID]Record{}
	for _, records := range []map[RecordID]Record{a.records, b.records} {
		for id := range records {
			joined[id] = Join(a.records[id], b.records[id], a.held.Has, b.held.Has)
		}
	}
	return joined
}

func TestJoiningTwoStatesGivesTheFoldOfWhatEitherHolds(t *testing.T) {
	each(t, false, func(w *world) string {
		w.live(40)
		a, b := w.one(), w.one()
		want := together(a, b).fold()
		if got := joinAll(a, b); !equalRecords(got, want) {
			return fmt.Sprintf("the join is %v, the fold of both logs %v", got, want)
		}
		if !equalRecords(joinAll(b, a), want) {
			return "the join depends on who joins whom"
		}
		return ""
	})
}

func TestWhoHasJoinedGoesOnAsIfItHeldEverything(t *testing.T) {
	each(t, false, func(w *world) string {
		w.live(30)
		a, b := w.one(), w.one()
		records, all := joinAll(a, b), together(a, b)
		a.records, a.held = records, all.held
		a.streams = all.streams // so that the twin can fold; who has joined keeps none
		w.live(20)
		w.settle()
		for _, r := range w.replicas {
			if !equalRecords(r.records, w.replicas[0].fold()) {
				return "a replica differs after one of them has joined"
			}
		}
		return ""
	})
}

func TestAJoinShowsWhatAFaultyWritersBatchesShowElsewhere(t *testing.T) {
	each(t, true, func(w *world) string {
		w.live(40)
		a, b := w.one(), w.one()
		if !equalRecords(visible(joinAll(a, b)), visible(together(a, b).fold())) {
			return "the join shows something else than the fold of both logs"
		}
		return ""
	})
}

func BenchmarkJoin(b *testing.B) {
	held := Frontier{}
	records := make([]Record, 10_000)
	for i := range records {
		held.Raise(1, uint64(i+1))
		for f := range FieldID(12) {
			op := records[i].Assign(RecordID{}, "visit", f, Int(int64(i)))
			records[i].Apply(Dot{Writer: 1, Seq: uint64(i + 1), Index: uint32(f)}, NewStamp(1), op, held)
		}
	}
	for b.Loop() {
		for _, rec := range records {
			Join(rec, rec, held.Has, held.Has)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/10000-records")
}
