package crdt_test

import (
	"flag"
	"testing"

	. "wangge/crdt"
)

var (
	runs = flag.Int("runs", 2000, "how many seeds the laws of merge are tried on")
	seed = flag.Uint64("seed", 1, "the first seed; give a failed one to see it again")
)

// each runs the law in as many worlds as asked for and names the first seed in
// which it fails.
func each(t *testing.T, faulty bool, law func(*world) string) {
	t.Logf("seeds %d to %d", *seed, *seed+uint64(*runs)-1)
	for s := *seed; s < *seed+uint64(*runs); s++ {
		if fault := law(newWorld(s, faulty)); fault != "" {
			t.Fatalf("seed %d: %s (again: go test -run '%s' -seed %d -runs 1)", s, fault, t.Name(), s)
		}
	}
}

func TestEveryReplicaEqualsTheNaiveFoldAtAnyMoment(t *testing.T) {
	each(t, false, func(w *world) string {
		for range 4 {
			w.live(12)
			if r := w.one(); !equalRecords(r.records, r.fold()) {
				return "a replica differs from the fold of what it holds"
			}
		}
		return ""
	})
}

func TestReplicasThatHoldTheSameAreEqual(t *testing.T) {
	each(t, false, func(w *world) string {
		w.live(40)
		w.settle()
		first := w.replicas[0]
		if !equalRecords(first.records, first.fold()) {
			return "the settled state differs from the fold of all ops"
		}
		for _, r := range w.replicas[1:] {
			if !equalRecords(r.records, first.records) {
				return "two replicas that hold everything differ"
			}
		}
		return w.leftover(first)
	})
}

// leftover tells what honest writers must not leave once all has arrived.
func (w *world) leftover(r *replica) string {
	for _, rec := range r.records {
		for _, c := range rec.Cells {
			if len(c.Kills) > 0 {
				return "a kill is left though everything has arrived"
			}
		}
	}
	for p, sum := range w.sums {
		c := r.records[p.record].Cells[p.field]
		if c.Sum() != sum {
			return "a counter's sum is not the sum of what was added"
		}
		if len(c.Entries) > len(w.replicas) {
			return "a counter keeps more than one entry a writer"
		}
	}
	return ""
}

func TestFaultyWritersCannotMakeReplicasDisagree(t *testing.T) {
	each(t, true, func(w *world) string {
		w.live(40)
		w.settle()
		truth := visible(w.replicas[0].fold())
		for _, r := range w.replicas {
			if !equalRecords(visible(r.records), truth) {
				return "a replica shows something else than the fold of all ops"
			}
		}
		return ""
	})
}

func TestApplyNeverWritesIntoWhatItWasGivenOrHandedOut(t *testing.T) {
	each(t, false, func(w *world) string {
		w.live(30)
		for _, k := range w.kept {
			if !k.unchanged() {
				return "a cell changed after it was handed out"
			}
		}
		return ""
	})
}

func BenchmarkApply(b *testing.B) {
	held := Frontier{}
	var rec Record
	var seq uint64
	for b.Loop() {
		seq++
		op := rec.Assign(RecordID{}, "visit", 3, Int(int64(seq)))
		rec.Apply(Dot{Writer: 1, Seq: seq}, NewStamp(int64(seq)), op, held)
		held.Raise(1, seq)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ops/s")
}
