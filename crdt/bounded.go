package crdt

import (
	"maps"
	"slices"
)

// A bounded counter is a stock that never falls below zero, though people spend
// from it offline. What one earns, one has the right to spend; a right can be
// handed on, from the hub to a box and from there to a tablet, and whoever has
// it asks nobody when spending it. Each writer keeps one entry, its account.
//
// Source: Balegas, Serra, Duarte et al., "Extending Eventually Consistent Cloud
// Databases for Enforcing Numeric Invariants", 2015.

// Standing says how far a writer's account is borne out by the others'.
type Standing int

// The standings.
const (
	Sound   Standing = iota
	Waiting          // it used rights whose grant has not arrived here
	Faulty           // it used what it never had, or keeps two accounts
)

// String returns the standing's name.
func (s Standing) String() string { return [...]string{"sound", "waiting", "faulty"}[s] }

// Holder is one writer with a bounded counter: its own account, and what others
// handed it.
type Holder struct {
	Writer   Writer
	Account           // zero when nothing of the writer's own has arrived
	Received int64    // handed on to it by the accounts that are here
	Standing Standing // whether it had the rights that it used
	entries  int
	seq      uint64 // of the batch with its account; 0 when there is none
}

// Ledger is a bounded counter as it reads: every writer that has an account or
// was handed rights, in order.
type Ledger []Holder

// Ledger returns what a bounded counter's entries make together. Entries that are
// no accounts count for nothing. Should a writer have left several, each total
// is the highest of them, since totals never go back.
func (c Cell) Ledger() Ledger {
	accounts := map[Writer]Holder{}
	for _, e := range c.Entries {
		if a, ok := e.Value.Account(); ok {
			w := e.Dot.Writer
			accounts[w] = accounts[w].holding(w, a, e.Dot.Seq)
		}
	}
	holders := maps.Clone(accounts)
	for _, h := range accounts {
		for _, d := range h.Dealings {
			if to := holders[d.With]; d.Given > 0 {
				to.Writer = d.With
				to.Received += d.Given
				holders[d.With] = to
			}
		}
	}
	var l Ledger
	for _, w := range slices.Sorted(maps.Keys(holders)) {
		h := holders[w]
		h.Standing = h.standing(accounts)
		l = append(l, h)
	}
	return l
}

// holding returns the holder with one more account of its own. What it claims to
// have dealt with itself is passed over.
func (h Holder) holding(w Writer, a Account, seq uint64) Holder {
	h.Writer, h.entries, h.seq = w, h.entries+1, max(h.seq, seq)
	h.Earned, h.Spent = max(h.Earned, a.Earned), max(h.Spent, a.Spent)
	for _, d := range a.Dealings {
		if d.With != w {
			h.Account = h.put(h.with(d.With).highest(d))
		}
	}
	return h
}

func (d Dealing) highest(o Dealing) Dealing {
	return Dealing{d.With, max(d.Given, o.Given), max(d.Taken, o.Taken), max(d.Seen, o.Seen)}
}

// standing tells a writer that used what it never had from one whose grants are
// still under way. Who takes rights says in which batch they were granted; when
// that batch is here and grants less, they never were.
func (h Holder) standing(accounts map[Writer]Holder) Standing {
	switch {
	case h.entries > 1:
		return Faulty
	case h.left() >= 0:
		return Sound
	case h.word() < 0:
		return Faulty
	}
	for _, d := range h.Dealings {
		if from := accounts[d.With]; d.Taken > from.with(h.Writer).Given && from.seq < d.Seen {
			return Waiting
		}
	}
	return Faulty
}

// left returns what remains of the writer's rights; below zero when it used more
// than is known of here.
func (h Holder) left() int64 { return h.Earned + h.Received - h.used() }

// Rights returns how much the writer may still spend or hand on.
func (h Holder) Rights() int64 { return max(0, h.left()) }

// Overdrawn returns how much the writer used beyond what is known of here.
func (h Holder) Overdrawn() int64 { return max(0, -h.left()) }

// Balance returns what may still be spent, by all writers together. It is never
// below zero. Once everything has arrived, and while nobody is Faulty, it is all
// that was earned less all that was spent.
func (l Ledger) Balance() int64 {
	var sum int64
	for _, h := range l {
		sum += h.Rights()
	}
	return sum
}

// Of returns where a writer stands; one that is not in the ledger has nothing.
func (l Ledger) Of(w Writer) Holder {
	if i := slices.IndexFunc(l, func(h Holder) bool { return h.Writer == w }); i >= 0 {
		return l[i]
	}
	return Holder{Writer: w}
}
