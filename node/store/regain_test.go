package store

import (
	"fmt"
	"path/filepath"
	"reflect"
	"testing"

	"wangge/crdt"
	"wangge/sync/wire"
)

// hand writes batches of a device's as it sees the record before it.
type hand struct {
	device
	sees    crdt.Record
	batches [][]byte
}

func (h hand) writes(value string, counts int64) hand {
	n := uint64(len(h.batches) + 1)
	ops := []crdt.Op{
		h.sees.Assign(recordID(1), "visit", 1, crdt.Text(value)),
		h.sees.Add(recordID(1), "visit", 2, h.writer, counts),
	}
	h.sees = h.sees.Clone()
	stamp := crdt.NewStamp(morning.UnixMilli() + int64(n))
	for i, op := range ops {
		h.sees.Apply(crdt.Dot{Writer: h.writer, Seq: n, Index: uint32(i)}, stamp, op, nil)
	}
	h.batches = append(h.batches[:n-1:n-1], wire.AppendBatch(nil, crdt.Batch{Stamp: stamp, Ops: ops}))
	return h
}

func (h hand) chunk() wire.Chunk {
	return wire.Chunk{
		Credentials: [][]byte{h.Credential()},
		Runs:        []wire.Run{forge(h.device, village, 1, origin(h.device, village), h.batches...)},
	}
}

// obey has a store take what the county holds under a name.
func obey(t *testing.T, s *Store, c wire.Chunk) {
	t.Helper()
	if err := s.Yield(c); err != nil {
		t.Fatal(err)
	}
	keep(t, s, c)
}

// A hub that was restored to before a fork may choose the other branch. Whoever heard of both
// choices shows what those show who heard of the last alone.
func TestTwoBranchesChangePlacesWhereTheCountyChoosesTheOther(t *testing.T) {
	begun := hand{device: newDevice(2)}.writes("one", 5)
	long, short := begun.writes("a", 2).writes("aa", 1), begun.writes("b", 7)
	settled := hand{device: newDevice(3), sees: long.sees}.writes("settled", 1)
	for i := range 8 {
		packed, early, swapped := i&1 > 0, i&2 > 0, i&4 > 0
		name := fmt.Sprintf("packed %t, settled early %t, swapped %t", packed, early, swapped)
		first, last := short, long
		if swapped {
			first, last = long, short
		}
		o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
		s, twin := open(t, o), newStore(t, 1)
		keep(t, s, last.chunk())
		obey(t, s, first.chunk())
		if early {
			keep(t, s, settled.chunk())
		}
		if packed {
			s.Close()
			if _, _, err := Compact(o.Path); err != nil {
				t.Fatal(err)
			}
			s = open(t, o)
		}
		obey(t, s, last.chunk())
		keep(t, twin, first.chunk())
		obey(t, twin, last.chunk())
		keep(t, twin, settled.chunk())
		if !early {
			keep(t, s, settled.chunk())
		}
		if digest(t, s, village) != digest(t, twin, village) {
			t.Errorf("%s: the record is shown otherwise", name)
		}
		if !reflect.DeepEqual(s.Forks(), twin.Forks()) {
			t.Errorf("%s: %+v, and the twin knows %+v", name, s.Forks(), twin.Forks())
		}
		s.Close()
		if found := examined(t, o); len(found.Faults) > 0 {
			t.Errorf("%s: %+v", name, found.Faults)
		}
		if again := open(t, o); !reflect.DeepEqual(again.Forks(), twin.Forks()) {
			t.Errorf("%s: after a start %+v", name, again.Forks())
		}
	}
}

// The county closes a stream where it closed it before, but behind another branch.
func TestAClosingOfTheOtherBranchIsTaken(t *testing.T) {
	begun := hand{device: newDevice(2)}.writes("one", 5)
	s := newStore(t, 1)
	for _, h := range []hand{begun.writes("a", 2), begun.writes("b", 7)} {
		obey(t, s, h.chunk())
		run := h.chunk().Runs[0]
		end := s.headOf(stream{village, h.writer})
		f := wire.Freeze{Space: village, Writer: h.writer, Seq: end.seq, Hash: end.hash, Signature: run.Signature}
		if _, err := s.Hear(f, true); err != nil {
			t.Fatal(err)
		}
		if got := s.Freezes(); !reflect.DeepEqual(got, []wire.Message{f}) {
			t.Errorf("known is %+v", got)
		}
	}
}

func TestADroppedArmMayComeBackUnderTheName(t *testing.T) {
	all := branches(newDevice(2), "the county's", "a copy's")
	o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	s := open(t, o)
	keep(t, s, all[1])
	obey(t, s, all[0])
	s.Close()
	if err := Drop(o, []crdt.Space{village}); err != nil {
		t.Fatal(err)
	}
	obey(t, open(t, o), all[1])
}
