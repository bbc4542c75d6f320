package odata

import (
	"math/big"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// derivation is a function that makes one value of another (OData URL conventions 4.0,
// section 5.1.1.4).
type derivation struct {
	from []sort // that it takes
	to   sort
	of   func(v any) any // of what is there
}

// derived returns a function by its name; the zero value if there is none.
func derived(name string) derivation {
	part := func(of func(t time.Time) int) derivation {
		return derivation{[]sort{moments, days}, numbers, func(v any) any { return new(big.Rat).SetInt64(int64(of(v.(time.Time)))) }}
	}
	text := func(of func(string) string) derivation {
		return derivation{[]sort{texts}, texts, func(v any) any { return of(v.(string)) }}
	}
	switch name {
	case "year":
		return part(time.Time.Year)
	case "month":
		return part(func(t time.Time) int { return int(t.Month()) })
	case "day":
		return part(time.Time.Day)
	case "date":
		return derivation{[]sort{moments, days}, days, func(v any) any { return v.(time.Time).Truncate(24 * time.Hour) }}
	case "tolower":
		return text(strings.ToLower)
	case "toupper":
		return text(strings.ToUpper)
	case "trim":
		return text(strings.TrimSpace)
	case "length":
		return derivation{[]sort{texts}, numbers, func(v any) any { return new(big.Rat).SetInt64(int64(utf8.RuneCountInString(v.(string)))) }}
	}
	return derivation{}
}

// functions names all functions of a filter.
func functions() []string {
	return []string{"contains", "startswith", "endswith", "year", "month", "day", "date", "tolower", "toupper", "trim", "length"}
}

// derivation reads name(operand). Moments are taken by China's clock, as they are shown.
func (p *parser) derivation() (operand, error) {
	name := p.rest[0].text
	f := derived(name)
	if f.from == nil {
		return operand{}, missing("没有函数 "+shown(name)+"，可用："+strings.Join(functions(), "、"), "there is no function "+shown(name)+" here: use "+strings.Join(functions(), ", "))
	}
	if p.depth++; p.depth > depthMax {
		return operand{}, bad("筛选嵌套太深，最多 20 层", "the filter is nested too deeply: 20 levels at most")
	}
	defer func() { p.depth-- }()
	p.rest = p.rest[2:]
	inner, err := p.operand()
	if err != nil {
		return operand{}, err
	}
	if !p.take(")") || inner.sort != nothing && !slices.Contains(f.from, inner.sort) {
		return operand{}, bad(name+" 要一个"+string(f.from[0]), name+" takes one "+string(f.from[0])+": "+name+"(column)")
	}
	return operand{sort: f.to, of: func(row []any) any {
		switch v := inner.of(row).(type) {
		case nil:
			return nil
		case time.Time:
			if inner.sort == moments {
				return f.of(asWritten(v))
			}
			return f.of(v)
		default:
			return f.of(v)
		}
	}}, nil
}

// asWritten returns, in UTC, what the clock in China showed at a moment.
func asWritten(at time.Time) time.Time { return at.UTC().Add(8 * time.Hour) }
