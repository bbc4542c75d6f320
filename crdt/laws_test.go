package crdt_test

import (
	"flag"
	"maps"
	"testing"

	. "wangge/crdt"
)

var (
	runs = flag.Int("runs", runsUsual, "how many seeds the laws of merge are tried on")
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

// laws lets a world live, holds all laws against it at any moment and when all
// has been exchanged, and returns what is broken. What begins with "lost" is a
// loss, all else a divergence.
func (w *world) laws() string {
	for range 3 {
		w.live(14)
		if wrong := first(w.lawOfOne, w.lawOfGroups); wrong != "" {
			return wrong
		}
	}
	w.settle()
	return first(w.lawOfAll, w.lawOfNothingTwice, w.lawOfNothingLost, w.lawOfInputs)
}

func first(laws ...func() string) string {
	for _, law := range laws {
		if wrong := law(); wrong != "" {
			return wrong
		}
	}
	return ""
}

// equal compares states: whole ones, or what they show where a faulty writer may
// have left kills by order of arrival.
func (w *world) equal(a, b map[RecordID]Record) bool {
	if w.faulty {
		a, b = visible(a), visible(b)
	}
	return equalRecords(a, b)
}

// lawOfOne: a replica equals the naive fold of what it holds, and is read as its
// twin is.
func (w *world) lawOfOne() string {
	r := w.one()
	if !w.equal(r.records, r.fold()) {
		return "a replica differs from the fold of what it holds"
	}
	return first(func() string { return w.fault }, func() string { return w.lawOfLists(r) }, func() string { return w.reads(r) })
}

// lawOfLists: both lists of a cell are in order and name nothing twice, and what
// came to a field is not waited for there, whoever wrote what.
func (w *world) lawOfLists(r *replica) string {
	for id, rec := range r.records {
		for field, c := range rec.Cells {
			for i, k := range c.Kills {
				if i > 0 && c.Kills[i-1].Compare(k) >= 0 {
					return "kills are out of order, or one is kept twice"
				}
				if op, came := r.op(k); came && op.Record == id && op.Field == field {
					return "a kill waits for a dot that came"
				}
			}
			for i, e := range c.Entries {
				if i > 0 && c.Entries[i-1].Dot.Compare(e.Dot) >= 0 {
					return "entries are out of order, or one shows twice"
				}
			}
		}
	}
	return ""
}

// op returns the op of a dot, if the replica holds it.
func (r *replica) op(d Dot) (Op, bool) {
	stream := r.streams[d.Writer]
	if d.Seq == 0 || d.Seq > uint64(len(stream)) || int(d.Index) >= len(stream[d.Seq-1].Ops) {
		return Op{}, false
	}
	return stream[d.Seq-1].Ops[d.Index], true
}

// lawOfGroups: merging is associative, commutative and idempotent, whoever has
// merged with whom before.
func (w *world) lawOfGroups() string {
	a, b, c := w.one(), w.one(), w.one()
	left, right := w.joined(w.joined(a, b), c), w.joined(a, w.joined(c, b))
	if !w.equal(left.records, right.records) {
		return "three states joined in two groupings differ"
	}
	if !w.equal(left.records, together(together(a, b), c).fold()) {
		return "three states joined differ from the fold of what all hold"
	}
	if !w.equal(w.joined(left, left).records, left.records) || !w.equal(w.joined(left, b).records, left.records) {
		return "a state changes when it is joined with what it holds"
	}
	return ""
}

func (w *world) joined(a, b *replica) *replica {
	out := &replica{held: joinFrontiers(a.held, b.held), records: map[RecordID]Record{}}
	for _, records := range []map[RecordID]Record{a.records, b.records} {
		for id := range records {
			out.records[id] = w.join(a.records[id], b.records[id], a.held.Has, b.held.Has)
		}
	}
	return out
}

// lawOfAll: replicas that hold everything are equal, in whatever order and
// portions it came.
func (w *world) lawOfAll() string {
	truth := w.replicas[0].fold()
	for _, r := range w.replicas {
		if !w.equal(r.records, truth) {
			return "a replica that holds everything differs from the fold of all ops"
		}
	}
	return w.reads(w.one())
}

// lawOfNothingTwice: what comes again changes nothing.
func (w *world) lawOfNothingTwice() string {
	r := w.one()
	before := maps.Clone(r.records)
	w.meetFully(w.one(), r)
	if !w.equal(r.records, before) {
		return "batches that came again changed a replica"
	}
	return ""
}

// lawOfNothingLost: what honest writers did is all there, and no bookkeeping is
// left over.
func (w *world) lawOfNothingLost() string {
	if w.faulty {
		return ""
	}
	records := w.one().records
	for _, rec := range records {
		for _, c := range rec.Cells {
			if len(c.Kills) > 0 {
				return "a kill is left though everything has arrived"
			}
		}
	}
	at := func(p place) Cell { return records[p.record].Cells[p.field] }
	for p, sum := range w.book.sums {
		if w.sum(at(p)) != sum {
			return "lost: a counter's sum is not the sum of what was added"
		}
		if len(at(p).Entries) > len(w.replicas) {
			return "a counter keeps more than one entry a writer"
		}
	}
	for p, stock := range w.book.stock {
		if w.ledger(at(p)).Balance() != stock || stock < 0 {
			return "lost: a bounded counter's balance is not what was earned less what was spent"
		}
	}
	for p, lines := range w.book.lines {
		if len(w.log(at(p))) != lines {
			return "lost: a log has not all that was noted"
		}
	}
	return ""
}

// lawOfInputs: a cell that was handed out stays as it was.
func (w *world) lawOfInputs() string {
	for _, k := range w.kept {
		if !k.unchanged() {
			return "a cell changed after it was handed out"
		}
	}
	return ""
}
