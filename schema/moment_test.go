package schema

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"wangge/crdt"
)

// The number of a day is that of the day's text, and China's clocks show what a zone eight hours
// ahead shows.
func TestDayNumberIsThatOfTheDaysText(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 9))
	values := []crdt.Value{
		"", crdt.Bool(true), crdt.Text(""), crdt.Text("2026-13-01"), crdt.Text("1899-12-31"), crdt.Text("1900-01-01"), crdt.Text("1969-12-31"),
		crdt.Text("2199-12-31"), crdt.Text("2200-01-01"), crdt.Int(instantMin - 1), crdt.Int(instantMin), crdt.Int(instantMax - 1), crdt.Int(instantMax),
		crdt.Int(-1), crdt.Int(-1 << 63), crdt.Int(1<<63 - 1),
	}
	for range 20_000 {
		values = append(values, crdt.Int(instantMin+rng.Int64N(instantMax-instantMin)),
			crdt.Text(fmt.Sprintf("%04d-%02d-%02d", 1890+rng.IntN(320), 1+rng.IntN(12), 1+rng.IntN(31))))
	}
	days := 0
	for _, v := range values {
		day, err := time.Parse(time.DateOnly, Day(v))
		n, ok := DayNumber(v)
		if ok != (err == nil) || ok && n*24*60*60 != day.Unix() {
			t.Fatalf("the day of %q is %q, and its number %d, %t", v, Day(v), n, ok)
		}
		ms, moment := v.Int()
		if want := time.UnixMilli(ms).In(china()).Format(time.DateOnly); moment && ok && Day(v) != want {
			t.Fatalf("%d is on %s, a clock in China says %s", ms, Day(v), want)
		}
		if ok {
			days++
		}
	}
	if days < 30_000 {
		t.Errorf("%d of %d values have a day: the test looks at too few", days, len(values))
	}
}
