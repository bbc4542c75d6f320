package city

import (
	"cmp"
	"slices"

	"wangge/schema"
)

// Bar is one area's figure as it is drawn, in hundredths of the largest, beside that of the month
// before.
type Bar struct {
	Name  string
	Shown string
	Says  string // both figures, for who does not see the bars
	Now   int64
	Then  int64 // 0 where the months do not compare
}

// Chart returns the areas' totals to be drawn, the largest first; none of fewer than two, or
// where one is below zero.
func (r Report) Chart() []Bar {
	type both struct {
		name      string
		now, then int64
		says      string
	}
	var all []both
	most := int64(0)
	for i, f := range r.Rows[0].Each {
		if f == nil {
			continue
		}
		b := both{r.Areas[i].Name, f.Value, 0, f.Shown}
		if c := f.Compared; c != nil {
			b.then = c.Earlier
			b.says += ", " + r.Earlier + ": " + schema.Decimal(c.Earlier, r.Decimals)
		}
		if min(b.now, b.then) < 0 {
			return nil
		}
		most = max(most, b.now, b.then)
		all = append(all, b)
	}
	if len(all) < 2 || most == 0 {
		return nil
	}
	slices.SortStableFunc(all, func(a, b both) int { return cmp.Compare(b.now, a.now) })
	bars := make([]Bar, len(all))
	for i, b := range all {
		share := func(n int64) int64 { return int64(float64(n) / float64(most) * 100) }
		bars[i] = Bar{b.name, schema.Decimal(b.now, r.Decimals), b.says, share(b.now), share(b.then)}
	}
	return bars
}
