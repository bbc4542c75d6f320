package crdt_test

import (
	"encoding/binary"
	"maps"
	"slices"

	. "wangge/crdt"
)

// The fields of the world's records.
const (
	someRegister FieldID = iota + 1
	someSet
	someCounter
	somePhotos
	someText
	someStock
	someLog
)

// deed is an op that an author made, and what the author must see once it is
// done: "" or what is wrong.
type deed struct {
	op   Op
	must func(after Record, d Dot) string
}

// write saves a form of one to four ops; each sees what the ones before did.
func (w *world) write(r *replica) {
	seq := r.held[r.writer] + 1
	b := Batch{Stamp: NewStamp(w.clock + r.ahead)}
	for range 1 + w.IntN(4) {
		act, ok := w.act(r)
		if !ok {
			continue
		}
		d := Dot{Writer: r.writer, Seq: seq, Index: uint32(len(b.Ops))}
		if act.op.Field == Deleted && act.op.Value != "" {
			w.book.saw[d] = shownDots(r.records[act.op.Record])
		}
		if w.faulty && w.IntN(3) == 0 {
			act.op = w.spoil(act.op, d)
		}
		b.Ops = append(b.Ops, act.op)
		w.take(r, added{d, b.Stamp, act.op})
		if wrong := act.must(r.records[act.op.Record], d); wrong != "" && !w.faulty && w.fault == "" {
			w.fault = wrong
		}
	}
	if len(b.Ops) > 0 {
		r.keep(r.writer, seq, b)
	}
}

func shownDots(rec Record) (dots []Dot) {
	for field, c := range rec.Cells {
		for _, e := range c.Entries {
			if field != Deleted {
				dots = append(dots, e.Dot)
			}
		}
	}
	return dots
}

// act makes what some form would; false when there is nothing to be done. In each
// world one type is written more than the others, so that rare things happen to it.
func (w *world) act(r *replica) (deed, bool) {
	id := RecordID{byte(w.IntN(w.records))}
	rec := r.records[id]
	what := w.habit
	if w.IntN(2) == 0 {
		what = w.IntN(habits)
	}
	switch element := Int(w.Int64N(3)); what {
	case 0:
		return w.assigns(rec, id, []Value{element, element, ""}[w.IntN(3)]), true
	case 1:
		if w.IntN(3) == 0 {
			return w.takes(rec, w.removeElement(rec, id, "kind", someSet, element), element), true
		}
		return w.puts(rec, w.addElement(rec, id, "kind", someSet, element), element), true
	case 2:
		picture := photo(byte(w.IntN(3))).Value()
		if w.IntN(3) == 0 {
			return w.takes(rec, w.detach(rec, id, "kind", somePhotos, picture), picture), true
		}
		return w.puts(rec, w.attach(rec, id, "kind", somePhotos, picture), picture), true
	case 3:
		return w.counts(r, rec, id), true
	case 4:
		return w.notes(rec, id, element), true
	case 5:
		return w.deals(r, rec, id)
	case 6:
		return w.edits(rec, id)
	case 7:
		return w.deletes(rec, id)
	}
	other := RecordID{byte(w.IntN(w.records))}
	if w.IntN(4) == 0 {
		return w.takes(rec, w.notSameAs(rec, id, other), Ref(other)), true
	}
	return w.puts(rec, w.sameAs(rec, id, other), Ref(other)), true
}

// habits is how many things act can do.
const habits = 9

// shows are the values in a field, each once.
func shows(c Cell) map[Value]bool {
	all := map[Value]bool{}
	for _, e := range c.Entries {
		all[e.Value] = true
	}
	return all
}

func (w *world) assigns(rec Record, id RecordID, v Value) deed {
	want := map[Value]bool{}
	if v != "" {
		want[v] = true
	}
	return deed{w.assign(rec, id, "kind", someRegister, v), func(after Record, _ Dot) string {
		if !maps.Equal(shows(after.Cells[someRegister]), want) {
			return "a register shows something else than what was just assigned"
		}
		return ""
	}}
}

func (w *world) puts(before Record, op Op, v Value) deed {
	want := shows(before.Cells[op.Field])
	want[v] = true
	return elements(op, want)
}

func (w *world) takes(before Record, op Op, v Value) deed {
	want := shows(before.Cells[op.Field])
	delete(want, v)
	return elements(op, want)
}

func elements(op Op, want map[Value]bool) deed {
	return deed{op, func(after Record, _ Dot) string {
		if !maps.Equal(shows(after.Cells[op.Field]), want) {
			return "a set has other elements than before, but for the one that was put or taken"
		}
		return ""
	}}
}

func (w *world) counts(r *replica, rec Record, id RecordID) deed {
	n, before := w.Int64N(9)-4, rec.Cells[someCounter].Sum()
	w.book.sums[place{id, someCounter}] += n
	return deed{w.plus(rec, id, "kind", someCounter, r.writer, n), func(after Record, _ Dot) string {
		if after.Cells[someCounter].Sum() != before+n {
			return "a counter did not move by what was added"
		}
		return ""
	}}
}

func (w *world) notes(rec Record, id RecordID, v Value) deed {
	w.book.lines[place{id, someLog}]++
	before := len(rec.Cells[someLog].Entries)
	return deed{w.appendLine(rec, id, "kind", someLog, v), func(after Record, _ Dot) string {
		if len(after.Cells[someLog].Entries) != before+1 {
			return "lost: a log did not grow by what was noted"
		}
		return ""
	}}
}

// deals earns, spends or hands on; whoever has the rights is let, and nobody else.
func (w *world) deals(r *replica, rec Record, id RecordID) (deed, bool) {
	var op Op
	var err error
	n, stock, to := 1+w.Int64N(5), place{id, someStock}, r.writer
	had := accountsOf(rec.Cells[someStock].Entries).left(r.writer)
	left := had - n
	way := w.IntN(4)
	if r != w.replicas[0] && w.IntN(4) > 0 { // most live on what the first one hands them
		way = 2 + w.IntN(2)
	}
	switch way {
	case 0, 1:
		n *= 4
		op, err = w.earn(rec, id, "kind", someStock, r.writer, n)
		had, left = n, had+n
		w.book.stock[stock] += n
	case 2:
		if op, err = w.spend(rec, id, "kind", someStock, r.writer, n); err == nil {
			w.book.stock[stock] -= n
		}
	default:
		if to = w.one().writer; to == r.writer {
			return deed{}, false
		}
		op, err = w.handOn(rec, id, "kind", someStock, r.writer, to, n)
	}
	if allowed := n <= had; allowed != (err == nil) && !w.faulty && w.fault == "" {
		w.fault = "a writer was let spend what it has no right to, or was kept from its right"
	}
	others := accountsOf(rec.Cells[someStock].Entries).left(to)
	return deed{op, func(after Record, _ Dot) string {
		now := accountsOf(after.Cells[someStock].Entries)
		if now.left(r.writer) != left || to != r.writer && now.left(to) != others+n {
			return "a writer's rights did not move by what it did, or was handed"
		}
		return ""
	}}, err == nil
}

// edits writes or cuts a little in the text as it stands, or as it stood.
func (w *world) edits(rec Record, id RecordID) (deed, bool) {
	c := rec.Cells[someText]
	heads := c.TextHeads()
	if len(c.Entries) > 0 && w.IntN(4) == 0 {
		old := c.Entries[w.IntN(len(c.Entries))].Dot
		if newTwin(c.Entries).saw[old] != nil { // nobody saw an event that waits for its parents
			heads = []Dot{old}
		}
	}
	text := []rune(c.TextAt(heads))
	at := w.IntN(len(text) + 1)
	cut := min(w.IntN(3), len(text)-at)
	text = slices.Replace(text, at, at+cut, []rune("网格abcd")[w.IntN(6):]...)
	op := w.edit(rec, id, "kind", someText, heads, string(text))
	return deed{op, func(after Record, d Dot) string {
		if after.Cells[someText].TextAt([]Dot{d}) != string(text) {
			return "a text reads otherwise than its author left it"
		}
		if parents, _, _ := op.Value.Event(); !slices.Equal(parents, heads) {
			return "lost: an edit claims to have seen another text than its author did"
		}
		return ""
	}}, op.Value != ""
}

func (w *world) deletes(rec Record, id RecordID) (deed, bool) {
	op, want := w.restore(rec, id), Alive
	if w.IntN(3) > 0 {
		op, want = w.remove(rec, id), Dead
	}
	return deed{op, func(after Record, _ Dot) string {
		if after.Fate() != want {
			return "a record is not dead after its deletion, or not alive after it was taken back"
		}
		return ""
	}}, len(shownDots(rec)) > 0
}

// spoil makes of an op what a faulty or hostile writer might.
func (w *world) spoil(op Op, d Dot) Op {
	op.Replaces = slices.Clone(op.Replaces)
	if w.IntN(4) == 0 {
		op.Replaces = nil
	}
	for range w.IntN(3) {
		op.Replaces = append(op.Replaces, Dot{w.one().writer, w.Uint64N(12), w.Uint32N(5)})
	}
	if w.IntN(3) == 0 {
		op.Replaces = append(op.Replaces, Dot{d.Writer, d.Seq, w.Uint32N(5)})
	}
	op.Type = Type(w.IntN(9))
	op.Kind = []string{"", "kind", "a kind", "late"}[w.IntN(4)]
	if op.Field == someStock && w.IntN(2) == 0 {
		op.Value = w.lie()
	}
	return op
}

// lie is an account that some faulty writer made up.
func (w *world) lie() Value {
	b := []byte{'q', byte(w.IntN(9)), byte(w.IntN(9))}
	for i := range w.IntN(len(w.replicas)) {
		with := w.replicas[i].writer
		b = binary.AppendUvarint(b, uint64(with.Device()))
		b = binary.AppendUvarint(b, uint64(with.Incarnation()))
		taken := w.IntN(6)
		b = append(b, byte(1+w.IntN(5)), byte(taken), byte(min(taken, 1)*(1+w.IntN(4))))
	}
	return Value(b)
}
