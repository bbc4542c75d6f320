package report

import (
	"slices"
	"strconv"

	"wangge/crdt"
)

// none stands in a column where a row has nothing.
const none = -1

// sized makes a column long enough for a row.
func sized[T any](column []T, row int) []T {
	for len(column) <= row {
		column = append(column, *new(T))
	}
	return column
}

// areas is the column of the rows' areas, as numbers of the codes that occur.
type areas struct {
	of    []int32 // of each row
	names []string
	at    map[string]int32
	// levels are the beginnings of the codes, by their number of digits.
	levels map[int]*level
}

// level numbers the beginnings of so many digits.
type level struct {
	of    []int32 // of each code that occurs, the beginning's number
	names []string
	at    map[string]int32
}

func (a *areas) set(row int, code string) {
	a.of = sized(a.of, row)
	n, ok := a.at[code]
	if !ok {
		n = int32(len(a.names))
		a.at[code], a.names = n, append(a.names, code)
		for digits, l := range a.levels {
			l.add(code, digits)
		}
	}
	a.of[row] = n
}

// level returns the codes cut to so many digits.
func (a *areas) level(digits int) *level {
	l := a.levels[digits]
	if l == nil {
		l = &level{at: map[string]int32{}}
		for _, code := range a.names {
			l.add(code, digits)
		}
		a.levels[digits] = l
	}
	return l
}

func (l *level) add(code string, digits int) {
	name := code[:min(len(code), digits)]
	n, ok := l.at[name]
	if !ok {
		n = int32(len(l.names))
		l.at[name], l.names = n, append(l.names, name)
	}
	l.of = append(l.of, n)
}

// combinations is the column of what the rows say in some fields, as numbers of
// the combinations that occur.
type combinations struct {
	fields []string
	of     []int32
	values [][]string
	at     map[string]int32
}

func (c *combinations) set(row int, values []string) {
	c.of = sized(c.of, row)
	key := joined(values)
	n, ok := c.at[key]
	if !ok {
		n = int32(len(c.values))
		c.at[key], c.values = n, append(c.values, values)
	}
	c.of[row] = n
}

// members is the column of what the rows name: a person, a household. It knows the
// rows of each, as a list through the rows.
type members struct {
	of         []int32 // of each row the member's number, or none
	next, prev []int32 // rows that name the same, or none
	head       []int32 // of each member its first row, or none
	values     []crdt.Value
	at         map[crdt.Value]int32
}

// set says what a row names, "" for nothing. The row must name nothing before.
func (m *members) set(row int, v crdt.Value) (fresh bool) {
	m.of, m.next, m.prev = sized(m.of, row), sized(m.next, row), sized(m.prev, row)
	m.of[row], m.next[row], m.prev[row] = none, none, none
	if v == "" {
		return false
	}
	n, ok := m.at[v]
	if !ok {
		n = int32(len(m.values))
		m.at[v], m.values, m.head = n, append(m.values, v), append(m.head, none)
	}
	if first := m.head[n]; first != none {
		m.next[row], m.prev[first] = first, int32(row)
	}
	m.of[row], m.head[n] = n, int32(row)
	return !ok
}

func (m *members) clear(row int) {
	n := m.of[row]
	if n == none {
		return
	}
	before, after := m.prev[row], m.next[row]
	if before == none {
		m.head[n] = after
	} else {
		m.next[before] = after
	}
	if after != none {
		m.prev[after] = before
	}
	m.of[row] = none
}

// rows calls yield with the rows that name a member until it returns false.
func (m *members) rows(member int32, yield func(row int) bool) {
	for row := m.head[member]; row != none; row = m.next[row] {
		if !yield(int(row)) {
			return
		}
	}
}

// addends is the column of what the rows add to a sum.
type addends struct {
	of     []int64
	filled rowSet
}

func (a *addends) set(row int, n int64, filled bool) {
	a.of = sized(a.of, row)
	a.of[row] = n
	a.filled.put(row, filled)
}

// rowSet is a set of rows.
type rowSet []uint64

func (s rowSet) has(row int) bool { return row>>6 < len(s) && s[row>>6]>>(row&63)&1 == 1 }

func (s *rowSet) put(row int, in bool) {
	*s = sized(*s, row>>6)
	if in {
		(*s)[row>>6] |= 1 << (row & 63)
	} else {
		(*s)[row>>6] &^= 1 << (row & 63)
	}
}

func newCombinations(by []string) *combinations {
	return &combinations{fields: slices.Clone(by), at: map[string]int32{}}
}

// joined makes one text of several, of no others.
func joined(values []string) string {
	var key []byte
	for _, v := range values {
		key = append(append(strconv.AppendInt(key, int64(len(v)), 10), ':'), v...)
	}
	return string(key)
}
