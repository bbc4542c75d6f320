package schema

import (
	"math"
	"slices"
	"time"
	"unicode/utf8"
)

// Value works the formula out. of gives what is filled in of a field: nil for
// nothing, else a float64, string, bool or []string. The result is one of
// these too; what cannot be said, such as a division by zero, is nil.
//
// A comparison with nothing does not hold, and neither does nothing itself.
func (f Formula) Value(of func(field string) any) any {
	switch f.op {
	case opValue:
		return f.operand
	case opField:
		return of(f.operand.(string))
	case "and":
		return f.args[0].Holds(of) && f.args[1].Holds(of)
	case "or":
		return f.args[0].Holds(of) || f.args[1].Holds(of)
	case "not":
		return !f.args[0].Holds(of)
	case "reached", "ended", "steps":
		return f.climbed(of)
	case "if":
		if f.args[0].Holds(of) {
			return f.args[1].Value(of)
		}
		return f.args[2].Value(of)
	}
	var few [4]any // as many as nearly all have
	args := few[:0]
	for _, arg := range f.args {
		args = append(args, arg.Value(of))
	}
	return worked(f.op, args)
}

// Holds reports whether the formula is true of what is filled in.
func (f Formula) Holds(of func(field string) any) bool {
	holds, _ := f.Value(of).(bool)
	return holds
}

func worked(op string, args []any) any {
	switch op {
	case "filled":
		return args[0] != nil
	case "count":
		return counted(args[0])
	case "in":
		return slices.ContainsFunc(args[1:], func(one any) bool { return equal(args[0], one) })
	case "has":
		list, _ := args[0].([]string)
		one, ok := args[1].(string)
		return ok && slices.Contains(list, one)
	case "=":
		return equal(args[0], args[1])
	case "!=":
		return args[0] != nil && args[1] != nil && !equal(args[0], args[1])
	case "<", "<=", ">", ">=":
		return ordered(op, args[0], args[1])
	case "length":
		if s, ok := args[0].(string); ok {
			return float64(utf8.RuneCountInString(s))
		}
	case "day":
		return dayOf(args[0])
	case "days", "years":
		return between(op, args[0], args[1])
	case "join", "born", "sex", "area", "later":
		return partOf(op, args)
	default:
		return calculated(op, args)
	}
	return nil
}

func counted(v any) any {
	switch v := v.(type) {
	case nil:
		return 0.0
	case []string:
		return float64(len(v))
	}
	return 1.0
}

func equal(a, b any) bool {
	switch a := a.(type) {
	case float64, string, bool:
		return a == b
	}
	return false
}

// ordered compares two numbers, or two texts by code points, as days are.
func ordered(op string, a, b any) bool {
	order := 0
	switch a := a.(type) {
	case float64:
		b, ok := b.(float64)
		if !ok {
			return false
		}
		order = compare(a, b)
	case string:
		b, ok := b.(string)
		if !ok {
			return false
		}
		order = compare(a, b)
	default:
		return false
	}
	return order < 0 && op[0] == '<' || order > 0 && op[0] == '>' || order == 0 && len(op) == 2
}

func compare[T float64 | string](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func calculated(op string, args []any) any {
	x, ok := args[0].(float64)
	y, both := args[len(args)-1].(float64)
	if !ok || !both {
		return nil
	}
	var result float64
	switch op {
	case "+":
		result = x + y
	case "-":
		result = x - y
	case "*":
		result = x * y
	case "/":
		result = x / y
	case "min":
		result = math.Min(x, y)
	case "max":
		result = math.Max(x, y)
	case "round": // half up, as JavaScript has it
		result = math.Floor(x + 0.5)
	}
	if math.IsNaN(result) || math.IsInf(result, 0) {
		return nil
	}
	return result
}

// dayOf returns the calendar day in China of a moment, and a day as it is.
func dayOf(v any) any {
	switch v := v.(type) {
	case float64:
		if v >= instantMin && v < instantMax {
			return wall(int64(v)).Format(time.DateOnly)
		}
	case string:
		if dateComplaint(v).Empty() {
			return v
		}
	}
	return nil
}

// between returns the whole days or years from one day to another.
func between(unit string, from, to any) any {
	a, ok := from.(string)
	b, both := to.(string)
	if !ok || !both || !dateComplaint(a).Empty() || !dateComplaint(b).Empty() {
		return nil
	}
	if unit == "days" {
		first, _ := time.Parse(time.DateOnly, a)
		last, _ := time.Parse(time.DateOnly, b)
		return float64(last.Sub(first) / (24 * time.Hour))
	}
	sign := 1.0
	if a > b {
		a, b, sign = b, a, -1
	}
	years := yearOf(b) - yearOf(a)
	if b[4:] < a[4:] { // the anniversary is still to come
		years--
	}
	return sign * years
}

func yearOf(day string) float64 {
	t, _ := time.Parse(time.DateOnly, day)
	return float64(t.Year())
}
