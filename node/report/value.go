package report

import (
	"math"
	"math/big"

	"wangge/schema"
)

// value is a figure before it is rounded: a × times / (b × unit), or exact where that
// is given. There is none where nothing stands below the line.
type value struct {
	a, times, b, unit int64
	exact             *big.Rat
}

// valueOf returns what a group comes to.
func (t *tally) valueOf(g *group) value {
	unit := unitOf(t.facts.kind, t.report)
	switch t.report.Count {
	case schema.Distinct:
		return value{a: g.distinct, times: 1, b: 1, unit: 1}
	case schema.Sum:
		return value{a: g.sum, times: 1, b: 1, unit: unit}
	case schema.Average:
		return value{a: g.sum, times: 1, b: g.filled, unit: unit}
	}
	return value{a: g.records, times: 1, b: 1, unit: 1}
}

// none reports whether there is no figure.
func (v value) none() bool { return v.exact == nil && v.b == 0 }

func (v value) rat() *big.Rat {
	if v.exact != nil {
		return v.exact
	}
	above := new(big.Int).Mul(big.NewInt(v.a), big.NewInt(v.times))
	return new(big.Rat).SetFrac(above, new(big.Int).Mul(big.NewInt(v.b), big.NewInt(v.unit)))
}

// over divides one figure by another, so many times. Each is whole, or a sum.
func (v value) over(per value, times int64) value {
	return value{a: v.a, times: max(times, 1) * per.unit, b: per.a, unit: max(v.unit, 1)}
}

// rounded returns the figure in units of its last decimal place.
func (v value) rounded(shown schema.Shown) (n int64, some bool) {
	if v.none() {
		return 0, false
	}
	times := v.times
	for range shown.Decimals {
		times *= 10
	}
	if v.exact == nil && times < 1<<31 && math.Abs(float64(v.a)) < 1<<61/float64(times) && math.Abs(float64(v.b)) < 1<<61/float64(v.unit) {
		return quickly(v.a*times, v.b*v.unit, shown.Rounding != schema.Floor), true
	}
	r := v.rat()
	above, below := new(big.Int).Set(r.Num()), new(big.Int).Set(r.Denom())
	for range shown.Decimals {
		above.Mul(above, big.NewInt(10))
	}
	if shown.Rounding != schema.Floor { // half up is a half added and the rest cut off
		above.Mul(above, big.NewInt(2)).Add(above, below)
		below.Mul(below, big.NewInt(2))
	}
	quotient, _ := new(big.Int).DivMod(above, below, new(big.Int))
	return quotient.Int64(), quotient.IsInt64()
}

// quickly divides whole numbers, below 2^61 each, down or half up.
func quickly(above, below int64, halfUp bool) int64 {
	if below < 0 { // so that down is down
		above, below = -above, -below
	}
	if halfUp {
		above, below = 2*above+below, 2*below
	}
	n := above / below
	if above%below < 0 {
		n--
	}
	return n
}

// Quotient divides one sum by another as a ratio is shown, where each is in units of the
// last of so many decimal places; false where there is nothing to divide by.
func Quotient(of int64, ofPlaces int, per int64, perPlaces int, shown schema.Shown) (n int64, some bool) {
	v := value{a: of, times: max(shown.Times, 1) * power(perPlaces), b: per, unit: power(ofPlaces)}
	return v.rounded(shown)
}

func power(places int) (n int64) {
	for n = 1; places > 0; places-- {
		n *= 10
	}
	return n
}
