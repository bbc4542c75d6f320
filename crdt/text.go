package crdt

import (
	"slices"
	"unicode/utf8"
)

// A text is written by several people at once, and what each writes stands in
// it whole. Its ops are events (see Event) and replace nothing, so that a cell
// keeps them all on every node, also on one that does not know the type. The
// text comes of the events each time that it is asked for.

// Text returns a text as all its events leave it. Events one of whose parents
// has not arrived are left out until it has.
func (c Cell) Text() string {
	if text, once := c.writtenOnce(); once {
		return text
	}
	return newHistory(c.Entries).weave().text()
}

// writtenOnce returns a text that was written in one go and never changed, as most
// notes are: there is nothing to weave it with.
func (c Cell) writtenOnce() (text string, once bool) {
	if len(c.Entries) != 1 {
		return "", false
	}
	parents, edits, ok := c.Entries[0].Value.Event()
	if !ok || len(parents) > 0 || len(edits) != 1 || !utf8.ValidString(edits[0].Put) {
		return "", false
	}
	return edits[0].Put, true
}

// TextAt returns the text as it was for who saw the events with these dots and
// no other head.
func (c Cell) TextAt(heads []Dot) string {
	return newHistory(c.Entries).upTo(heads).weave().text()
}

// TextHeads returns the dots of the events that stand last, each on a branch of
// its own: with all that they build on they are the text. Who edits the text
// now names these.
func (c Cell) TextHeads() []Dot {
	h := newHistory(c.Entries)
	var heads []Dot
	for _, i := range h.heads() {
		heads = append(heads, h[i].dot)
	}
	slices.SortFunc(heads, Dot.Compare)
	return heads[:min(len(heads), parentsMax)]
}

// TextWaiting returns how many entries are not in the text: those that wait for a
// parent, and those that are no events, of a newer form.
func (c Cell) TextWaiting() int { return len(c.Entries) - len(newHistory(c.Entries)) }

// EditText returns the op that makes another text of the one that its author saw,
// which is TextAt of the heads, and leaves what both have alone. The heads are
// those that TextHeads gave when the text was opened. If the two texts are equal
// the op has no value and need not be written.
func (r Record) EditText(id RecordID, kind string, field FieldID, heads []Dot, text string) Op {
	op := Op{Record: id, Kind: kind, Field: field, Type: MergedText}
	if edits := changes(r.Cells[field].TextAt(heads), text); len(edits) > 0 {
		op.Value = Event(heads, edits...)
	}
	return op
}
