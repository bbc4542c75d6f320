package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Formula says something of the fields of one form: whether a question is asked, or
// whether what was filled in can be true. It reads no clock and calls nothing
// outside, so that every machine finds the same. FORMAT.md has the language.
//
// The zero Formula says nothing.
type Formula struct {
	op      string    // an operator or a function, opField, or opValue
	operand any       // of opValue a float64, string or bool; of opField its name
	args    []Formula // of all else
}

// The two leaves of a formula.
const (
	opField = "field"
	opValue = "value"
)

// The bounds of one formula: what a person can still read.
const (
	formulaMax = 1000 // bytes
	depthMax   = 40   // of parentheses, and of operators on the way to a leaf
)

// IsZero reports whether the formula says nothing.
func (f Formula) IsZero() bool { return f.op == "" }

// Fields returns the names that the formula speaks of, in order, none twice.
func (f Formula) Fields() []string {
	var names []string
	f.walk(func(leaf Formula) {
		if leaf.op == opField {
			names = append(names, leaf.operand.(string))
		}
	})
	slices.Sort(names)
	return slices.Compact(names)
}

func (f Formula) walk(visit func(Formula)) {
	visit(f)
	for _, arg := range f.args {
		arg.walk(visit)
	}
}

// String writes the formula as ParseFormula reads it, with every parenthesis.
func (f Formula) String() string {
	switch f.op {
	case "":
		return ""
	case opField:
		return f.operand.(string)
	case opValue:
		return literal(f.operand)
	}
	args := make([]string, len(f.args))
	for i, arg := range f.args {
		args[i] = arg.String()
	}
	switch {
	case f.op == "in":
		return "(" + args[0] + " in (" + strings.Join(args[1:], ", ") + "))"
	case isOperator(f.op) && len(args) == 2:
		return "(" + args[0] + " " + f.op + " " + args[1] + ")"
	case f.op == "not":
		return "(not " + args[0] + ")"
	}
	return f.op + "(" + strings.Join(args, ", ") + ")"
}

func literal(v any) string {
	switch v := v.(type) {
	case string:
		if strings.Contains(v, `"`) {
			return "'" + v + "'"
		}
		return `"` + v + `"`
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// MarshalJSON writes the tree that a page evaluates: a value as it is, all else as
// a list that begins with the operator, such as ["=", ["field", "status"], "正常"].
func (f Formula) MarshalJSON() ([]byte, error) {
	switch f.op {
	case "":
		return []byte("null"), nil
	case opValue:
		return json.Marshal(f.operand)
	case opField:
		return json.Marshal([]any{opField, f.operand})
	}
	list := []any{f.op}
	for _, arg := range f.args {
		list = append(list, arg)
	}
	return json.Marshal(list)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (f *Formula) UnmarshalJSON(data []byte) error {
	var tree any
	if err := json.Unmarshal(data, &tree); err != nil {
		return err
	}
	read, err := grown(tree, 0)
	*f = read
	return err
}

var errFormula = errors.New("this is no formula: a list begins with its operator")

func grown(tree any, depth int) (Formula, error) {
	switch v := tree.(type) {
	case nil:
		return Formula{}, nil
	case string, float64, bool:
		return Formula{op: opValue, operand: v}, nil
	case []any:
		if len(v) == 0 || depth > 2*depthMax {
			return Formula{}, errFormula
		}
		op, ok := v[0].(string)
		if !ok || op == "" || op == opValue {
			return Formula{}, errFormula
		}
		if op == opField {
			return grownField(v)
		}
		f := Formula{op: op}
		for _, arg := range v[1:] {
			one, err := grown(arg, depth+1)
			if err != nil {
				return Formula{}, err
			}
			f.args = append(f.args, one)
		}
		return f, nil
	}
	return Formula{}, errFormula
}

func grownField(v []any) (Formula, error) {
	if len(v) != 2 {
		return Formula{}, errFormula
	}
	name, ok := v[1].(string)
	if !ok {
		return Formula{}, errFormula
	}
	return Formula{op: opField, operand: name}, nil
}
