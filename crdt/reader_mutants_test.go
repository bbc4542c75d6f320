package crdt_test

import (
	"maps"
	"slices"
	"testing"

	. "wangge/crdt"
)

// TestMutantsOfReadingAreCaught asks all mutants in the same worlds, since a
// reader changes nothing in them.
func TestMutantsOfReadingAreCaught(t *testing.T) {
	mutants := slices.Concat(plainReaders(), stockReaders(), recordReaders())
	caught := make([]int, len(mutants))
	for s := range uint64(mutantSeeds) {
		honest, faulty := newWorld(s+1, false), newWorld(s+1, true)
		out := make([]bool, len(mutants))
		for step := range 3 {
			for _, w := range []*world{honest, faulty} {
				w.live(14)
				if step == 2 {
					w.settle()
				}
				r := w.one()
				for i, m := range mutants {
					out[i] = out[i] || m.misreads(w, r)
				}
			}
		}
		for i := range mutants {
			if out[i] {
				caught[i]++
			}
		}
	}
	for i, m := range mutants {
		report(t, m.what, caught[i])
	}
}

func (m mutant) misreads(w *world, r *replica) (wrong bool) {
	defer func(sound rules) {
		w.rules = sound
		wrong = wrong || recover() != nil
	}(w.rules)
	m.wrong(&w.rules)
	return w.reads(r) != ""
}

func plainReaders() []mutant {
	return []mutant{
		{"values: by dot alone", func(r *rules) { r.values = unstamped(Cell.Values) }},
		{"values: the earliest first", func(r *rules) {
			r.values = func(c Cell) []Value { v := c.Values(); slices.Reverse(v); return v }
		}},
		{"values: equal ones twice", func(r *rules) {
			r.values = func(c Cell) (all []Value) {
				for _, e := range slices.Backward(c.Log()) {
					all = append(all, e.Value)
				}
				return all
			}
		}},
		{"values: of equal stamps the lowest dot first", func(r *rules) {
			r.values = func(c Cell) (all []Value) {
				order := slices.Clone(c.Entries)
				slices.SortStableFunc(order, func(a, b Entry) int { return int(int64(b.Stamp) - int64(a.Stamp)) })
				for _, e := range order {
					if !slices.Contains(all, e.Value) {
						all = append(all, e.Value)
					}
				}
				return all
			}
		}},
		{"conflict: of any type", func(r *rules) { r.conflict = func(c Cell) bool { return len(c.Values()) > 1 } }},
		{"conflict: of equal values", func(r *rules) {
			r.conflict = func(c Cell) bool { return c.Type == Register && len(c.Entries) > 1 }
		}},
		{"counter: the highest total, not the sum", func(r *rules) {
			r.sum = func(c Cell) (most int64) {
				for _, e := range c.Entries {
					n, _ := e.Value.Int()
					most = max(most, n)
				}
				return most
			}
		}},
		{"counter: the latest total, not the sum", func(r *rules) {
			r.sum = func(c Cell) int64 { n, _ := c.Winner().Int(); return n }
		}},
		{"counter: equal totals once", func(r *rules) {
			r.sum = func(c Cell) (sum int64) {
				for _, v := range c.Values() {
					n, _ := v.Int()
					sum += n
				}
				return sum
			}
		}},
		{"log: equal entries once", func(r *rules) {
			r.log = func(c Cell) []Entry {
				return slices.CompactFunc(c.Log(), func(a, b Entry) bool { return a.Value == b.Value })
			}
		}},
		{"log: by dot alone", func(r *rules) { r.log = func(c Cell) []Entry { return c.Entries } }},
		{"log: the latest first", func(r *rules) {
			r.log = func(c Cell) []Entry { l := c.Log(); slices.Reverse(l); return l }
		}},
		{"log: the latest entry alone", func(r *rules) {
			r.log = func(c Cell) []Entry { l := c.Log(); return l[max(0, len(l)-1):] }
		}},
	}
}

// unstamped reads a cell as if all had been written at once.
func unstamped(read func(Cell) []Value) func(Cell) []Value {
	return func(c Cell) []Value {
		c.Entries = slices.Clone(c.Entries)
		for i := range c.Entries {
			c.Entries[i].Stamp = 0
		}
		return read(c)
	}
}

// changed reads a bounded counter after each holder was changed.
func changed(change func(*Holder)) func(*rules) {
	return func(r *rules) {
		r.ledger = func(c Cell) Ledger {
			l := c.Ledger()
			for i := range l {
				change(&l[i])
			}
			return l
		}
	}
}

func stockReaders() []mutant {
	return []mutant{
		{"bounded: handed rights do not arrive", changed(func(h *Holder) { h.Received = 0 })},
		{"bounded: handed rights are not given away", changed(func(h *Holder) { h.Dealings = nil })},
		{"bounded: spending costs nothing", changed(func(h *Holder) { h.Spent = 0 })},
		{"bounded: what was earned is no right", changed(func(h *Holder) { h.Earned = 0 })},
		{"bounded: nobody is ever at fault", changed(func(h *Holder) { h.Standing = min(h.Standing, Waiting) })},
		{"bounded: nobody is ever waited for", changed(func(h *Holder) {
			if h.Standing == Waiting {
				h.Standing = Faulty
			}
		})},
		{"bounded: who overdrew is sound", changed(func(h *Holder) { h.Standing = Sound })},
		{"bounded: equal accounts count once", func(r *rules) {
			r.ledger = func(c Cell) Ledger {
				c.Entries = slices.Clone(c.Entries)
				seen := map[Value]bool{}
				c.Entries = slices.DeleteFunc(c.Entries, func(e Entry) bool { had := seen[e.Value]; seen[e.Value] = true; return had })
				return c.Ledger()
			}
		}},
		{"bounded: only the latest account counts", func(r *rules) {
			r.ledger = func(c Cell) Ledger {
				last := slices.MaxFunc(append(c.Log(), Entry{}), func(a, b Entry) int { return int(int64(a.Stamp) - int64(b.Stamp)) })
				return Cell{Entries: []Entry{last}}.Ledger()
			}
		}},
		{"bounded: of a writer's two accounts the last counts", func(r *rules) {
			r.ledger = func(c Cell) Ledger {
				last := map[Writer]Entry{}
				for _, e := range c.Entries {
					last[e.Dot.Writer] = e
				}
				return Cell{Entries: slices.Collect(maps.Values(last))}.Ledger()
			}
		}},
	}
}

func recordReaders() []mutant {
	return []mutant{
		{"deletion: covers everything", func(r *rules) {
			r.fate = func(rec Record) Fate {
				if len(rec.Cells[Deleted].Entries) > 0 {
					return Dead
				}
				return Alive
			}
		}},
		{"deletion: covers nothing", func(r *rules) {
			r.fate = func(rec Record) Fate { return min(rec.Fate(), Disputed) }
		}},
		{"deletion: two halves are not one", func(r *rules) {
			r.fate = func(rec Record) Fate {
				halves := rec.Cells[Deleted].Entries
				rec = rec.Clone()
				least := rec.Fate()
				for i := range halves {
					rec.Cells[Deleted] = Cell{Entries: halves[i : i+1]}
					least = min(least, rec.Fate())
				}
				return least
			}
		}},
		{"deletion: does not see who is the same", func(r *rules) {
			r.fate = func(rec Record) Fate { rec = rec.Clone(); delete(rec.Cells, Alias); return rec.Fate() }
		}},
		{"alias: one side's word is enough", func(r *rules) {
			r.resolve = func(names map[RecordID][]RecordID) Same {
				both := map[RecordID][]RecordID{}
				for id, others := range names {
					both[id] = append(both[id], others...)
					for _, o := range others {
						both[o] = append(both[o], id)
					}
				}
				return Resolve(both)
			}
		}},
		{"alias: the largest id wins", func(r *rules) {
			r.resolve = func(names map[RecordID][]RecordID) Same {
				same, largest := Resolve(names), Same{}
				for id := range same {
					for other := range same {
						if same[id] == same[other] && other.Compare(largest.Of(id)) > 0 {
							largest[id] = other
						}
					}
				}
				return largest
			}
		}},
		{"alias: only those that name each other, not chains", func(r *rules) {
			r.resolve = func(names map[RecordID][]RecordID) Same {
				s := Same{}
				for id, others := range names {
					for _, o := range others {
						if slices.Contains(names[o], id) && o.Compare(s.Of(id)) < 0 {
							s[id] = o
						}
					}
				}
				return s
			}
		}},
	}
}
