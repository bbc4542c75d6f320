package report

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"

	"wangge/crdt"
)

// numbered returns the n-th record of a test with many.
func numbered(n int) (id crdt.RecordID) {
	binary.BigEndian.PutUint32(id[12:], uint32(n))
	return id
}

// Whatever sets and rows a group gathers, small, large, none, and with members that are one
// with others, it has as many members as a plain list of all of them has different ones.
func TestAGroupHasAsManyMembersAsAListOfThemAll(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 18))
	m := &members{at: map[crdt.Value]int32{}, marks: marks{turn: 1<<32 - 20}} // they go round soon
	for n := range 3 * bitsFrom {
		m.set(n, crdt.Ref(numbered(n)))
	}
	names := map[crdt.RecordID][]crdt.RecordID{}
	for range 500 {
		a, b := numbered(rng.IntN(len(m.values))), numbered(rng.IntN(len(m.values)))
		names[a], names[b] = append(names[a], b), append(names[b], a)
	}
	same := crdt.Resolve(names)
	small, large, fewer := 0, 0, 0
	for round := range 200 {
		var apart *alias
		if round%4 > 0 {
			apart = newAlias(m, same)
		}
		g, listed := &group{}, []crdt.RecordID{}
		for range rng.IntN(6) {
			set := roaring.New()
			for range rng.IntN([]int{20, bitsFrom, 3 * bitsFrom}[rng.IntN(3)]) {
				set.Add(uint32(rng.IntN(len(m.values))))
			}
			if g.parts = append(g.parts, set); set.GetCardinality() < bitsFrom {
				small++
			} else {
				large++
			}
			for _, member := range set.ToArray() {
				listed = append(listed, numbered(int(member)))
			}
		}
		for range rng.IntN(2) * rng.IntN(300) {
			member := rng.IntN(len(m.values))
			g.found, listed = append(g.found, uint32(member)), append(listed, numbered(member))
		}
		slices.SortFunc(listed, crdt.RecordID.Compare)
		listed = slices.Compact(listed)
		want := map[crdt.RecordID]bool{}
		for _, id := range listed {
			if apart != nil {
				id = same.Of(id)
			}
			want[id] = true
		}
		if g.count(&tally{members: m}, apart); g.distinct != int64(len(want)) {
			t.Fatalf("round %d: %d members are counted, and there are %d", round, g.distinct, len(want))
		}
		if len(want) < len(listed) {
			fewer++
		}
	}
	if small < 100 || large < 100 || fewer < 50 {
		t.Errorf("%d small sets, %d large, and %d times members that are one: hardly tested", small, large, fewer)
	}
}
