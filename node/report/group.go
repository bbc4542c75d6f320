package report

import (
	"math/big"

	"wangge/crdt"
	"wangge/schema"
)

// group gathers the cells of one row.
type group struct {
	keys    []string
	records int64
	members map[crdt.Value]bool
	sum     int64
	filled  int64
	of, per *group // of a ratio; nil where there are no such records
	parts   [2]*cube
}

func newGroup(keys []string) *group { return &group{keys: keys, members: map[crdt.Value]bool{}} }

// less takes records off that are one with a record which is counted already.
func (g *group) less(t twice) {
	g.records -= t.records
	g.sum -= t.sum
	g.filled -= t.filled
}

func (f *Figures) add(g *group, c *cube, cl *cell) {
	g.records += cl.records
	g.sum += cl.sum
	g.filled += cl.filled
	for m := range cl.members {
		if m != "" && f.linkedMeets(c, m) {
			g.members[f.twins.first(m)] = true
		}
	}
}

// figure returns a group's figure in units of its last decimal place; none where there
// is nothing to divide by.
func (c *cube) figure(g *group) (n int64, some bool) {
	numerator, unit := c.whole(g)
	switch c.report.Count {
	case schema.Average:
		return c.rounded(g.sum, 1, g.filled, unit)
	case schema.Ratio:
		above, below := int64(0), int64(0)
		aboveUnit, belowUnit := int64(1), int64(1)
		if g.of != nil {
			above, aboveUnit = g.parts[0].whole(g.of)
		}
		if g.per != nil {
			below, belowUnit = g.parts[1].whole(g.per)
		}
		times := max(c.report.Times, 1)
		return c.rounded(above, times*belowUnit, below, aboveUnit)
	}
	return c.rounded(numerator, 1, 1, unit)
}

// whole returns what a group counts or adds up to, and how many of it make one.
func (c *cube) whole(g *group) (n, unit int64) {
	switch c.report.Count {
	case schema.Distinct:
		return int64(len(g.members)), 1
	case schema.Sum:
		return g.sum, c.unit()
	}
	return g.records, c.unit()
}

// rounded returns a*times/(b*unit) in units of the last decimal place.
func (c *cube) rounded(a, times, b, unit int64) (n int64, some bool) {
	if b == 0 {
		return 0, false
	}
	above := big.NewInt(a)
	above.Mul(above, big.NewInt(times))
	for range c.report.Decimals {
		above.Mul(above, big.NewInt(10))
	}
	below := big.NewInt(b)
	below.Mul(below, big.NewInt(unit))
	if below.Sign() < 0 { // so that down is down
		above.Neg(above)
		below.Neg(below)
	}
	if c.report.Rounding != schema.Floor { // half up is a half added and the rest cut off
		above.Mul(above, big.NewInt(2)).Add(above, below)
		below.Mul(below, big.NewInt(2))
	}
	quotient, _ := new(big.Int).DivMod(above, below, new(big.Int))
	return quotient.Int64(), quotient.IsInt64()
}

// millionths is the unit in which decimals are added up, so that a sum from which an
// addend is taken again is what it was before.
const millionths = 1_000_000

// unit is how many of what is summed make one.
func (c *cube) unit() int64 {
	if f, ok := c.kind.Field(c.report.Of); ok && f.Type == schema.TypeDecimal && c.report.Count != schema.Distinct {
		return millionths
	}
	return 1
}

// addend returns what a record adds to a sum or an average.
func (c *cube) addend(rec crdt.Record) (n int64, ok bool) {
	if c.report.Count != schema.Sum && c.report.Count != schema.Average {
		return 0, false
	}
	field, _ := c.kind.Field(c.report.Of)
	cell := rec.Cells[field.ID]
	if field.Merge == crdt.Counter {
		return min(max(cell.Sum(), -addendMax), addendMax), len(cell.Entries) > 0
	}
	v := field.Winner(cell)
	if x, isFloat := v.Float(); isFloat {
		x = min(max(x, -fractionMax), fractionMax)
		return int64(roundHalf(x * millionths)), true
	}
	n, ok = v.Int()
	return min(max(n, -addendMax), addendMax), ok
}

// What merges, or comes of another form, may lie outside of the range that keeps sums
// exact. It is taken for the most that a form may say.
const (
	addendMax   = 1_000_000_000_000
	fractionMax = 1_000_000
)

func roundHalf(x float64) float64 {
	if x < 0 {
		return -roundHalf(-x)
	}
	return float64(int64(x + 0.5))
}
