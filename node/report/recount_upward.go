package report

import (
	"maps"
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
				all = append(all, c.published(&k, &k.Reports[i], by, month))
			}
		}
	}
	return all
}

func (c *Recount) published(k *schema.Kind, r *schema.Report, by, month string) Upward {
	q := Query{Report: k.Name + "." + r.Name}.InMonth(month)
	u := Upward{Report: q.Report, Title: r.Title.Zh, Unit: r.Unit.Zh, Decimals: r.Decimals, Own: r.Count == schema.Distinct, Rows: []Behind{}}
	switch by {
	case schema.PublishTotal:
	case schema.PublishTownship:
		u.By, q.By = "area:9", []string{"area:9"}
	default:
		u.By, q.By = by, []string{by}
	}
	piles, together := c.piles(k, r, q)
	u.Total = Behind{Value: shortened(together.value(k, r), r.Shown), Persons: c.persons(k, together.notes)}
	if u.By == "" {
		return u
	}
	sum := int64(0)
	for _, key := range slices.Sorted(maps.Keys(piles)) {
		value := shortened(piles[key].value(k, r), r.Shown)
		if u.Own && value == 0 {
			continue
		}
		u.Rows = append(u.Rows, Behind{key, value, c.persons(k, piles[key].notes)})
		sum += value
	}
	if !u.Own {
		u.Total.Value = sum
	}
	return u
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
