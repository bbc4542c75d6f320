package main

import (
	"reflect"
	"testing"

	"wangge/schema/kindfile"
)

// A thousandth of a year and a little more: every form is taken, each kind has some,
// there are as many as were asked for, and the same seed tells the same.
func TestYearIsTakenWholeAndTheSameAgain(t *testing.T) {
	kinds, err := kindfile.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	const forms = 3850
	tell := func(seed uint64, box int) (*countyYear, []yearForm) {
		y, err := newCountyYear(kinds, seed, 2026, yearCommunities, forms)
		if err != nil {
			t.Fatal(err)
		}
		told, err := y.box(box)
		if err != nil {
			t.Fatal(err)
		}
		return y, told
	}
	counts, total := map[string]int{}, 0
	written := &countyYear{kinds: kinds}
	for box := range yearCommunities {
		y, told := tell(7, box)
		for i, f := range told {
			if _, problems := kinds.Check(f.kind, f.form); len(problems) > 0 {
				t.Fatalf("box %d, %s: %v: %v", box, f.kind, problems, f.form)
			}
			if i > 0 && told[i-1].saved > f.saved {
				t.Fatalf("box %d: a form is told before one that was saved earlier", box)
			}
			counts[f.kind]++
			total++
		}
		if box == yearCommunities-1 {
			if !reflect.DeepEqual(counts, y.counts) {
				t.Fatalf("told %v, want %v", counts, y.counts)
			}
		}
	}
	if total != forms || len(counts) != len(written.kindNames()) {
		t.Fatalf("%d forms of %d kinds, want %d of %d", total, len(counts), forms, len(written.kindNames()))
	}
	_, one := tell(7, 3)
	_, same := tell(7, 3)
	_, other := tell(8, 3)
	if !reflect.DeepEqual(one, same) || reflect.DeepEqual(one, other) {
		t.Fatal("a seed does not tell the same again, or another seed tells no other")
	}
}
