package crdt_test

import (
	"fmt"
	"maps"
	"slices"

	. "wangge/crdt"
)

// Each reader has a dumb twin here, which finds the same by the plainest way.

// reads compares everything that a replica shows with the twins.
func (w *world) reads(r *replica) string {
	names := map[RecordID][]RecordID{}
	for id, rec := range r.records {
		names[id] = rec.Aliases()
		if got, want := w.fate(rec), w.fateTwin(rec); got != want {
			return fmt.Sprintf("a record is %s where its twin is %s", got, want)
		}
		for field, c := range rec.Cells {
			if wrong := w.readsCell(field, c); wrong != "" {
				return wrong
			}
		}
		if !w.faulty && w.suspects(r, id) {
			return "an honest writer is called faulty"
		}
	}
	got, want := w.resolve(names), connected(names)
	for id := range names {
		if got.Of(id) != want.Of(id) {
			return "a record is counted under another id than its twin"
		}
	}
	return ""
}

func (w *world) readsCell(field FieldID, c Cell) string {
	want := latestFirst(c.Entries)
	if !slices.Equal(w.values(c), want) {
		return "a cell shows other values than its twin, or in another order"
	}
	if w.conflict(c) != (c.Type == Register && len(want) > 1) {
		return "a cell tells a conflict where there is none, or hides one"
	}
	switch field {
	case someCounter:
		if w.sum(c) != sumTwin(c.Entries) {
			return "a counter differs from its twin"
		}
	case someLog:
		if !slices.Equal(w.log(c), logTwin(c.Entries)) {
			return "a log differs from its twin"
		}
	case someText:
		if w.text(c) != newTwin(c.Entries).text() {
			return "a text differs from its twin"
		}
	case someStock:
		return w.readsStock(c)
	}
	return ""
}

// latestFirst takes the latest entry again and again.
func latestFirst(entries []Entry) (values []Value) {
	for rest := slices.Clone(entries); len(rest) > 0; {
		last := 0
		for i, e := range rest {
			if e.Stamp > rest[last].Stamp || e.Stamp == rest[last].Stamp && e.Dot.Compare(rest[last].Dot) > 0 {
				last = i
			}
		}
		if !slices.Contains(values, rest[last].Value) {
			values = append(values, rest[last].Value)
		}
		rest = slices.Delete(rest, last, last+1)
	}
	return values
}

func sumTwin(entries []Entry) (sum int64) {
	for _, e := range entries {
		if n, ok := e.Value.Int(); ok {
			sum += n
		}
	}
	return sum
}

// logTwin puts each entry in front of the first that is later.
func logTwin(entries []Entry) (log []Entry) {
	for _, e := range entries {
		i := slices.IndexFunc(log, func(o Entry) bool {
			return o.Stamp > e.Stamp || o.Stamp == e.Stamp && o.Dot.Compare(e.Dot) > 0
		})
		if i < 0 {
			i = len(log)
		}
		log = slices.Insert(log, i, e)
	}
	return log
}

// fateTwin knows what each deletion's author had in front of it.
func (w *world) fateTwin(rec Record) Fate {
	deletions := rec.Cells[Deleted].Entries
	if len(deletions) == 0 {
		return Alive
	}
	for _, d := range shownDots(rec) {
		if !slices.ContainsFunc(deletions, func(e Entry) bool {
			return slices.ContainsFunc(w.book.saw[e.Dot], func(s Dot) bool { return s.Writer == d.Writer && s.Seq >= d.Seq })
		}) {
			return Disputed
		}
	}
	return Dead
}

// connected is the dumb twin of Resolve: it spreads the smallest id along every
// mutual naming until nothing changes.
func connected(names map[RecordID][]RecordID) Same {
	s := Same{}
	for range names {
		for a := range names {
			for b := range names {
				if a != b && slices.Contains(names[a], b) && slices.Contains(names[b], a) {
					s[a] = slices.MinFunc([]RecordID{s.Of(a), s.Of(b)}, RecordID.Compare)
				}
			}
		}
	}
	return s
}

// accounts are a bounded counter's, as they stand in its entries.
type accounts map[Writer][]Entry

func accountsOf(entries []Entry) accounts {
	all := accounts{}
	for _, e := range entries {
		if _, ok := e.Value.Account(); ok {
			all[e.Dot.Writer] = append(all[e.Dot.Writer], e)
		}
	}
	return all
}

// highest returns the greatest of what a writer's accounts say in one place.
func (a accounts) highest(w Writer, of func(Account) int64) (most int64) {
	for _, e := range a[w] {
		account, _ := e.Value.Account()
		most = max(most, of(account))
	}
	return most
}

// dealt returns what a writer says of another: given, taken, and in which batch.
func (a accounts) dealt(w, with Writer, part func(Dealing) int64) int64 {
	if w == with {
		return 0
	}
	return a.highest(w, func(account Account) (most int64) {
		for _, d := range account.Dealings {
			if d.With == with {
				most = part(d)
			}
		}
		return most
	})
}

func given(d Dealing) int64  { return d.Given }
func taken(d Dealing) int64  { return d.Taken }
func seenIn(d Dealing) int64 { return int64(d.Seen) }

// everyone is all writers whom an account is of or names.
func (a accounts) everyone() map[Writer]bool {
	all := map[Writer]bool{}
	for w, entries := range a {
		all[w] = true
		for _, e := range entries {
			account, _ := e.Value.Account()
			for _, d := range account.Dealings {
				all[d.With] = true
			}
		}
	}
	return all
}

func (a accounts) left(w Writer) int64 {
	left := a.highest(w, func(c Account) int64 { return c.Earned }) - a.highest(w, func(c Account) int64 { return c.Spent })
	for o := range a.everyone() {
		left += a.dealt(o, w, given) - a.dealt(w, o, given)
	}
	return left
}

func (a accounts) standing(w Writer) Standing {
	word, waits := a.left(w), false
	for o := range a.everyone() {
		claim, granted := a.dealt(w, o, taken), a.dealt(o, w, given)
		word += claim - granted
		last := int64(0)
		for _, e := range a[o] {
			last = max(last, int64(e.Dot.Seq))
		}
		waits = waits || claim > granted && a.dealt(w, o, seenIn) > last
	}
	switch {
	case len(a[w]) > 1:
		return Faulty
	case a.left(w) >= 0:
		return Sound
	case word >= 0 && waits:
		return Waiting
	}
	return Faulty
}

// suspects reports whether somebody would be called faulty who is not, had the
// stream of one of the others come only so far as to one of its accounts, or not
// at all.
func (w *world) suspects(r *replica, id RecordID) bool {
	all := r.records[id].Cells[someStock].Entries
	for late, stream := range r.streams {
		rest := slices.DeleteFunc(slices.Clone(all), func(e Entry) bool { return e.Dot.Writer == late })
		came := [][]Entry{rest}
		for i, b := range stream { // a batch comes whole, so its last account is the one that shows
			for j, op := range slices.Backward(b.Ops) {
				if op.Record == id && op.Field == someStock {
					e := Entry{Dot: Dot{Writer: late, Seq: uint64(i + 1), Index: uint32(j)}, Value: op.Value}
					came = append(came, append(slices.Clone(rest), e))
					break
				}
			}
		}
		for _, entries := range came {
			if slices.ContainsFunc(w.ledger(Cell{Entries: entries}), func(h Holder) bool { return h.Standing == Faulty && h.Writer != late }) {
				return true
			}
		}
	}
	return false
}

func (w *world) readsStock(c Cell) string {
	twin, l := accountsOf(c.Entries), w.ledger(c)
	balance := int64(0)
	for _, who := range slices.Sorted(maps.Keys(twin.everyone())) {
		h, left := l.Of(who), twin.left(who)
		balance += max(0, left)
		if h.Rights() != max(0, left) || h.Overdrawn() != max(0, -left) {
			return "a writer has other rights than its twin"
		}
		if h.Standing != twin.standing(who) {
			return fmt.Sprintf("a writer is %s where its twin is %s", h.Standing, twin.standing(who))
		}
	}
	if l.Balance() != balance {
		return "a bounded counter's balance is not what its holders may spend"
	}
	return ""
}
