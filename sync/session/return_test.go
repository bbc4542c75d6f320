package session

import (
	"slices"
	"testing"

	"wangge/crdt"
	"wangge/sync/wire"
)

// A box wrote for the street, which it does not hold, and has a part of that: it
// was restored.
func TestABoxIsGivenBackOnlyItsOwnWorkOfASpaceThatIsNotForIt(t *testing.T) {
	box, county, other := newReplica(1, notes), newReplica(hub, town...), newReplica(2, street)
	for range 3 {
		box.write(street, 100)
		other.write(street, 100)
	}
	own := box.own(street)
	unnamed := stream{street, crdt.NewWriter(1, 7)} // that it does not know of any more
	county.log[own], county.log[other.own(street)], county.log[unnamed] = box.log[own], other.log[other.own(street)], [][]byte{word(1)}
	box.log[own] = box.log[own][:1]
	c := meet(t, box, county)
	c.finish()
	settled(t, c, true)
	if len(box.log) != 1 || len(box.log[own]) != 3 || box.reached[own][wire.AtCounty] != 3 {
		t.Errorf("the box holds %d streams, %d batches of its own, %v", len(box.log), len(box.log[own]), box.reached[own])
	}
}

// Abuse: a box names another's work of a space that is not for it.
func TestWhoNamesAnothersWorkIsNotGivenMoreOfIt(t *testing.T) {
	liar, center, other := newReplica(1, notes), newReplica(hub, town...), newReplica(2, street)
	for range 3 {
		other.write(street, 100)
	}
	st := other.own(street)
	center.log[st], liar.log[st] = other.log[st], other.log[st][:1]
	c := meet(t, liar, center)
	c.observe = func(from int, m wire.Message) {
		if _, ok := m.(wire.Chunk); ok && from == 1 {
			t.Error("the county sends it")
		}
	}
	c.finish()
}

// The county is not told from where on the box can look up what it wrote there.
func TestWhatIsGivenBackNamesRecordsInFull(t *testing.T) {
	box, center := newReplica(1, notes), newReplica(hub, town...)
	for n := range 40 {
		box.edit(street, n)
	}
	own := box.own(street)
	kept := box.log[own]
	for n := range 40 {
		box.edit(street, n, crdt.Dot{Writer: own.writer, Seq: uint64(n + 1)})
	}
	center.log[own], box.log[own] = box.log[own], kept
	c := meet(t, box, center)
	chunks := 0
	c.observe = func(from int, m wire.Message) {
		if chunk, ok := m.(wire.Chunk); ok && from == 1 {
			chunks++
			if _, err := wire.DecodeFrom(c.side[from].Encode(chunk), wire.Shared{Head: box.Head, County: county}); err != nil {
				t.Error(err)
			}
		}
	}
	c.finish()
	settled(t, c, true)
	if chunks == 0 {
		t.Error("nothing was given back")
	}
}

// A box holds another's work of a space that it lost, merged from a checkpoint or not.
// A county that has not heard it name that shows none of it.
func TestOnlyWhatCannotBeHandedInIsBelievedOfALostSpace(t *testing.T) {
	for _, c := range []struct{ merged, known, asked bool }{{true, true, false}, {false, true, true}, {true, false, true}} {
		box, center, other := newReplica(1, notes), newReplica(hub, town...), newReplica(2, street)
		for range 3 {
			other.write(street, 100)
		}
		st := other.own(street)
		box.log[st] = other.log[st]
		merged := newShelf(box, 0)
		if c.merged {
			box.log[st], merged.floors[street] = make([][]byte, 3), crdt.Frontier{st.writer: 3}
		}
		if c.known {
			box.Reached([]wire.Mark{{Space: street, Writer: st.writer, Seq: 3, Level: wire.AtCounty}})
		}
		side := sideOf(box, center, true)
		side.Checkpoints = merged
		if _, err := New(side, box).learn(wire.Hello{Device: hub}); err != nil {
			t.Fatal(err)
		}
		shown := box.met[0].Holds[street][st.writer]
		if asked := shown < 3; asked != c.asked {
			t.Errorf("merged %t, known to be at the county %t: the county is heard to hold %d of 3", c.merged, c.known, shown)
		}
	}
}

// A checkpoint is not taken while something stands in its way that the county is not known
// to have, and batches are not taken into a hollow space.
func TestOfAHollowSpaceTheCountyIsAskedAboutWhatItShowsMoreOf(t *testing.T) {
	for _, hollow := range []bool{true, false} {
		box, center, other := newReplica(1, town...), newReplica(hub, town...), newReplica(2, village)
		for range 2 {
			other.write(village, 100)
		}
		st := other.own(village)
		box.log[st] = other.log[st]
		shelf, side := newShelf(box, 0), sideOf(box, center, true)
		shelf.hollow = hollow
		side.Checkpoints, side.Forks = shelf, comparing{box}
		s := New(side, box)
		s.Start()
		out, err := s.Step(wire.Hello{Protocol: wire.Protocol, County: county, Device: hub, Holds: map[crdt.Space]crdt.Frontier{village: {st.writer: 3}}})
		if err != nil {
			t.Fatal(err)
		}
		asked := slices.ContainsFunc(out, func(m wire.Message) bool {
			c, ok := m.(wire.Chunk)
			return ok && c.Runs[0].First == 1 && c.Runs[0].Last() == 2
		})
		if asked != hollow {
			t.Errorf("hollow %t: the county is asked: %t", hollow, asked)
		}
	}
}

// A replica of the county that lagged showed less, so that it is not known any more that the
// county has it; then the space was lost. There are no batches here to ask with.
func TestOfALostSpaceTheCountyTellsWhetherWhatWasMergedIsItsOwnToo(t *testing.T) {
	for _, same := range []bool{true, false} {
		box, center, other := newReplica(1, notes), newReplica(hub, town...), newReplica(2, street)
		for range 4 {
			other.write(street, 100)
		}
		st := other.own(street)
		center.log[st], box.log[st] = other.log[st], slices.Clone(other.log[st][:3])
		if !same {
			box.log[st][2] = word(8)
		}
		merged := newShelf(box, 0)
		merged.floors[street] = crdt.Frontier{st.writer: 3}
		mine, theirs := sideOf(box, center, true), sideOf(center, box, false)
		mine.Checkpoints, mine.Forks, theirs.Forks = merged, comparing{box}, comparing{center}
		opener := New(mine, box)
		out, err := New(theirs, center).Step(opener.Start()[0])
		if err != nil {
			t.Fatal(err)
		}
		if shown := out[0].(wire.Hello).Holds[street][st.writer]; shown != 3 {
			t.Errorf("the box names 3 of what is not for it and is shown %d", shown)
		}
		if _, err := opener.Step(out[0]); err != nil {
			t.Fatal(err)
		}
		if got := box.reached[st][wire.AtCounty] == 3; got != same {
			t.Errorf("the county has the same: %t; it is known to have it: %t", same, got)
		}
	}
}

// A greeting on a ground still tells all of the spaces that are not on it.
func TestOnAGroundUnknownToItTheCountyShowsWhatIsNamedOfALostSpace(t *testing.T) {
	box, center, other := newReplica(1, notes), newReplica(hub, town...), newReplica(2, street)
	for range 3 {
		other.write(street, 100)
	}
	st := other.own(street)
	box.log[st], center.log[st] = other.log[st], other.log[st]
	greeting := wire.Hello{Protocol: wire.Protocol, County: county, Device: 1, Grounds: []wire.GroundName{{7}}, Holds: map[crdt.Space]crdt.Frontier{street: {st.writer: 3}}}
	out, err := New(sideOf(center, box, false), center).Step(greeting)
	if err != nil {
		t.Fatal(err)
	}
	if shown := out[0].(wire.Hello).Holds[street][st.writer]; shown != 3 {
		t.Errorf("the box names 3 and is shown %d, and would hand in the rest again", shown)
	}
}
