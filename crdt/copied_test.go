package crdt_test

import (
	"slices"

	. "wangge/crdt"
)

// slip is a mistake in the one rule by which ops are merged. The zero slip is
// none: then copied is what Record.Apply does, which a test holds it to.
type slip string

const (
	none                slip = ""
	latestKind          slip = "kind: the latest op's"
	highestKind         slip = "kind: the highest, not the lowest"
	emptyKind           slip = "kind: none counts as the lowest"
	latestType          slip = "type: the latest op's"
	highestType         slip = "type: the highest, not the lowest"
	zeroType            slip = "type: none counts as the lowest"
	replacedStays       slip = "replaced entries stay"
	firstReplaced       slip = "only the first of several dots is replaced"
	lastReplaced        slip = "only the last of several dots is replaced"
	laterStays          slip = "a replaced entry with a later stamp stays: clocks decide"
	lastWriterWins      slip = "entries with an earlier stamp go, seen or not"
	wholeWriter         slip = "replacing a dot replaces all of its writer"
	killForgotten       slip = "a dot replaced before it came is forgotten"
	killIgnored         slip = "an own dot that was killed shows"
	killKept            slip = "a kill stays after what it killed came"
	killTakesBatch      slip = "a kill takes all of its batch"
	heldKilled          slip = "dots that came and went are killed once more"
	ownBatchKilled      slip = "earlier ops of the same batch do not count as held"
	ownBatchHeld        slip = "later ops of the same batch count as held"
	killTwice           slip = "a kill is kept as often as it is named"
	killsUnsorted       slip = "kills stand in the order of arrival"
	entriesUnsorted     slip = "entries stand in the order of arrival"
	emptyShows          slip = "an op that only takes away leaves an entry"
	equalValuesOnce     slip = "a value that shows already is not kept again"
	replacerKilled      slip = "an op that replaces what has not come does not show"
	writesInto          slip = "replacing writes into the list that was handed out"
	appendsInto         slip = "adding writes behind the list that was handed out"
	lastOpOfBatch       slip = "of one batch the last op on a field stays"
	arrivalStamp        slip = "entries take the latest stamp of their field"
	replacesIgnoredOnce slip = "an op without a value replaces nothing"
)

// slips is every mistake there is.
var slips = []slip{
	latestKind, highestKind, emptyKind, latestType, highestType, zeroType, replacedStays, firstReplaced, lastReplaced,
	laterStays, lastWriterWins, wholeWriter, killForgotten, killIgnored, killKept, killTakesBatch, heldKilled,
	ownBatchKilled, ownBatchHeld, killTwice, killsUnsorted, entriesUnsorted, emptyShows, equalValuesOnce,
	replacerKilled, writesInto, appendsInto, lastOpOfBatch, arrivalStamp, replacesIgnoredOnce,
}

// copied applies an op as Record.Apply does, but for the slip.
func copied(s slip) func(*Record, Dot, Stamp, Op, Frontier) {
	return func(rec *Record, d Dot, stamp Stamp, op Op, held Frontier) {
		rec.Kind = s.kind(rec.Kind, op.Kind)
		if rec.Cells == nil {
			rec.Cells = map[FieldID]Cell{}
		}
		c := rec.Cells[op.Field]
		c.Type = s.typ(c.Type, op.Type)
		if s != writesInto && s != appendsInto {
			c.Entries = slices.Clone(c.Entries)
		}
		c.Kills = slices.Clone(c.Kills)
		rec.Cells[op.Field] = s.add(s.replace(c, d, stamp, op, held), d, stamp, op)
	}
}

func (s slip) kind(old, new string) string {
	switch {
	case s == latestKind:
		return new
	case s == emptyKind:
		return min(old, new)
	case old == "" || new == "" || s == highestKind:
		return max(old, new)
	}
	return min(old, new)
}

func (s slip) typ(old, new Type) Type {
	switch {
	case s == latestType:
		return new
	case s == zeroType:
		return min(old, new)
	case old == 0 || new == 0 || s == highestType:
		return max(old, new)
	}
	return min(old, new)
}

// replace takes the dots that an op replaces off the cell.
func (s slip) replace(c Cell, d Dot, stamp Stamp, op Op, held Frontier) Cell {
	replaces := op.Replaces
	switch n := len(replaces); {
	case s == firstReplaced && n > 1:
		replaces = replaces[:1]
	case s == lastReplaced && n > 1:
		replaces = replaces[n-1:]
	case s == replacesIgnoredOnce && op.Value == "":
		replaces = nil
	}
	for _, r := range replaces {
		i := slices.IndexFunc(c.Entries, func(e Entry) bool { return e.Dot == r })
		switch {
		case i >= 0 && (s == replacedStays || s == laterStays && c.Entries[i].Stamp > stamp):
		case i >= 0 && s == wholeWriter:
			c.Entries = slices.DeleteFunc(c.Entries, func(e Entry) bool { return e.Dot.Writer == r.Writer })
		case i >= 0 && s == appendsInto:
			c.Entries = slices.Concat(c.Entries[:i], c.Entries[i+1:])
		case i >= 0:
			c.Entries = slices.Delete(c.Entries, i, i+1)
		case s != heldKilled && held.Has(r) || s.sameBatch(r, d) || s == killForgotten:
		case s != killTwice && slices.Contains(c.Kills, r):
		default:
			c.Kills = append(c.Kills, r)
		}
	}
	if s != killsUnsorted {
		slices.SortFunc(c.Kills, Dot.Compare)
	}
	return c
}

// sameBatch reports whether an op counts as held because it stands earlier in
// the batch of d.
func (s slip) sameBatch(r, d Dot) bool {
	same := r.Writer == d.Writer && r.Seq == d.Seq
	switch s {
	case ownBatchKilled:
		return false
	case ownBatchHeld:
		return same
	}
	return same && r.Index < d.Index
}

// add puts the op's own value into the cell, unless it was killed before.
func (s slip) add(c Cell, d Dot, stamp Stamp, op Op) Cell {
	killed := slices.ContainsFunc(c.Kills, func(k Dot) bool {
		return k == d || s == killTakesBatch && k.Writer == d.Writer && k.Seq == d.Seq
	})
	if s == replacerKilled && len(c.Kills) > 0 && !killed {
		return c
	}
	if killed && s != killKept {
		c.Kills = slices.DeleteFunc(c.Kills, func(k Dot) bool { return k == d })
	}
	if killed && s != killIgnored || op.Value == "" && s != emptyShows {
		return c
	}
	return s.enter(c, Entry{Dot: d, Stamp: stamp, Value: op.Value})
}

func (s slip) enter(c Cell, e Entry) Cell {
	switch s {
	case equalValuesOnce:
		if slices.ContainsFunc(c.Entries, func(o Entry) bool { return o.Value == e.Value }) {
			return c
		}
	case lastWriterWins:
		c.Entries = slices.DeleteFunc(c.Entries, func(o Entry) bool { return o.Stamp < e.Stamp })
	case lastOpOfBatch:
		c.Entries = slices.DeleteFunc(c.Entries, func(o Entry) bool { return o.Dot.Writer == e.Dot.Writer && o.Dot.Seq == e.Dot.Seq })
	case arrivalStamp:
		for _, o := range c.Entries {
			e.Stamp = max(e.Stamp, o.Stamp)
		}
	case appendsInto:
		if n := len(c.Entries); n > 0 && c.Entries[n-1].Dot.Compare(e.Dot) > 0 {
			c.Entries = slices.Clone(c.Entries)
		}
	}
	c.Entries = append(c.Entries, e)
	if s != entriesUnsorted {
		slices.SortFunc(c.Entries, func(a, b Entry) int { return a.Dot.Compare(b.Dot) })
	}
	return c
}
