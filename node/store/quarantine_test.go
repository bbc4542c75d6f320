package store

import (
	"bytes"
	"path/filepath"
	"testing"

	"wangge/crdt"
	"wangge/sync/wire"
)

func refusedFrom(sp crdt.Space, w crdt.Writer, seq uint64, device uint32) wire.Quarantine {
	mark := wire.Mark{Space: sp, Writer: w, Seq: seq}
	return wire.Quarantine{Device: device, Name: "县中心", At: 1, Refusal: wire.Refusal{Mark: mark, Why: wire.WhyRights, Reason: "no"}}
}

func TestARefusalIsThereAfterARestartAndGoesWhenTheStreamIsTaken(t *testing.T) {
	own := newDevice(1)
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, own.options(path))
	for i := range 3 {
		save(t, s, village, recordID(i), "x")
	}
	first := refusedFrom(village, own.writer, 2, 9)
	s.RefusedBy(first)
	again := first
	again.At, again.Reason = 2, "still no"
	s.RefusedBy(again) // nothing new: it stands as it was noted first
	s.Close()
	s = open(t, own.options(path))
	if got := s.Refusals(); len(got) != 1 || got[0] != first {
		t.Fatalf("after a restart: %+v", got)
	}
	s.Reached([]wire.Mark{{Space: village, Writer: own.writer, Seq: 1, Level: wire.AtCounty}})
	if got := s.Refusals(); len(got) != 1 {
		t.Errorf("what went before was taken, and the refusal is gone: %+v", got)
	}
	s.Reached([]wire.Mark{{Space: village, Writer: own.writer, Seq: 3, Level: wire.AtCounty}})
	s.Close()
	s = open(t, own.options(path))
	if got := s.Refusals(); len(got) != 0 {
		t.Errorf("after it was taken: %+v", got)
	}
}

func TestWhatWasNotTakenIsNotedOnceBoundedAndUntilItIsTaken(t *testing.T) {
	from := newStore(t, 1)
	for i := range 3 {
		save(t, from, village, recordID(i), "x")
	}
	w := newDevice(1).writer
	at := map[string]*Store{"a box": newStore(t, 2), "the hub": newHub(t)}
	for who, s := range at {
		index := uint64(0)
		note := func(q wire.Quarantine) {
			t.Helper()
			index++
			err := s.Quarantine(q)
			if s.options.Author == nil {
				_, _, err = s.Apply([]uint64{index}, []wire.Message{q})
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		note(refusedFrom(village, w, 2, 1))
		note(refusedFrom(village, w, 2, 1))
		for i := range 3 * quarantineEach {
			note(refusedFrom(village, crdt.NewWriter(7, uint32(i)), 1, 7))
		}
		for i := range quarantineMax {
			note(refusedFrom(village, crdt.NewWriter(uint32(100+i), 1), 1, uint32(100+i)))
		}
		each := map[uint32]int{}
		for _, q := range s.Quarantined() {
			each[q.Device]++
		}
		if all := len(s.Quarantined()); all != quarantineMax || each[1] != 1 || each[7] != quarantineEach {
			t.Errorf("%s: %d noted, %d of device 1 and %d of device 7", who, all, each[1], each[7])
		}
		take := chunk(t, from, village, w, 0, 1<<20)
		if s.options.Author != nil {
			keep(t, s, take)
		} else if _, _, err := s.Apply([]uint64{index + 1}, []wire.Message{take}); err != nil {
			t.Fatal(err)
		}
		note(refusedFrom(village, w, 2, 1)) // of a conversation that ended late
		for _, q := range s.Quarantined() {
			if q.Device == 1 {
				t.Errorf("%s: it was taken, and is noted still: %+v", who, q)
			}
		}
	}
}

// What replicas note follows from the county's log, so their files stay equal.
func TestReplicasNoteTheSame(t *testing.T) {
	from := newStore(t, 1)
	save(t, from, village, recordID(1), "x")
	w := newDevice(1).writer
	entries := []wire.Message{
		refusedFrom(village, w, 1, 1), refusedFrom(street, w, 4, 1), chunk(t, from, village, w, 0, 1<<20), refusedFrom(village, w, 1, 1),
	}
	one, two := newHub(t), newHub(t)
	if _, _, err := one.Apply([]uint64{1, 2, 3, 4}, entries); err != nil {
		t.Fatal(err)
	}
	for i, e := range entries {
		if _, _, err := two.Apply([]uint64{uint64(i + 1)}, []wire.Message{e}); err != nil {
			t.Fatal(err)
		}
	}
	one.RefusedBy(refusedFrom(village, w, 1, 3)) // a box's word is this replica's own affair
	var snapshot bytes.Buffer
	if err := one.Snapshot(&snapshot); err != nil {
		t.Fatal(err)
	}
	three := newHub(t)
	if err := three.Restore(&snapshot); err != nil {
		t.Fatal(err)
	}
	for _, s := range []*Store{one, two, three} {
		if got := s.Quarantined(); len(got) != 1 || got[0].Mark.Space != street {
			t.Errorf("noted: %+v", got)
		}
	}
	if got := three.Refusals(); len(got) != 0 {
		t.Errorf("a snapshot brought %+v", got)
	}
}

func TestWhatWaitsIsReadFromTheLogAndGrowsAgainWhenTheCountyLosesIt(t *testing.T) {
	own := newDevice(1)
	s := newStore(t, 1)
	check := func(when string, batches, records int) {
		t.Helper()
		u, err := s.Unsent()
		if err != nil || u.Batches != uint64(batches) || len(u.Records[village]) != records || u.Batches != s.Waiting() {
			t.Errorf("%s: %d batches of %d records wait, %v; want %d of %d", when, u.Batches, len(u.Records[village]), err, batches, records)
		}
		if (u.Bytes > 0) != (batches > 0) || (u.Oldest > 0) != (batches > 0) {
			t.Errorf("%s: %d bytes, oldest %d", when, u.Bytes, u.Oldest)
		}
	}
	everywhere := func(crdt.Space) bool { return true }
	check("empty", 0, 0)
	for i := range 4 {
		save(t, s, village, recordID(i/2), string(rune('a'+i)))
	}
	check("saved", 4, 2)
	reach := func(seq uint64) {
		s.Reached([]wire.Mark{{Space: village, Writer: own.writer, Seq: seq, Level: wire.AtCounty}})
	}
	reach(2)
	check("two are there", 2, 1)
	s.Met(wire.Hello{Device: 9, Epoch: 1, Holds: map[crdt.Space]crdt.Frontier{village: {own.writer: 1}}}, everywhere, wire.AtCounty)
	check("and one of them no more", 3, 2)
	reach(2)
	save(t, s, village, recordID(9), "z")
	check("one more", 3, 2)
	reach(5)
	check("all", 0, 0)
	s.Met(wire.Hello{Device: 9, Epoch: 1, Holds: map[crdt.Space]crdt.Frontier{village: {own.writer: 1}}}, everywhere, wire.AtCounty)
	check("the county was restored", 4, 3)
	if got, err := s.Touched(village, own.writer, 4, 1); err != nil || len(got) != 1 || got[0] != recordID(1) {
		t.Errorf("batch 4 touches %v, %v", got, err)
	}
}

// What a stranger calls a space is not written down, and a note that cannot be read
// keeps no node from starting.
func TestANoteThatIsNoneStopsNobody(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, hubOptions(path))
	odd := refusedFrom(crdt.Space{Area: "140581", Class: 7}, crdt.NewWriter(3, 1), 1, 3)
	if !s.Quarantines(odd) {
		t.Error("a space that is none is to be noted")
	}
	if _, _, err := s.Apply([]uint64{1, 2}, []wire.Message{odd, refusedFrom(village, crdt.NewWriter(3, 1), 1, 3)}); err != nil {
		t.Fatal(err)
	}
	err := s.commit(func(t *transaction) error {
		return t.bolt.Bucket(quarantineBucket).Put([]byte("t"), []byte("nonsense"))
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	s = open(t, hubOptions(path))
	if got := s.Quarantined(); len(got) != 1 || got[0].Mark.Space != village {
		t.Errorf("noted: %+v", got)
	}
}
