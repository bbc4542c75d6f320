package schema

import "wangge/crdt"

// Shown returns what a field shows of a cell, the winner first: of a text the
// whole that its events make, of a ladder the rung and then the steps that led to it,
// of all else the visible values.
func (f *Field) Shown(c crdt.Cell) []crdt.Value {
	if f.Type == TypeLadder {
		return f.Case(c).shown()
	}
	if f.Merge != crdt.MergedText {
		return c.Values()
	}
	if text := c.Text(); text != "" {
		return []crdt.Value{crdt.Text(text)}
	}
	return nil
}

// Winner returns the value that lists and reports show of a cell, or "" when
// the field is empty.
func (f *Field) Winner(c crdt.Cell) crdt.Value {
	if f.Type != TypeLadder && f.Merge != crdt.MergedText { // Shown of it are its values
		return c.Winner()
	}
	if values := f.Shown(c); len(values) > 0 {
		return values[0]
	}
	return ""
}
