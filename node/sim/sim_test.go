package sim

import (
	"bytes"
	"flag"
	"slices"
	"testing"
)

// stage makes the county that a test's runs live in.
func stage(t *testing.T) *Cast {
	t.Helper()
	c, err := NewCast()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func run(t *testing.T, c *Cast, seed uint64, s Setting) Report {
	t.Helper()
	r, err := Run(c, seed, s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// seeds is how many seeds a test lives.
func seeds(many uint64) uint64 {
	if testing.Short() || watched {
		return max(1, many/4)
	}
	return many
}

// whole leaves a test that says nothing of a few seeds to TestAllSeedsAreLivedUnwatched.
func whole(t *testing.T) {
	t.Helper()
	if watched {
		t.Skip("without the race detector, by TestAllSeedsAreLivedUnwatched")
	}
}

func TestNoSeedBreaksAPromise(t *testing.T) {
	c := stage(t)
	saved := 0
	for seed := range seeds(12) {
		r := run(t, c, 1000+seed, Setting{})
		if saved += r.Saved; r.Violation != nil {
			t.Errorf("wangge simulate --seed %d --transcript: %v", 1000+seed, r.Violation)
		}
	}
	if saved == 0 {
		t.Error("nobody saved anything")
	}
}

// In another process's county, too: the keys come from numbers.
func TestTheSameSeedGivesTheSameRunToTheByte(t *testing.T) {
	a, b := stage(t), stage(t)
	hashes := map[[32]byte]bool{}
	for seed := range seeds(4) {
		var told, again bytes.Buffer
		x := run(t, a, 2000+seed, Setting{Out: &told})
		y := run(t, b, 2000+seed, Setting{Out: &again})
		if x.Hash != y.Hash || told.String() != again.String() {
			t.Errorf("seed %d: two runs differ", 2000+seed)
		}
		hashes[x.Hash] = true
	}
	if len(hashes) < int(seeds(4)) {
		t.Error("different seeds give the same run")
	}
}

func TestActsAreSpelledAndReadBack(t *testing.T) {
	for text, keep := range map[string][]int{"0": {0}, "0,3-5,9": {0, 3, 4, 5, 9}, "7-8": {7, 8}} {
		got, err := ReadKeep(text)
		if err != nil || !slices.Equal(got, keep) || Spell(keep) != text {
			t.Errorf("%s: %v, %v, %s", text, got, err, Spell(keep))
		}
	}
	for _, text := range []string{"", "x", "3-1", "-1", "1-99999"} {
		if _, err := ReadKeep(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func TestLiarsBreakNoPromise(t *testing.T) {
	c := stage(t)
	s := Setting{Tune: func(o *Options) { o.Weights[lies] = 30; o.sober() }}
	for seed := range seeds(8) {
		if r := run(t, c, 3000+seed, s); r.Violation != nil {
			t.Errorf("seed %d: %v", 3000+seed, r.Violation)
		}
	}
}

// What damage hits is said by what the file holds, and not by where bbolt put it.
func TestADiskRotsTheSameInEveryRun(t *testing.T) {
	a, b := stage(t), stage(t)
	s := Setting{Tune: func(o *Options) { o.Weights[rots] = 30 }}
	for seed := range seeds(4) {
		if x, y := run(t, a, 2000+seed, s), run(t, b, 2000+seed, s); x.Hash != y.Hash {
			t.Errorf("seed %d: two runs differ", 2000+seed)
		}
	}
}

var rotSeeds = flag.Uint64("rot-seeds", 3, "how many counties with rotting disks to live")

func TestRotBreaksNoPromise(t *testing.T) {
	c := stage(t)
	s := Setting{Tune: func(o *Options) {
		o.Weights[rots], o.Weights[lies] = 15, 30
		o.sober()
	}}
	for seed := range seeds(*rotSeeds) {
		if r := run(t, c, 3000+seed, s); r.Violation != nil {
			t.Errorf("seed %d: %v", 3000+seed, r.Violation)
		}
	}
}
