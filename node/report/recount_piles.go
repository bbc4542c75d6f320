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
	members              map[token]bool
	notes                []note // that add something, where they are kept
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
	chosen, first := c.chosen(notes, by), c.firsts(r)
	columns, of := c.columns(k, q), c.place(k, noted(r))
	days := c.days(k, r, q)
	rows, total := columns.levels(k, q)
	var key []byte
	for row := range notes.ids {
		n := note{notes, row}
		if one, is := c.same[n.id()]; is && chosen[one] != n.id() || !c.counts(by, n) || !c.takes(k, q, n) {
			continue
		}
		for _, day := range days.of(n) {
			if rows == 0 || len(c.kept[n.areas[row]]) == rows {
				key = columns.key(key[:0], c, n, day)
				p := piles[string(key)]
				if p == nil {
					p = newPile()
					piles[string(key)] = p
				}
				c.put(p, r, n, of, first)
			}
			if (total == 0 || len(c.kept[n.areas[row]]) == total) && (!r.Standing() || day == days.last) {
				c.put(all, r, n, of, first)
			}
		}
	}
	return piles, all
}

// chosen returns of the records that are one the smallest that counts.
func (c *Recount) chosen(notes *notes, by rule) map[crdt.RecordID]crdt.RecordID {
	chosen := map[crdt.RecordID]crdt.RecordID{}
	for row := range notes.ids {
		n := note{notes, row}
		if first, one := c.same[n.id()]; one && c.counts(by, n) {
			if other, ok := chosen[first]; !ok || n.id().Compare(other) < 0 {
				chosen[first] = n.id()
			}
		}
	}
	return chosen
}

// firsts returns, of what a report tells apart, that under which each counts that is one with
// another: its token, or one of no value where nothing names that.
func (c *Recount) firsts(r *schema.Report) map[token]token {
	firsts, next := map[token]token{}, map[crdt.RecordID]token{}
	if r.Count != schema.Distinct {
		return firsts
	}
	for id, one := range c.same {
		n, named := c.tokens[crdt.Ref(id)]
		first, there := c.tokens[crdt.Ref(one)]
		if !there {
			if next[one] == 0 {
				next[one] = token(len(c.kept) + len(next))
			}
			first = next[one]
		}
		if named {
			firsts[n] = first
		}
	}
	return firsts
}

func newPile() *pile { return &pile{members: map[token]bool{}} }

func (c *Recount) put(p *pile, r *schema.Report, n note, of int, first map[token]token) {
	p.records++
	value := n.at(of)
	if c.keeps && (r.Of == "" || value != 0) {
		p.notes = append(p.notes, n)
	}
	if value == 0 {
		return
	}
	p.filled++
	if r.Count != schema.Distinct {
		addend, _ := c.kept[value].Int()
		p.sum += addend
		return
	}
	if one, is := first[value]; is {
		value = one
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
func (c *Recount) counts(by rule, n note) bool {
	if !n.own[n.row*n.reports+by.own] {
		return false
	}
	for _, l := range by.through {
		id, leads := c.kept[n.at(l.place)].Ref()
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
func (c *Recount) takes(k *schema.Kind, q Query, n note) bool {
	for name, value := range q.Where {
		if written(c.kept[n.at(c.place(k, name))]) != value {
			return false
		}
	}
	return strings.HasPrefix(string(c.kept[n.areas[n.row]]), q.Area)
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

// levels returns how many digits the areas have whose records count in rows and in the total,
// where each tells of a whole area; else 0.
func (all columns) levels(k *schema.Kind, q Query) (rows, total int) {
	if !k.Wholes() {
		return 0, 0
	}
	total = max(schema.County, len(q.Area))
	rows = total
	for _, by := range all {
		rows = max(rows, by.digits)
	}
	return rows, total
}

// key names the group of a record, counted under a day.
func (all columns) key(key []byte, c *Recount, n note, day string) []byte {
	for i, by := range all {
		if i > 0 {
			key = append(key, keysApart...)
		}
		switch {
		case by.digits > 0:
			area := c.kept[n.areas[n.row]]
			key = append(key, area[:min(len(area), by.digits)]...)
		case by.period != "":
			key = append(key, named(by.period, day)...)
		default:
			key = append(key, written(c.kept[n.at(by.place)])...)
		}
	}
	return key
}

// counting says under which days a record is counted.
type counting struct {
	*Recount
	ends           []string // of what stands for a time
	last           string   // of these
	when, from, to int      // where they are noted
	stands         bool
	least, most    string // days that are asked for; "" are open
	found          []string
}

func (c *Recount) days(k *schema.Kind, r *schema.Report, q Query) *counting {
	d := &counting{Recount: c, when: c.place(k, r.Dated(k)), from: c.place(k, r.From), to: c.place(k, r.To), stands: r.Standing(), least: q.From, most: q.To}
	if d.stands {
		d.ends = endsOf(q)
	}
	if len(d.ends) > 0 {
		d.last = d.ends[len(d.ends)-1]
	}
	return d
}

// of returns them, until it is asked again.
func (d *counting) of(n note) []string {
	d.found = d.found[:0]
	if !d.stands {
		day := d.text(n.at(d.when))
		if d.when == none || (d.least == "" || day >= d.least) && (d.most == "" || day != "" && day <= d.most) {
			d.found = append(d.found, day)
		}
		return d.found
	}
	from, to := d.text(n.at(d.from)), d.text(n.at(d.to))
	for _, day := range d.ends {
		if from <= day && (to == "" || to > day) {
			d.found = append(d.found, day)
		}
	}
	return d.found
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
