package crdt_test

import (
	"slices"
	"testing"

	. "wangge/crdt"
)

// textSlip is a mistake in the order or the versions of a text. The twin, which
// the laws hold equal to the product, can be told to make one.
type textSlip string

const (
	tiesByArrival    textSlip = "ties by arrival"
	tiesByHighest    textSlip = "ties by the highest dot"
	fugueNotMax      textSlip = "right neighbours do not order runs: Fugue, not FugueMax"
	nearestFirst     textSlip = "the nearest right neighbour first"
	hangsRightOnly   textSlip = "nothing hangs to the left: backward typing interleaves"
	neighbourUnknown textSlip = "the right neighbour is one that the author did not know"
	neighbourShown   textSlip = "the right neighbour is the next shown, not the next known"
	versionsIgnored  textSlip = "positions mean the text at hand, not the author's version"
	deletedForAll    textSlip = "a deletion counts in versions that did not see it"
	beyondIsDropped  textSlip = "what points beyond the end is dropped, not clamped"
	waitsForNone     textSlip = "events do not wait for their parents"
)

var textSlips = []textSlip{
	tiesByArrival, tiesByHighest, fugueNotMax, nearestFirst, hangsRightOnly, neighbourUnknown, neighbourShown,
	versionsIgnored, deletedForAll, beyondIsDropped, waitsForNone,
}

// tie returns how two runs on one spot stand, given how their dots do.
func (s textSlip) tie(dots int) int {
	switch s {
	case tiesByArrival:
		return -1
	case tiesByHighest:
		return -dots
	}
	return dots
}

// farther returns how two runs on one spot stand, given how their right
// neighbours do; 0 leaves it to no one.
func (s textSlip) farther(places int) int {
	switch s {
	case fugueNotMax:
		return 0
	case nearestFirst:
		return -places
	}
	return places
}

func TestMutantsOfTextAreCaught(t *testing.T) {
	caught := map[textSlip]int{}
	for s := range uint64(mutantSeeds) {
		r := newRoom(s + 1)
		r.live(24)
		if s%2 == 0 {
			r.settle()
		}
		entries := slices.Clone(r.one().cell.Entries)
		r.Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
		text := Cell{Type: MergedText, Entries: entries}.Text()
		if newTwin(entries).text() != text {
			t.Fatalf("seed %d: the twin without a slip differs from the product", s+1)
		}
		for _, slip := range textSlips {
			if newTwinThat(slip, entries).text() != text {
				caught[slip]++
			}
		}
	}
	for _, slip := range textSlips {
		report(t, string(slip), caught[slip])
	}
}
