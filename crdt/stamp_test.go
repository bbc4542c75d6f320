package crdt_test

import (
	"math"
	"testing"

	. "wangge/crdt"
)

const (
	noon     = 1_800_000_000_000 // a moment in 2027
	year2099 = 4_070_908_800_000
)

func TestAStampKeepsItsMoment(t *testing.T) {
	for ms, want := range map[int64]int64{0: 0, noon: noon, -5: 0, math.MaxInt64: 1<<48 - 1, math.MinInt64: 0} {
		if got := NewStamp(ms).Millis(); got != want {
			t.Errorf("%d ms is stamped %d, want %d", ms, got, want)
		}
	}
}

func TestNextIsAlwaysLaterAndNeverBehindTheClock(t *testing.T) {
	if got := Next(NewStamp(noon-1), noon); got != NewStamp(noon) {
		t.Errorf("after an earlier stamp: %d, want the clock's", got)
	}
	for _, last := range []Stamp{NewStamp(noon), NewStamp(noon + 5000), NewStamp(noon) + 1<<16 - 1} {
		if got := Next(last, noon); got != last+1 {
			t.Errorf("after %d: %d, want one more, though the clock stands still", last, got)
		}
	}
}

func TestWitnessFollowsOthersButNotIntoTheFarFuture(t *testing.T) {
	last := NewStamp(noon)
	for _, test := range []struct {
		name string
		seen Stamp
		want Stamp
	}{
		{"an earlier stamp", NewStamp(noon - 1), last},
		{"a later stamp", NewStamp(noon + 1000), NewStamp(noon + 1000)},
		{"ten minutes ahead", NewStamp(noon + 600_000), NewStamp(noon + 600_000)},
		{"more than ten minutes ahead", NewStamp(noon + 600_001), last},
		{"the year 2099", NewStamp(year2099), last},
		{"the end of time", math.MaxUint64, last},
	} {
		if got := Witness(last, test.seen, noon); got != test.want {
			t.Errorf("%s: the clock reads %d, want %d", test.name, got.Millis(), test.want.Millis())
		}
	}
}
