package crdt_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	. "wangge/crdt"
)

// family is records that name each other, on one replica.
type family map[RecordID]Record

func (f family) does(by *author, id RecordID, op func(Record) Op) {
	by.record = f[id].Clone()
	by.do(op(f[id]))
	f[id] = by.record
}

func (f family) names() map[RecordID][]RecordID {
	names := map[RecordID][]RecordID{}
	for id, rec := range f {
		names[id] = rec.Aliases()
	}
	return names
}

func TestTwoRecordsAreOneWhileEachNamesTheOther(t *testing.T) {
	f, s := family{}, newAuthor(1)
	x, y := RecordID{7}, RecordID{3}
	f.does(s, x, func(r Record) Op { return r.SameAs(x, y) })
	if got := Resolve(f.names()).Of(x); got != x {
		t.Errorf("one side's word makes %s of %s", got, x)
	}
	f.does(s, y, func(r Record) Op { return r.SameAs(y, x) })
	same := Resolve(f.names())
	if same.Of(x) != y || same.Of(y) != y || same.Of(RecordID{9}) != (RecordID{9}) {
		t.Errorf("%v, want both under the smaller id and others under their own", same)
	}
	f.does(s, y, func(r Record) Op { return r.NotSameAs(y, x) })
	if same := Resolve(f.names()); len(same) != 0 || len(f[y].Aliases()) != 0 {
		t.Errorf("taken back, yet %v", same)
	}
}

func TestWhoSaysSameAgainWinsOverATakingBackThatDidNotSeeIt(t *testing.T) {
	f, a, b := family{}, newAuthor(1), newAuthor(2)
	x, y := RecordID{7}, RecordID{3}
	f.does(a, x, func(r Record) Op { return r.SameAs(x, y) })
	old := f[x]
	f.does(a, x, func(r Record) Op { return r.SameAs(x, y) })
	f.does(b, x, func(Record) Op { return old.NotSameAs(x, y) })
	if got := f[x].Aliases(); !slices.Equal(got, []RecordID{y}) {
		t.Errorf("names %v, want the one that was said again", got)
	}
}

func TestNamesThatAreNoReferencesAndOneselfAreNobody(t *testing.T) {
	id := RecordID{1}
	rec := Record{Cells: map[FieldID]Cell{Alias: {Entries: []Entry{{Value: Text("x")}, {Value: Ref(id)}}}}}
	if got := Resolve(map[RecordID][]RecordID{id: rec.Aliases()}); len(got) != 0 {
		t.Errorf("a record that names itself gives %v", got)
	}
}

func TestRecordsInChainsAndCirclesAreOneUnderTheSmallest(t *testing.T) {
	for seed := range uint64(3000) {
		rng := rand.New(rand.NewPCG(seed, 4))
		names := map[RecordID][]RecordID{}
		n := 2 + rng.IntN(8)
		for range rng.IntN(3 * n) {
			a, b := RecordID{byte(rng.IntN(n))}, RecordID{byte(rng.IntN(n))}
			names[a] = append(names[a], b)
			if rng.IntN(3) > 0 {
				names[b] = append(names[b], a)
			}
		}
		got, want := Resolve(names), connected(names)
		for i := range n {
			if id := (RecordID{byte(i)}); got.Of(id) != want.Of(id) {
				t.Fatalf("seed %d: %s is counted under %s, want %s", seed, id, got.Of(id), want.Of(id))
			}
		}
	}
}
