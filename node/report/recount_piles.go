package report

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"wangge/crdt"
	"wangge/schema"
)

// pile is what the records of one group come to.
type pile struct {
	records, filled, sum int64
	members              map[crdt.Value]bool
	notes                []*note // that add something, where they are kept
}

// value returns a pile's exact figure, nil if there is none.
func (p *pile) value(k *schema.Kind, r *schema.Report) *big.Rat {
	unit := int64(1)
	if f, ok := k.Field(r.Of); ok && f.Type == schema.TypeDecimal {
		unit = millionths
	}
	switch {
	case r.Count == schema.Distinct:
		return big.NewRat(int64(len(p.members)), 1)
	case r.Count == schema.Sum:
		return big.NewRat(p.sum, unit)
	case r.Count == schema.Average && p.filled == 0:
		return nil
	case r.Count == schema.Average:
		return big.NewRat(p.sum, 1).Quo(big.NewRat(p.sum, 1), big.NewRat(unit*p.filled, 1))
	}
	return big.NewRat(p.records, 1)
}

// cutOff writes an exact figure as it is shown.
func cutOff(x *big.Rat, s schema.Shown) string { return schema.Decimal(shortened(x, s), s.Decimals) }

// shortened returns an exact figure in units of the last place that is shown.
func shortened(x *big.Rat, s schema.Shown) int64 {
	for range s.Decimals {
		x = new(big.Rat).Mul(x, big.NewRat(10, 1))
	}
	if s.Rounding != schema.Floor {
		x = new(big.Rat).Add(x, big.NewRat(1, 2))
	}
	return new(big.Int).Div(x.Num(), x.Denom()).Int64() // Euclidean: down, since denominators are above zero
}

// piles sorts the records that a report counts into groups, and into one of all: of what
// stands at the end of several periods, that of the last.
func (c *Recount) piles(k *schema.Kind, r *schema.Report, q Query) (piles map[string]*pile, all *pile) {
	notes, by := c.notes[k.Name], c.rule(k, r)
	piles, all = map[string]*pile{}, newPile()
	chosen := map[crdt.RecordID]crdt.RecordID{} // of those that are one the smallest that counts
	for i := range notes {
		id := notes[i].id
		if first, one := c.same[id]; one && c.counts(by, &notes[i]) {
			if other, ok := chosen[first]; !ok || id.Compare(other) < 0 {
				chosen[first] = id
			}
		}
	}
	columns, of, when := c.columns(k, q), c.place(k, noted(r)), c.place(k, r.Dated(k))
	ends := []string{""}
	if r.Standing() {
		ends = endsOf(q)
	}
	last := ""
	if len(ends) > 0 {
		last = ends[len(ends)-1]
	}
	var key []byte
	for i := range notes {
		n := &notes[i]
		if first, one := c.same[n.id]; one && chosen[first] != n.id || !c.counts(by, n) || !c.takes(k, q, n) {
			continue
		}
		for _, day := range c.days(k, r, q, ends, when, n) {
			key = columns.key(key[:0], n, day)
			p := piles[string(key)]
			if p == nil {
				p = newPile()
				piles[string(key)] = p
			}
			c.put(p, r, n, of)
			if !r.Standing() || day == last {
				c.put(all, r, n, of)
			}
		}
	}
	return piles, all
}

func newPile() *pile { return &pile{members: map[crdt.Value]bool{}} }

func (c *Recount) put(p *pile, r *schema.Report, n *note, of int) {
	p.records++
	value := n.at(of)
	if c.keeps && (r.Of == "" || value != "" && value != crdt.Int(0)) {
		p.notes = append(p.notes, n)
	}
	if value == "" {
		return
	}
	p.filled++
	if r.Count != schema.Distinct {
		addend, _ := value.Int()
		p.sum += addend
		return
	}
	if id, ok := value.Ref(); ok {
		value = crdt.Ref(c.same.Of(id))
	}
	p.members[value] = true
}

// place returns where a field is noted, none if it is not.
func (c *Recount) place(k *schema.Kind, name string) int {
	if i, ok := slices.BinarySearch(c.names[k.Name], name); ok {
		return i
	}
	return none
}

// at returns what is noted at a place.
func (n *note) at(place int) crdt.Value {
	if place == none {
		return ""
	}
	return n.values[place]
}

// of returns what is noted of a field.
func (c *Recount) of(k *schema.Kind, n *note, name string) crdt.Value { return n.at(c.place(k, name)) }

func dayAt(n *note, place int) string {
	day, _ := n.at(place).Text()
	return day
}

// rule is what a report asks of a record: which of the noted judgements, and of whom
// else.
type rule struct {
	own     int
	through []through
}

type through struct {
	linked
	place int // where the link is noted
}

func (c *Recount) rule(k *schema.Kind, r *schema.Report) rule {
	by := rule{own: slices.IndexFunc(k.Reports, func(other schema.Report) bool { return other.Name == r.Name })}
	for _, l := range c.linked[k.Name+"."+r.Name] {
		by.through = append(by.through, through{l, c.place(k, l.link)})
	}
	return by
}

// counts reports whether a report counts a record at all.
func (c *Recount) counts(by rule, n *note) bool {
	if !n.own[by.own] {
		return false
	}
	for _, l := range by.through {
		id, leads := n.at(l.place).Ref()
		met, known := c.met[verdict{id, l.number}]
		if !leads || !known {
			met = l.absent
		}
		if !met {
			return false
		}
	}
	return true
}

// takes reports whether a query is about a record, as far as it is not about days.
func (c *Recount) takes(k *schema.Kind, q Query, n *note) bool {
	for name, value := range q.Where {
		if written(c.of(k, n, name)) != value {
			return false
		}
	}
	return strings.HasPrefix(n.area, q.Area)
}

// columns are what a query groups by.
type columns []column

type column struct {
	digits int    // of an area
	period string // or a period
	place  int    // or where a field is noted
}

func (c *Recount) columns(k *schema.Kind, q Query) (all columns) {
	for _, by := range q.By {
		base, digits, cut := strings.Cut(by, ":")
		one := column{digits: areaMax}
		switch {
		case cut:
			one.digits, _ = strconv.Atoi(digits)
		case schema.IsPeriod(base):
			one = column{period: base}
		case base != schema.ByArea:
			place, _ := slices.BinarySearch(c.names[k.Name], base)
			one = column{place: place}
		}
		all = append(all, one)
	}
	return all
}

// key names the group of a record, counted under a day.
func (all columns) key(key []byte, n *note, day string) []byte {
	for i, by := range all {
		if i > 0 {
			key = append(key, keysApart...)
		}
		switch {
		case by.digits > 0:
			key = append(key, n.area[:min(len(n.area), by.digits)]...)
		case by.period != "":
			key = append(key, named(by.period, day)...)
		default:
			key = append(key, written(n.values[by.place])...)
		}
	}
	return key
}

// days returns the days under which a record is counted.
func (c *Recount) days(k *schema.Kind, r *schema.Report, q Query, ends []string, when int, n *note) []string {
	if !r.Standing() {
		day := dayAt(n, when)
		if when != none && (q.From != "" && day < q.From || q.To != "" && (day == "" || day > q.To)) {
			return nil
		}
		return []string{day}
	}
	from, to := dayAt(n, c.place(k, r.From)), dayAt(n, c.place(k, r.To))
	stands := func(day string) bool { return from <= day && (to == "" || to > day) }
	var days []string
	for _, day := range ends {
		if stands(day) {
			days = append(days, day)
		}
	}
	return days
}

// endsOf returns the days at whose end it is counted what stands then.
func endsOf(q Query) []string {
	i := slices.IndexFunc(q.By, schema.IsPeriod)
	if i < 0 {
		for _, day := range []string{q.AsOf, q.To, "9999-12-31"} {
			if day != "" {
				return []string{day}
			}
		}
	}
	shortest := q.By[i]
	for _, by := range q.By {
		if slices.Index(schema.Periods(), by) >= 0 && slices.Index(schema.Periods(), by) < slices.Index(schema.Periods(), shortest) {
			shortest = by
		}
	}
	var days []string
	for t := date(q.From); !t.After(date(q.To)); t = t.AddDate(0, 0, 1) {
		day, next := t.Format(time.DateOnly), t.AddDate(0, 0, 1).Format(time.DateOnly)
		if day == q.To || named(shortest, day) != named(shortest, next) {
			days = append(days, day)
		}
	}
	return days
}

func date(day string) time.Time {
	t, _ := time.Parse(time.DateOnly, day)
	return t
}

// named names the period in which a day lies.
func named(period, day string) string {
	if day == "" {
		return ""
	}
	switch period {
	case schema.ByWeek:
		year, week := date(day).ISOWeek()
		return fmt.Sprintf("%d-W%02d", year, week)
	case schema.ByMonth:
		return day[:7]
	case schema.ByQuarter:
		return day[:4] + map[string]string{"01": "-Q1", "02": "-Q1", "03": "-Q1", "04": "-Q2", "05": "-Q2", "06": "-Q2",
			"07": "-Q3", "08": "-Q3", "09": "-Q3", "10": "-Q4", "11": "-Q4", "12": "-Q4"}[day[5:7]]
	case schema.ByYear:
		return day[:4]
	}
	return day
}
