package crdt_test

import (
	"encoding/binary"
	"slices"
	"testing"

	. "wangge/crdt"
)

func TestMutantsOfAuthorsAreCaught(t *testing.T) {
	hunt(t, func(w *world) string {
		if w.faulty { // whose authors keep to no rule
			return ""
		}
		for range 4 {
			w.live(12)
			for _, r := range w.replicas {
				if wrong := w.reads(r); wrong != "" || w.fault != "" {
					return "caught"
				}
			}
		}
		w.settle()
		return w.lawOfNothingLost()
	}, slices.Concat(plainAuthors(), stockAuthors(), recordAuthors()))
}

type writes = func(Record, RecordID, string, FieldID, Value) Op

// replacing makes an author's op replace something else.
func replacing(write writes, what func(Cell, Op) []Dot) writes {
	return func(rec Record, id RecordID, kind string, field FieldID, v Value) Op {
		op := write(rec, id, kind, field, v)
		op.Replaces = what(rec.Cells[field], op)
		return op
	}
}

func nothing(Cell, Op) []Dot        { return nil }
func everything(c Cell, _ Op) []Dot { return c.Dots() }
func one(_ Cell, op Op) []Dot       { return op.Replaces[:min(1, len(op.Replaces))] }

func plainAuthors() []mutant {
	return []mutant{
		{"register: replaces nothing", func(r *rules) { r.assign = replacing(r.assign, nothing) }},
		{"register: replaces one of the values", func(r *rules) { r.assign = replacing(r.assign, one) }},
		{"set: an addition replaces all", func(r *rules) { r.addElement = replacing(r.addElement, everything) }},
		{"set: a removal takes all", func(r *rules) { r.removeElement = replacing(r.removeElement, everything) }},
		{"set: a removal takes nothing", func(r *rules) { r.removeElement = replacing(r.removeElement, nothing) }},
		{"set: a removal takes one of the entries", func(r *rules) { r.removeElement = replacing(r.removeElement, one) }},
		{"attachment: replaces all", func(r *rules) { r.attach = replacing(r.attach, everything) }},
		{"attachment: a removal takes all", func(r *rules) { r.detach = replacing(r.detach, everything) }},
		{"log: replaces all", func(r *rules) { r.appendLine = replacing(r.appendLine, everything) }},
		{"counter: replaces every writer's total", func(r *rules) {
			add := r.plus
			r.plus = func(rec Record, id RecordID, kind string, f FieldID, w Writer, n int64) Op {
				op := add(rec, id, kind, f, w, n)
				op.Replaces = rec.Cells[f].Dots()
				return op
			}
		}},
		{"counter: keeps the old total beside the new", func(r *rules) {
			add := r.plus
			r.plus = func(rec Record, id RecordID, kind string, f FieldID, w Writer, n int64) Op {
				op := add(rec, id, kind, f, w, n)
				op.Replaces = nil
				return op
			}
		}},
		{"counter: forgets the old total", func(r *rules) {
			add := r.plus
			r.plus = func(rec Record, id RecordID, kind string, f FieldID, w Writer, n int64) Op {
				op := add(rec, id, kind, f, w, n)
				op.Value = Int(n)
				return op
			}
		}},
		{"counter: an entry an addition", func(r *rules) {
			r.plus = func(rec Record, id RecordID, kind string, f FieldID, _ Writer, n int64) Op {
				return Op{Record: id, Kind: kind, Field: f, Type: Counter, Value: Int(n)}
			}
		}},
		{"text: edits the text at hand, not the one that was opened", func(r *rules) {
			edit := r.edit
			r.edit = func(rec Record, id RecordID, kind string, f FieldID, _ []Dot, text string) Op {
				return edit(rec, id, kind, f, rec.Cells[f].TextHeads(), text)
			}
		}},
		{"text: names no heads", func(r *rules) {
			edit := r.edit
			r.edit = func(rec Record, id RecordID, kind string, f FieldID, heads []Dot, text string) Op {
				op := edit(rec, id, kind, f, heads, text)
				if _, edits, ok := op.Value.Event(); ok {
					op.Value = Event(nil, edits...)
				}
				return op
			}
		}},
	}
}

type account = func(Record, RecordID, string, FieldID, Writer, int64) (Op, error)

// unchecked spends what it likes: it has the account earn it, and hides that.
func unchecked(do account) account {
	return func(rec Record, id RecordID, kind string, f FieldID, w Writer, n int64) (Op, error) {
		if op, err := do(rec, id, kind, f, w, n); err == nil {
			return op, nil
		}
		op, err := rec.Earn(id, kind, f, w, n)
		if err != nil {
			return op, err
		}
		a, _ := op.Value.Account()
		a.Earned, a.Spent = a.Earned-n, a.Spent+n
		op.Value = written(a)
		return op, nil
	}
}

// written is an account in bytes, of which only its author's methods make some.
func written(a Account) Value {
	b := binary.AppendUvarint([]byte{'q'}, uint64(a.Earned))
	b = binary.AppendUvarint(b, uint64(a.Spent))
	for _, d := range a.Dealings {
		for _, n := range []uint64{uint64(d.With.Device()), uint64(d.With.Incarnation()), uint64(d.Given), uint64(d.Taken), d.Seen} {
			b = binary.AppendUvarint(b, n)
		}
	}
	return Value(b)
}

// misaccounted changes the account that an author writes.
func misaccounted(do account, change func(*Account)) account {
	return func(rec Record, id RecordID, kind string, f FieldID, w Writer, n int64) (Op, error) {
		op, err := do(rec, id, kind, f, w, n)
		if a, ok := op.Value.Account(); ok {
			change(&a)
			op.Value = written(a)
		}
		return op, err
	}
}

func stockAuthors() []mutant {
	return []mutant{
		{"bounded: spends without the right", func(r *rules) { r.spend = unchecked(r.spend) }},
		{"bounded: refuses the last right", func(r *rules) {
			spend := r.spend
			r.spend = func(rec Record, id RecordID, kind string, f FieldID, w Writer, n int64) (Op, error) {
				if _, err := spend(rec, id, kind, f, w, n+1); err != nil {
					return Op{}, err
				}
				return spend(rec, id, kind, f, w, n)
			}
		}},
		{"bounded: earning forgets the dealings", func(r *rules) {
			r.earn = misaccounted(r.earn, func(a *Account) { a.Dealings = nil })
		}},
		{"bounded: spending does not say what was taken", func(r *rules) {
			r.spend = misaccounted(r.spend, func(a *Account) {
				a.Dealings = slices.Clone(a.Dealings)
				for i := range a.Dealings {
					a.Dealings[i].Taken, a.Dealings[i].Seen = 0, 0
				}
				a.Dealings = slices.DeleteFunc(a.Dealings, func(d Dealing) bool { return d.Given == 0 })
			})
		}},
		{"bounded: spending says that it saw less than it took from", func(r *rules) {
			r.spend = misaccounted(r.spend, func(a *Account) {
				a.Dealings = slices.Clone(a.Dealings)
				for i := range a.Dealings {
					a.Dealings[i].Seen = min(1, a.Dealings[i].Seen)
				}
			})
		}},
		{"bounded: hands on to the wrong writer", func(r *rules) {
			handOn := r.handOn
			r.handOn = func(rec Record, id RecordID, kind string, f FieldID, w, _ Writer, n int64) (Op, error) {
				return handOn(rec, id, kind, f, w, NewWriter(99, 0), n)
			}
		}},
		{"bounded: earning replaces every account", func(r *rules) {
			earn := r.earn
			r.earn = func(rec Record, id RecordID, kind string, f FieldID, w Writer, n int64) (Op, error) {
				op, err := earn(rec, id, kind, f, w, n)
				op.Replaces = rec.Cells[f].Dots()
				return op, err
			}
		}},
		{"bounded: spending keeps the old account", func(r *rules) {
			spend := r.spend
			r.spend = func(rec Record, id RecordID, kind string, f FieldID, w Writer, n int64) (Op, error) {
				op, err := spend(rec, id, kind, f, w, n)
				op.Replaces = nil
				return op, err
			}
		}},
	}
}

func recordAuthors() []mutant {
	return []mutant{
		{"deletion: sees one field only", func(r *rules) {
			remove := r.remove
			r.remove = func(rec Record, id RecordID) Op {
				rec = rec.Clone()
				for _, field := range rec.Fields()[1:] {
					delete(rec.Cells, field)
				}
				return remove(rec, id)
			}
		}},
		{"deletion: replaces no other", func(r *rules) {
			restore := r.restore
			r.restore = func(rec Record, id RecordID) Op { op := restore(rec, id); op.Replaces = nil; return op }
		}},
		{"deletion: takes the values away", func(r *rules) {
			remove := r.remove
			r.remove = func(rec Record, id RecordID) Op {
				op := remove(rec, id)
				op.Field, op.Value, op.Replaces = someLog, "", rec.Cells[someLog].Dots()
				return op
			}
		}},
		{"alias: names one record only", func(r *rules) {
			same := r.sameAs
			r.sameAs = func(rec Record, id, other RecordID) Op {
				op := same(rec, id, other)
				op.Replaces = rec.Cells[Alias].Dots()
				return op
			}
		}},
		{"alias: names the record itself", func(r *rules) {
			same := r.sameAs
			r.sameAs = func(rec Record, id, _ RecordID) Op { return same(rec, id, id) }
		}},
		{"alias: cannot be taken back", func(r *rules) {
			r.notSameAs = func(rec Record, id, other RecordID) Op { return Op{Record: id, Kind: "kind", Field: Alias, Type: Set} }
		}},
	}
}

func TestMutantsOfJoiningAreCaught(t *testing.T) {
	all, none := func(Dot) bool { return true }, func(Dot) bool { return false }
	hunt(t, func(w *world) string {
		w.live(30)
		return w.lawOfGroups()
	}, []mutant{
		{"join: whatever either shows", func(r *rules) {
			r.join = func(a, b Record, _, _ Seen) Record { return Join(a, b, none, none) }
		}},
		{"join: only what both show", func(r *rules) {
			r.join = func(a, b Record, _, _ Seen) Record { return Join(a, b, all, all) }
		}},
		{"join: who has seen what is taken the wrong way round", func(r *rules) {
			r.join = func(a, b Record, seenA, seenB Seen) Record { return Join(a, b, seenB, seenA) }
		}},
		{"join: the first one's state", func(r *rules) { r.join = func(a, _ Record, _, _ Seen) Record { return a } }},
		{"join: kills are forgotten", func(r *rules) {
			r.join = func(a, b Record, seenA, seenB Seen) Record { return Join(a.Visible(), b.Visible(), seenA, seenB) }
		}},
		{"join: the first one's kind", func(r *rules) {
			r.join = func(a, b Record, seenA, seenB Seen) Record {
				out := Join(a, b, seenA, seenB)
				out.Kind = a.Kind
				return out
			}
		}},
		{"join: the first one's type", func(r *rules) {
			r.join = func(a, b Record, seenA, seenB Seen) Record {
				out := Join(a, b, seenA, seenB)
				for field, c := range out.Cells {
					c.Type = a.Cells[field].Type
					out.Cells[field] = c
				}
				return out
			}
		}},
	})
}
