package odata

import (
	"cmp"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"

	"wangge/node/export"
	"wangge/schema"
)

// sort of a value in a comparison.
type sort string

const (
	texts    sort = "text"
	numbers  sort = "number"
	booleans sort = "true or false"
	moments  sort = "moment"
	days     sort = "day"
	lists    sort = "list"
	nothing  sort = "null"
)

// operand is one side of a comparison: a column, or a literal.
type operand struct {
	sort   sort
	column string              // "" of a literal
	of     func(row []any) any // string, *big.Rat, bool, time.Time; nil for nothing
}

var (
	numeral = regexp.MustCompile(`^-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?$`) // bounded: an exponent costs its size
	dated   = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}`)
)

// operandOf reads a literal, or the name of a column.
func (s *Set) operandOf(t token) (operand, error) {
	fixed := func(sort sort, v any) (operand, error) {
		return operand{sort: sort, of: func([]any) any { return v }}, nil
	}
	switch {
	case t.quoted:
		return fixed(texts, t.text)
	case t.text == "null":
		return fixed(nothing, nil)
	case t.text == "true" || t.text == "false":
		return fixed(booleans, t.text == "true")
	case numeral.MatchString(t.text):
		n, _ := new(big.Rat).SetString(t.text) // what the pattern takes is a number
		return fixed(numbers, n)
	case dated.MatchString(t.text):
		if day, err := time.Parse(time.DateOnly, t.text); err == nil {
			return fixed(days, day)
		}
		at, err := time.Parse(time.RFC3339Nano, t.text)
		if err != nil {
			return operand{}, bad("日期写法不对，应为 2026-11-01 或 2026-11-01T09:30:00Z："+shown(t.text),
				"a date is written 2026-11-01 or 2026-11-01T09:30:00Z (+ as %2B), not "+shown(t.text))
		}
		return fixed(moments, at)
	}
	i := s.column(t.text)
	if i < 0 {
		return operand{}, s.unknown(t.text)
	}
	c := s.Table.Columns[i]
	return operand{sortOf(c.Type), c.Name, func(row []any) any { return comparable(c, row[i]) }}, nil
}

func sortOf(t export.Type) sort {
	switch t {
	case export.Whole, export.Number, export.Figure:
		return numbers
	case export.Bool:
		return booleans
	case export.Moment:
		return moments
	case export.Day:
		return days
	case export.List:
		return lists
	}
	return texts
}

// comparable returns a value of a column as comparisons take it: a number as it reads.
func comparable(c export.Column, v any) any {
	switch v := v.(type) {
	case int64:
		n := new(big.Rat).SetInt64(v)
		if c.Type == export.Figure {
			n, _ = n.SetString(schema.Decimal(v, c.Places))
		}
		return n
	case float64:
		if n, ok := new(big.Rat).SetString(strconv.FormatFloat(v, 'g', -1, 64)); ok {
			return n
		}
		return nil // no number
	}
	return v
}

// compare orders two values of one sort. Nothing comes before all else.
func compare(a, b any) int {
	if a == nil || b == nil {
		return cmp.Compare(rank(a), rank(b))
	}
	switch a := a.(type) {
	case string:
		return strings.Compare(a, b.(string))
	case *big.Rat:
		return a.Cmp(b.(*big.Rat))
	case time.Time:
		return a.Compare(b.(time.Time))
	case bool:
		return cmp.Compare(rank(a), rank(b.(bool)))
	}
	return 0
}

func rank(v any) int {
	switch v {
	case nil:
		return 0
	case false:
		return 1
	}
	return 2
}
