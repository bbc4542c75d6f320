package report

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"wangge/crdt"
	"wangge/schema"
)

// pile is what the records of one group come to.
type pile struct {
	records, filled, sum int64
	members              map[crdt.Value]bool
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
func cutOff(x *big.Rat, s schema.Shown) string {
	for range s.Decimals {
		x = new(big.Rat).Mul(x, big.NewRat(10, 1))
	}
	if s.Rounding != schema.Floor {
		x = new(big.Rat).Add(x, big.NewRat(1, 2))
	}
	whole := new(big.Int).Div(x.Num(), x.Denom()) // Euclidean: down, since denominators are above zero
	return schema.Decimal(whole.Int64(), s.Decimals)
}

// piles sorts the records that a report counts into groups.
func (c *Recount) piles(k *schema.Kind, r *schema.Report, q Query) map[string]*pile {
	notes, piles := c.notes[k.Name], map[string]*pile{}
	chosen := map[crdt.RecordID]crdt.RecordID{} // of those that are one the smallest that counts
	for i := range notes {
		id := notes[i].id
		if first, one := c.same[id]; one && c.counts(k, r, &notes[i]) {
			if other, ok := chosen[first]; !ok || id.Compare(other) < 0 {
				chosen[first] = id
			}
		}
	}
	for i := range notes {
		n := &notes[i]
		if first, one := c.same[n.id]; one && chosen[first] != n.id || !c.counts(k, r, n) {
			continue
		}
		for _, at := range c.places(k, r, q, n) {
			if piles[at] == nil {
				piles[at] = &pile{members: map[crdt.Value]bool{}}
			}
			c.put(piles[at], k, r, n)
		}
	}
	return piles
}

func (c *Recount) put(p *pile, k *schema.Kind, r *schema.Report, n *note) {
	p.records++
	if r.Of == "" {
		return
	}
	value := c.of(k, n, noted(r))
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

// of returns what is noted of a field.
func (c *Recount) of(k *schema.Kind, n *note, name string) crdt.Value {
	i, ok := slices.BinarySearch(c.names[k.Name], name)
	if !ok {
		return ""
	}
	return n.values[i]
}

func (c *Recount) day(k *schema.Kind, n *note, name string) string {
	return schema.Day(c.of(k, n, name))
}

// counts reports whether a report counts a record at all.
func (c *Recount) counts(k *schema.Kind, r *schema.Report, n *note) bool {
	if !n.own[slices.IndexFunc(k.Reports, func(other schema.Report) bool { return other.Name == r.Name })] {
		return false
	}
	for _, condition := range r.Where {
		link, that, _ := condition.Through()
		if link == "" {
			continue
		}
		id, leads := c.of(k, n, link).Ref()
		met, known := c.met[verdict{id, k.Name + " " + condition.String()}]
		if !leads || !known {
			field, _ := k.Field(link)
			of, _ := c.registry.Kind(field.To)
			met = meets(of, that, crdt.Record{})
		}
		if !met {
			return false
		}
	}
	return true
}

// places returns the groups in which a record is counted, none if a query leaves it
// out: one, or of what stands at the end of several periods one for each.
func (c *Recount) places(k *schema.Kind, r *schema.Report, q Query, n *note) (places []string) {
	if !strings.HasPrefix(n.area, q.Area) {
		return nil
	}
	for name, value := range q.Where {
		if written(c.of(k, n, name)) != value {
			return nil
		}
	}
	for _, day := range c.days(k, r, q, n) {
		keys := make([]string, len(q.By))
		for i, by := range q.By {
			base, digits, cut := strings.Cut(by, ":")
			switch {
			case cut:
				length := 0
				fmt.Sscan(digits, &length)
				keys[i] = n.area[:min(len(n.area), length)]
			case base == schema.ByArea:
				keys[i] = n.area
			case schema.IsPeriod(base):
				keys[i] = named(base, day)
			default:
				keys[i] = written(c.of(k, n, base))
			}
		}
		places = append(places, strings.Join(keys, keysApart))
	}
	return places
}

// days returns the days under which a record is counted.
func (c *Recount) days(k *schema.Kind, r *schema.Report, q Query, n *note) []string {
	if r.From == "" && r.To == "" {
		name := r.When
		if name == "" {
			name = k.When
		}
		day := ""
		if name == "" {
			return []string{""}
		}
		if day = c.day(k, n, name); q.From != "" && day < q.From || q.To != "" && (day == "" || day > q.To) {
			return nil
		}
		return []string{day}
	}
	from, to := c.day(k, n, r.From), c.day(k, n, r.To)
	stands := func(day string) bool { return from <= day && (to == "" || to > day) }
	var days []string
	for _, day := range ends(q) {
		if stands(day) {
			days = append(days, day)
		}
	}
	return days
}

// ends returns the days at whose end it is counted what stands then.
func ends(q Query) []string {
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
	t := date(day)
	switch period {
	case schema.ByWeek:
		year, week := t.ISOWeek()
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
