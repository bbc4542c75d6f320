package report

import (
	"slices"
	"strconv"
	"strings"

	"wangge/crdt"
	"wangge/schema"
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
		code = strings.Clone(code) // which shares nothing with the record any more
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

// dates is the column of a field's days, by their numbers or noDay.
type dates struct {
	name  string
	field *schema.Field // nil where the kind has none
	of    *[]int32
}

// combinations is the column of what the rows say in some fields, as numbers of
// the combinations that occur.
type combinations struct {
	fields []string
	asked  []*schema.Field // nil where the kind has none
	of     []int32
	values [][]string
	at     map[string]int32

	said []string // of the row that is filled, and its key
	key  []byte
}

// fill writes what a record says into a row.
func (c *combinations) fill(row int, rec crdt.Record) {
	c.of = sized(c.of, row)
	c.said = c.said[:0]
	for _, field := range c.asked {
		c.said = append(c.said, written(winner(field, rec)))
	}
	c.key = appendJoined(c.key[:0], c.said)
	n, ok := c.at[string(c.key)]
	if !ok {
		n = int32(len(c.values))
		c.at[string(c.key)], c.values = n, append(c.values, cloned(c.said))
	}
	c.of[row] = n
}

// cloned returns texts that share nothing with the record of which they were a part.
func cloned(texts []string) []string {
	own := make([]string, len(texts))
	for i, text := range texts {
		own[i] = strings.Clone(text)
	}
	return own
}

// members is the column of what the rows name: a person, a household. It knows the
// rows of each, as a list through the rows.
type members struct {
	name   string
	field  *schema.Field // nil where the kind has none
	digits int           // of the area, where that names the member

	of         []int32 // of each row the member's number, or none
	next, prev []int32 // rows that name the same, or none
	head       []int32 // of each member its first row, or none
	values     []crdt.Value
	at         map[crdt.Value]int32
	marks      marks
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
		v = crdt.Value(strings.Clone(string(v))) // which shares nothing with the record any more
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
	name   string
	field  *schema.Field // nil where the kind has none
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
func joined(values []string) string { return string(appendJoined(nil, values)) }

func appendJoined(key []byte, values []string) []byte {
	for _, v := range values {
		key = append(append(strconv.AppendInt(key, int64(len(v)), 10), ':'), v...)
	}
	return key
}
