package crdt_test

import (
	"fmt"
	"testing"

	. "wangge/crdt"
)

// mutantSeeds is how many seeds each mutant is tried with.
const mutantSeeds = 1000

// mutant is the product with one rule broken.
type mutant struct {
	what  string
	wrong func(*rules)
}

// caught returns in how many seeds a law, or a panic, finds a mutant out.
func (m mutant) caught(law func(*world) string) (seeds int) {
	for s := range uint64(mutantSeeds) {
		if m.fails(s+1, false, law) || m.fails(s+1, true, law) {
			if seeds++; !countAll {
				break
			}
		}
	}
	return seeds
}

func (m mutant) fails(seed uint64, faulty bool, law func(*world) string) (failed bool) {
	defer func() { failed = failed || recover() != nil }()
	r := product()
	m.wrong(&r)
	return law(newWorldOf(r, seed, faulty)) != ""
}

func hunt(t *testing.T, law func(*world) string, mutants []mutant) {
	for _, m := range mutants {
		t.Run(m.what, func(t *testing.T) {
			t.Parallel()
			report(t, m.what, m.caught(law))
		})
	}
}

func report(t *testing.T, what string, seeds int) {
	t.Helper()
	if countAll {
		t.Logf("caught in %d of %d seeds: %s", seeds, mutantSeeds, what)
	}
	if seeds == 0 {
		t.Errorf("the laws do not notice: %s", what)
	}
}

func TestMutantsOfMergingAreCaught(t *testing.T) {
	var mutants []mutant
	for _, s := range slips {
		mutants = append(mutants, mutant{string(s), func(r *rules) { r.apply = copied(s) }})
	}
	hunt(t, func(w *world) string {
		for range 3 {
			w.live(14)
			r := w.one()
			if !w.equal(r.records, r.fold()) || w.lawOfLists(r) != "" {
				return "caught"
			}
		}
		w.settle()
		return first(w.lawOfAll, w.lawOfNothingLost, w.lawOfInputs)
	}, mutants)
}

// A copy that differs from the product tells nothing of it.
func TestTheCopiedRuleIsTheProducts(t *testing.T) {
	r := product()
	differs := ""
	r.apply = func(rec *Record, d Dot, s Stamp, op Op, held Frontier) {
		copy := rec.Clone()
		copied(none)(&copy, d, s, op, held)
		if rec.Apply(d, s, op, held); !equalRecord(*rec, copy) {
			differs = fmt.Sprintf("the product makes %v, its copy %v", *rec, copy)
		}
	}
	for s := range uint64(*runs) {
		for _, faulty := range []bool{false, true} {
			if wrong := newWorldOf(r, s+1, faulty).laws(); wrong != "" || differs != "" {
				t.Fatalf("seed %d: %s %s", s+1, wrong, differs)
			}
		}
	}
}
