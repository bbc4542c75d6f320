package schema

import (
	"strings"

	"wangge/crdt"
)

// Must is what has to hold of a form, and what is said at the field where it does
// not. It is judged once everything that it compares is filled in: what is lacking
// is for Required to ask for.
type Must struct {
	That Formula `json:"that"`
	Else Text    `json:"else"`
}

// Asks reports whether a field is asked for, where values are what is filled in.
func (k *Kind) Asks(f *Field, values func(crdt.FieldID) []crdt.Value) bool {
	return f.Ask.IsZero() || f.Ask.Holds(k.reading(values))
}

// Judge returns what a field's Must has against the values, empty if nothing.
func (k *Kind) Judge(f *Field, values func(crdt.FieldID) []crdt.Value) Text {
	of := k.reading(values)
	if len(values(f.ID)) == 0 {
		return Text{}
	}
	for _, must := range f.Must {
		if must.That.known(of) && !must.That.Holds(of) {
			return must.Else
		}
	}
	return Text{}
}

// Evaluate works a formula out over a kind's stored values, such as Shown returns them.
// The result is nil, a float64, a string, a bool or a []string.
func (k *Kind) Evaluate(f Formula, values func(crdt.FieldID) []crdt.Value) any {
	return f.Value(k.reading(values))
}

// known reports whether everything is filled in that the formula compares.
func (f Formula) known(of func(string) any) bool {
	switch f.op {
	case opField:
		return f.Value(of) != nil
	case "filled", "count":
		return true
	case "reached":
		return f.Value(of) != nil
	}
	for _, arg := range f.args {
		if !arg.known(of) {
			return false
		}
	}
	return true
}

// reading lets formulas see stored values by their fields' names: of a register
// the first that is given, of a set all, of all else only how many there are.
// What is calculated is worked out once, when it is first asked for.
func (k *Kind) reading(values func(crdt.FieldID) []crdt.Value) (of func(string) any) {
	all := func(f *Field) []crdt.Value { return values(f.ID) }
	return k.readingBy(all, func(f *Field) (crdt.Value, bool) {
		if stored := all(f); len(stored) > 0 {
			return stored[0], true
		}
		return "", false
	})
}

// readingOf is reading of what a record shows, without a list of values for each register.
func (k *Kind) readingOf(rec crdt.Record) (of func(string) any) {
	all := func(f *Field) []crdt.Value { return f.Shown(rec.Cells[f.ID]) }
	return k.readingBy(all, func(f *Field) (crdt.Value, bool) {
		v := f.Winner(rec.Cells[f.ID])
		return v, v != ""
	})
}

// readingBy is reading of fields of which all gives the values, and first the first of them.
func (k *Kind) readingBy(all func(*Field) []crdt.Value, first func(*Field) (crdt.Value, bool)) (of func(string) any) {
	var results map[string]any
	of = func(name string) any {
		name, asked, more := strings.Cut(name, ".")
		f, ok := k.Field(name)
		if !ok || more && f.Type != TypeLadder {
			return nil
		}
		if more {
			asked = "." + asked
		}
		if f.Calculated() {
			v, known := results[name]
			if !known {
				if results == nil {
					results = map[string]any{}
				}
				v = f.result(of)
				results[name] = v
			}
			return v
		}
		if f.Type != TypeLadder && f.Merge == crdt.Register {
			if v, ok := first(f); ok {
				return operandOf(v)
			}
			return nil
		}
		stored := all(f)
		switch {
		case len(stored) == 0:
			return nil
		case f.Type == TypeLadder:
			return f.climbed(stored, asked)
		}
		list := make([]string, len(stored))
		for i, v := range stored {
			list[i], _ = v.Text() // of what is only counted, nothing
		}
		return list
	}
	return of
}

func operandOf(v crdt.Value) any {
	switch shown := Show(v).(type) {
	case int64:
		return float64(shown)
	case float64, bool, string:
		return shown
	}
	return nil
}
