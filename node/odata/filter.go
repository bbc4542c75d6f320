package odata

import (
	"maps"
	"slices"
	"strings"
)

// Limits of a filter, before it costs anything.
const (
	filterMax = 4000 // bytes
	depthMax  = 20   // of parentheses and not
)

// truth is what a filter says of a row. What compares with nothing is neither true nor
// false (OData URL conventions 4.0, section 5.1.1).
type truth int8

const (
	no truth = iota - 1
	neither
	yes
)

func truthOf(is bool) truth {
	if is {
		return yes
	}
	return no
}

// condition is a filter that has been read.
type condition struct {
	of            func(row []any) truth
	equal, begins map[string]string // holds only of rows whose columns are so
}

// filter reads a filter.
func (s *Set) filter(text string) (condition, error) {
	if len(text) > filterMax {
		return condition{}, bad("筛选太长，最多 4000 字节", "the filter is too long: it may have 4000 bytes")
	}
	all, err := tokens(text)
	if err != nil {
		return condition{}, err
	}
	p := parser{set: s, rest: all}
	c, err := p.either()
	if err == nil && len(p.rest) > 0 {
		err = bad("筛选中这里读不懂："+shown(p.rest[0].text), "the filter is not understood at "+shown(p.rest[0].text)+": join comparisons by and, or")
	}
	return c, err
}

// parser reads a filter by descent: or, and, not, comparison.
type parser struct {
	set   *Set
	rest  []token
	depth int
}

// take takes the next token if it is this word.
func (p *parser) take(word string) bool {
	if len(p.rest) == 0 || !p.rest[0].is(word) {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

func (p *parser) either() (condition, error) {
	a, err := p.both()
	for err == nil && p.take("or") {
		var b condition
		b, err = p.both()
		x, y := a.of, b.of
		a = condition{of: func(row []any) truth { return max(x(row), y(row)) }}
	}
	return a, err
}

func (p *parser) both() (condition, error) {
	a, err := p.single()
	for err == nil && p.take("and") {
		var b condition
		b, err = p.single()
		x, y := a.of, b.of
		a.of = func(row []any) truth { return min(x(row), y(row)) }
		a.equal, a.begins = joined(a.equal, b.equal), joined(a.begins, b.begins)
	}
	return a, err
}

// joined holds one of two texts where both bind a column: either is true of what is wanted.
func joined(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	if all == nil {
		return b
	}
	maps.Copy(all, b)
	return all
}

func (p *parser) single() (condition, error) {
	if p.depth++; p.depth > depthMax {
		return condition{}, bad("筛选嵌套太深，最多 20 层", "the filter is nested too deeply: 20 levels at most")
	}
	defer func() { p.depth-- }()
	switch {
	case p.take("not"):
		a, err := p.single()
		return condition{of: func(row []any) truth { return -a.of(row) }}, err
	case p.take("("):
		a, err := p.either()
		if err == nil && !p.take(")") {
			err = bad("筛选缺少右括号", "the filter lacks a closing parenthesis")
		}
		return a, err
	case p.calls() && derived(p.rest[0].text).from == nil:
		return p.function()
	}
	return p.comparison()
}

func (p *parser) operand() (operand, error) {
	if len(p.rest) == 0 {
		return operand{}, bad("筛选没有写完", "the filter ends too early: want a column or a value")
	}
	if p.calls() {
		return p.derivation()
	}
	t := p.rest[0]
	p.rest = p.rest[1:]
	return p.set.operandOf(t)
}

// calls reports whether a function is called next.
func (p *parser) calls() bool {
	return len(p.rest) > 1 && p.rest[1].is("(") && !p.rest[0].quoted
}

// operators say which orders of two values a comparison holds of.
func operator(word token) func(order int) bool {
	if word.quoted {
		return nil
	}
	switch word.text {
	case "eq":
		return func(o int) bool { return o == 0 }
	case "ne":
		return func(o int) bool { return o != 0 }
	case "gt":
		return func(o int) bool { return o > 0 }
	case "ge":
		return func(o int) bool { return o >= 0 }
	case "lt":
		return func(o int) bool { return o < 0 }
	case "le":
		return func(o int) bool { return o <= 0 }
	}
	return nil
}

func (p *parser) comparison() (condition, error) {
	a, err := p.operand()
	if err != nil {
		return condition{}, err
	}
	if len(p.rest) == 0 || operator(p.rest[0]) == nil {
		if a.sort != booleans {
			return condition{}, bad("比较应写作 列 eq 值", "write a comparison as column eq value, with eq, ne, gt, ge, lt or le")
		}
		return condition{of: func(row []any) truth { return asTruth(a.of(row)) }}, nil
	}
	word := p.rest[0].text
	holds := operator(p.rest[0])
	p.rest = p.rest[1:]
	b, err := p.operand()
	if err != nil {
		return condition{}, err
	}
	if a.sort == lists || b.sort == lists {
		return condition{}, bad("列表不能用于筛选", "a list cannot be compared: filter by another column")
	}
	if a.sort != b.sort && a.sort != nothing && b.sort != nothing {
		return condition{}, bad("两边类型不同，不能比较："+string(a.sort)+" / "+string(b.sort),
			"a "+string(a.sort)+" cannot be compared with a "+string(b.sort)+": texts stand in quotes, days and numbers do not")
	}
	c := condition{of: func(row []any) truth { return compared(word, holds, a.of(row), b.of(row)) }}
	if word == "eq" && a.sort == texts && b.sort == texts {
		c.equal = bound(a, b)
	}
	return c, nil
}

// bound returns the text to which a column is bound, if it is a column and a literal.
func bound(a, b operand) map[string]string {
	switch {
	case a.column != "" && b.column == "":
		return map[string]string{a.column: b.of(nil).(string)}
	case b.column != "" && a.column == "":
		return map[string]string{b.column: a.of(nil).(string)}
	}
	return nil
}

// compared holds two values against each other. Nothing equals nothing, and no comparison
// of order holds of it.
func compared(word string, holds func(int) bool, a, b any) truth {
	if (a == nil || b == nil) && word != "eq" && word != "ne" {
		return no
	}
	return truthOf(holds(compare(a, b)))
}

func asTruth(v any) truth {
	is, ok := v.(bool)
	if !ok {
		return neither
	}
	return truthOf(is)
}

func function(word string) func(s, part string) bool {
	switch word {
	case "contains":
		return strings.Contains
	case "startswith":
		return strings.HasPrefix
	case "endswith":
		return strings.HasSuffix
	}
	return nil
}

func (p *parser) function() (condition, error) {
	word := p.rest[0].text
	holds := function(word)
	if holds == nil {
		return condition{}, missing("没有函数 "+shown(word)+"，可用："+strings.Join(functions(), "、"), "there is no function "+shown(word)+" here: use "+strings.Join(functions(), ", "))
	}
	p.rest = p.rest[2:]
	a, err := p.operand()
	if err != nil {
		return condition{}, err
	}
	comma := p.take(",")
	b, err := p.operand()
	if err != nil {
		return condition{}, err
	}
	text := []sort{texts, nothing}
	if !comma || !p.take(")") || !slices.Contains(text, a.sort) || !slices.Contains(text, b.sort) {
		return condition{}, bad(word+" 要两个文本："+word+"(列,'文本')", word+" takes two texts: "+word+"(column,'text')")
	}
	c := condition{of: func(row []any) truth {
		s, ok := a.of(row).(string)
		part, also := b.of(row).(string)
		if !ok || !also {
			return neither
		}
		return truthOf(holds(s, part))
	}}
	if word == "startswith" && a.column != "" && b.column == "" && b.sort == texts {
		c.begins = bound(a, b)
	}
	return c, nil
}
