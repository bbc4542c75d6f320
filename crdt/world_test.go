package crdt_test

import (
	"fmt"
	"math/rand/v2"
	"slices"

	. "wangge/crdt"
)

// place names a field of a record.
type place struct {
	record RecordID
	field  FieldID
}

// added is an op with its name and date: what the naive fold works on.
type added struct {
	dot   Dot
	stamp Stamp
	op    Op
}

// replica is one machine of a simulated county: what it merged, and every
// batch, to pass on.
type replica struct {
	writer  Writer
	ahead   int64 // of the others' clocks
	held    Frontier
	records map[RecordID]Record
	streams map[Writer][]Batch
}

// world is a handful of replicas whose writing and meeting a seed decides.
type world struct {
	*rand.Rand
	rules
	faulty   bool // writers also replace what they never saw and disagree on kinds and types
	replicas []*replica
	habit    int // what is written most
	records  int // how many there are: the fewer, the more meet in one
	clock    int64
	book     book
	kept     []keptCell
	fault    string // the first thing that an author saw go wrong
}

// book is what honest authors did, kept aside to compare with in the end.
type book struct {
	sums  map[place]int64 // added to each counter
	stock map[place]int64 // earned less spent of each bounded counter
	lines map[place]int   // appended to each log
	saw   map[Dot][]Dot   // of each deletion: the dots of what its author had in front of it
}

// keptCell is a cell as it was handed out, and a copy of how it was then.
type keptCell struct{ cell, copy Cell }

func newWorld(seed uint64, faulty bool) *world { return newWorldOf(product(), seed, faulty) }

func newWorldOf(r rules, seed uint64, faulty bool) *world {
	w := &world{Rand: rand.New(rand.NewPCG(seed, 1)), rules: r, faulty: faulty}
	w.book = book{map[place]int64{}, map[place]int64{}, map[place]int{}, map[Dot][]Dot{}}
	w.habit, w.records = w.IntN(habits), 1+w.IntN(3)
	for i := range 2 + w.IntN(4) {
		w.replicas = append(w.replicas, &replica{
			writer:  NewWriter(uint32(i+1), uint32(w.IntN(2))),
			ahead:   int64(w.IntN(2) * w.IntN(20)),
			held:    Frontier{},
			records: map[RecordID]Record{},
			streams: map[Writer][]Batch{},
		})
	}
	return w
}

func (w *world) one() *replica { return w.replicas[w.IntN(len(w.replicas))] }

// live lets the replicas write and meet for a while.
func (w *world) live(steps int) {
	for range steps {
		w.clock += int64(w.IntN(3))
		if w.IntN(3) == 0 {
			w.write(w.one())
		} else {
			w.meet(w.one(), w.one())
		}
	}
}

// settle exchanges everything: everyone meets everyone, in some order.
func (w *world) settle() {
	for _, i := range w.Perm(len(w.replicas)) {
		for _, j := range w.Perm(len(w.replicas)) {
			w.meetFully(w.replicas[i], w.replicas[j])
		}
	}
}

// meet passes some of one stream on, perhaps some that is held already.
func (w *world) meet(from, to *replica) {
	writers := from.held.Writers()
	if len(writers) == 0 {
		return
	}
	writer := writers[w.IntN(len(writers))]
	first := 1 + w.Uint64N(to.held[writer]+1)
	for seq := first; seq <= from.held[writer] && w.IntN(6) > 0; seq++ {
		w.receive(to, writer, seq, from.streams[writer][seq-1])
	}
}

func (w *world) meetFully(from, to *replica) {
	writers := from.held.Writers()
	w.Shuffle(len(writers), func(i, j int) { writers[i], writers[j] = writers[j], writers[i] })
	for _, writer := range writers {
		for i, b := range from.streams[writer] {
			w.receive(to, writer, uint64(i+1), b)
		}
	}
}

// receive is what a store does with a batch: skip what it holds, apply the ops,
// raise the frontier.
func (w *world) receive(r *replica, writer Writer, seq uint64, b Batch) {
	if seq <= r.held[writer] {
		return
	}
	if seq != r.held[writer]+1 {
		panic(fmt.Sprintf("the simulation left a gap before batch %d of %s", seq, writer))
	}
	for i, op := range b.Ops {
		w.take(r, added{Dot{Writer: writer, Seq: seq, Index: uint32(i)}, b.Stamp, op})
	}
	r.keep(writer, seq, b)
}

func (r *replica) keep(writer Writer, seq uint64, b Batch) {
	r.streams[writer] = append(r.streams[writer], b)
	r.held.Raise(writer, seq)
}

// take applies an op, spoils what it lent for that, and now and then keeps the
// cell that was there before: neither may show.
func (w *world) take(r *replica, a added) {
	rec := r.records[a.op.Record].Clone()
	if old := rec.Cells[a.op.Field]; w.IntN(8) == 0 {
		w.kept = append(w.kept, keptCell{old, Cell{old.Type, slices.Clone(old.Entries), slices.Clone(old.Kills)}})
	}
	lent := a.op
	lent.Replaces = slices.Clone(a.op.Replaces)
	w.apply(&rec, a.dot, a.stamp, lent, r.held)
	if w.IntN(8) == 0 {
		before, c := r.records[a.op.Record].Clone(), rec.Cells[a.op.Field]
		w.kept = append(w.kept, keptCell{c, Cell{c.Type, slices.Clone(c.Entries), slices.Clone(c.Kills)}})
		w.apply(&before, a.dot, a.stamp+1, a.op, r.held) // what is made of one state is not made of the other
	}
	for i := range lent.Replaces {
		lent.Replaces[i] = Dot{}
	}
	r.records[a.op.Record] = rec
}
