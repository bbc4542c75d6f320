package report

import (
	"maps"
	"math/big"
	"slices"

	"wangge/crdt"
	"wangge/schema"
)

// Upward counts what may go up of a month, and the persons behind it, as Figures.Freeze does.
func (c *Recount) Upward(month string) []Upward {
	c.settle()
	c.keeps = true
	defer func() { c.keeps = false }()
	all := []Upward{}
	for _, k := range c.registry.Kinds() {
		for i := range k.Reports {
			for _, by := range k.Reports[i].Publish {
				all = append(all, c.published(&k, &k.Reports[i], by, month)...)
			}
		}
	}
	return all
}

func (c *Recount) published(k *schema.Kind, r *schema.Report, by, month string) []Upward {
	q := Query{Report: k.Name + "." + r.Name}.InMonth(month)
	switch by {
	case schema.PublishTotal:
	case schema.PublishTownship:
		q.By = []string{"area:9"}
	default:
		q.By = []string{by}
	}
	piles, together := c.piles(k, r, q)
	if r.Count != schema.Average {
		count := func(p *pile) (int64, []note) {
			adds := p.notes
			if r.Of != "" {
				adds = slices.DeleteFunc(slices.Clone(adds), c.isNothing(k, r))
			}
			return shortened(p.value(k, r), r.Shown), adds
		}
		return c.tabled(k, Upward{Report: q.Report, Title: r.Title.Zh, Unit: r.Unit.Zh, Decimals: r.Decimals, Own: r.Count == schema.Distinct}, q, piles, together, count)
	}
	shown := schema.Shown{}
	unit := int64(1)
	if f, _ := k.Field(r.Of); f.Type == schema.TypeDecimal {
		shown.Decimals, unit = min(r.Decimals+2, 6), millionths
	}
	sums := c.tabled(k, Upward{Report: q.Report + ":sum", Title: r.Title.Zh + "：合计", Unit: r.Unit.Zh, Decimals: shown.Decimals}, q, piles, together, func(p *pile) (int64, []note) {
		return shortened(big.NewRat(p.sum, unit), shown), slices.DeleteFunc(slices.Clone(p.notes), c.isNothing(k, r))
	})
	return append(sums, c.tabled(k, Upward{Report: q.Report + ":count", Title: r.Title.Zh + "：填写数"}, q, piles, together, func(p *pile) (int64, []note) { return p.filled, p.notes })...)
}

// isNothing reports of notes whether they add nothing to a sum.
func (c *Recount) isNothing(k *schema.Kind, r *schema.Report) func(note) bool {
	of := c.place(k, noted(r))
	return func(n note) bool { return n.at(of) == 0 || c.kept[n.at(of)] == crdt.Int(0) }
}

// tabled writes piles down as a table, each with who is behind it.
func (c *Recount) tabled(k *schema.Kind, u Upward, q Query, piles map[string]*pile, together *pile, count func(*pile) (int64, []note)) []Upward {
	behind := func(key string, p *pile) Behind {
		value, notes := count(p)
		return Behind{Key: key, Value: value, Persons: c.persons(k, notes)}
	}
	u.Total, u.Rows = behind("", together), []Behind{}
	if k.Wholes() {
		if u.Total.Persons == 0 {
			return nil
		}
		above := new(big.Int).Abs(big.NewInt(u.Total.Value))
		for range u.Decimals { // up to the next whole one
			above.Div(above.Add(above, big.NewInt(9)), big.NewInt(10))
		}
		u.Total.Persons = max(u.Total.Persons, above.Int64())
	}
	if len(q.By) == 0 {
		return []Upward{u}
	}
	u.By = q.By[0]
	sum := int64(0)
	for _, key := range slices.Sorted(maps.Keys(piles)) {
		if row := behind(key, piles[key]); row.Persons > 0 {
			u.Rows = append(u.Rows, row)
			sum += row.Value
		}
	}
	if !u.Own {
		u.Total.Value = sum
	}
	return []Upward{u}
}

// persons counts those of whom some records are, by the field that tells the fewest apart.
func (c *Recount) persons(k *schema.Kind, notes []note) int64 {
	least := len(notes)
	for _, name := range c.registry.Persons(k) {
		apart := map[crdt.Value]bool{}
		nobody := 0
		for _, n := range notes {
			value := c.kept[n.at(c.place(k, name))]
			if id, ok := value.Ref(); ok {
				value = crdt.Ref(c.same.Of(id))
			}
			if value == "" {
				nobody++
			} else {
				apart[value] = true
			}
		}
		least = min(least, len(apart)+nobody)
	}
	return int64(least)
}
