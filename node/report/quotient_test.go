package report

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"wangge/schema"
)

// A quotient of two written figures is that of the fractions which they stand for.
func TestAQuotientIsThatOfWhatIsWritten(t *testing.T) {
	chance := rand.New(rand.NewPCG(3, 3))
	ten := func(places int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(places)), nil) }
	for range 2000 {
		of, per := chance.Int64N(1<<46), 1+chance.Int64N(1<<46)
		ofPlaces, perPlaces := chance.IntN(7), chance.IntN(7)
		shown := schema.Shown{Times: []int64{0, 1, 100, 10000}[chance.IntN(4)], Decimals: chance.IntN(3)}
		n, some := Quotient(of, ofPlaces, per, perPlaces, shown)
		exact := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(of*max(shown.Times, 1)), ten(perPlaces)), new(big.Int).Mul(big.NewInt(per), ten(ofPlaces)))
		if fits := exact.Cmp(new(big.Rat).SetInt64(1<<50)) < 0; !fits {
			continue
		}
		if got := schema.Decimal(n, shown.Decimals); !some || got != exact.FloatString(shown.Decimals) {
			t.Fatalf("%d and %d with %d and %d places are %s as %+v, want %s", of, per, ofPlaces, perPlaces, got, shown, exact.FloatString(shown.Decimals))
		}
	}
	if _, some := Quotient(1, 0, 0, 0, schema.Shown{}); some {
		t.Error("nothing divides")
	}
}
