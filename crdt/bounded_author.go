package crdt

import (
	"errors"
	"fmt"
)

// ErrOverdraw says that a writer has fewer rights than it meant to spend or hand
// on, as far as its replica has heard.
var ErrOverdraw = errors.New("it has not the right to so much")

// Earn returns the op by which w puts n, at least 1, into a bounded counter. Like
// Add it replaces w's own entry, so one op must be applied before the next is
// made; and so it is with Spend and HandOn.
func (r Record) Earn(id RecordID, kind string, field FieldID, w Writer, n int64) (Op, error) {
	a := r.Cells[field].account(w)
	if n < 1 || n > amountMax-a.Earned {
		return Op{}, fmt.Errorf("writer %s cannot earn %d on top of %d: want 1 or more, and at most %d in all", w, n, a.Earned, int64(amountMax))
	}
	a.Earned += n
	return r.settleAccount(id, kind, field, w, a), nil
}

// Spend returns the op by which w takes n, at least 1, out of a bounded counter.
// It is ErrOverdraw if w has not the right to so much.
func (r Record) Spend(id RecordID, kind string, field FieldID, w Writer, n int64) (Op, error) {
	a := r.Cells[field].account(w)
	if err := a.allows(w, n); err != nil {
		return Op{}, err
	}
	a.Spent += n
	return r.settleAccount(id, kind, field, w, a), nil
}

// HandOn returns the op by which w hands the right to spend n, at least 1, on to
// another writer. It is ErrOverdraw if w has not the right to so much.
func (r Record) HandOn(id RecordID, kind string, field FieldID, w, to Writer, n int64) (Op, error) {
	a := r.Cells[field].account(w)
	if err := a.allows(w, n); err != nil {
		return Op{}, err
	}
	d := a.with(to)
	if to == w || d.Given+d.Taken == 0 && len(a.Dealings) == dealingsMax {
		return Op{}, fmt.Errorf("writer %s cannot hand on to %s: want another writer, and at most %d of them", w, to, dealingsMax)
	}
	d.Given += n
	return r.settleAccount(id, kind, field, w, a.put(d)), nil
}

func (a Account) allows(w Writer, n int64) error {
	if n < 1 {
		return fmt.Errorf("writer %s cannot spend or hand on %d: want 1 or more", w, n)
	}
	if n > a.word() {
		return fmt.Errorf("writer %s has the right to %d, not %d: %w", w, max(0, a.word()), n, ErrOverdraw)
	}
	return nil
}

// used returns what the writer spent and handed on.
func (a Account) used() int64 {
	used := a.Spent
	for _, d := range a.Dealings {
		used += d.Given
	}
	return used
}

// word returns what remains of the writer's rights by its own account.
func (a Account) word() int64 {
	left := a.Earned - a.used()
	for _, d := range a.Dealings {
		left += d.Taken
	}
	return left
}

// account returns w's account, with all that others are seen to have handed to
// it taken. Grants of so many writers that there is no room for them are left
// where they are; half the room is kept for handing on.
func (c Cell) account(w Writer) Account {
	l := c.Ledger()
	a := l.Of(w).Account
	for _, h := range l {
		given, d := h.with(w).Given, a.with(h.Writer)
		if h.Writer == w || given <= d.Taken || d.Given+d.Taken == 0 && len(a.Dealings) >= dealingsMax/2 {
			continue
		}
		d.Taken, d.Seen = given, h.seq
		a = a.put(d)
	}
	return a
}

func (r Record) settleAccount(id RecordID, kind string, field FieldID, w Writer, a Account) Op {
	own := r.Cells[field].dots(func(e Entry) bool { return e.Dot.Writer == w })
	return Op{id, kind, field, Bounded, a.Value(), own}
}
