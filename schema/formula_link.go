package schema

import (
	"errors"
	"strings"

	"wangge/crdt"
)

// Through returns the link through which the formula looks, "" if it speaks of a
// record's own fields, and the formula as it speaks of the linked record. A formula
// looks at one record: of two, each has its own.
func (f Formula) Through() (link string, inner Formula, err error) {
	for i, name := range f.Fields() {
		through, _, ok := strings.Cut(name, ".")
		if !ok {
			through = ""
		}
		if i > 0 && through != link {
			return "", f, errors.New("one condition looks at one record: write the linked record's as a condition of its own")
		}
		link = through
	}
	return link, f.without(link + "."), nil
}

func (f Formula) without(prefix string) Formula {
	if name, ok := f.operand.(string); ok && f.op == opField {
		return Formula{op: opField, operand: strings.TrimPrefix(name, prefix)}
	}
	cut := Formula{op: f.op, operand: f.operand}
	for _, arg := range f.args {
		cut.args = append(cut.args, arg.without(prefix))
	}
	return cut
}

// Meets reports whether a formula holds of what is filled in.
func (k *Kind) Meets(f Formula, values func(crdt.FieldID) []crdt.Value) bool {
	return f.Holds(k.reading(values))
}

// Holds reports whether a formula holds of what a record shows.
func (k *Kind) Holds(f Formula, rec crdt.Record) bool { return f.Holds(k.readingOf(rec)) }
