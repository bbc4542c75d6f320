package store

import (
	"path/filepath"
	"testing"

	"wangge/crdt"
	"wangge/sync/wire"
)

func TestLevelsRiseAsPeersProveThem(t *testing.T) {
	own := newDevice(1)
	path := filepath.Join(t.TempDir(), "store.db")
	s, other := open(t, own.options(path)), newStore(t, 2)
	for i := range 3 {
		save(t, s, village, recordID(i), "own")
		save(t, other, village, recordID(10+i), "foreign")
	}
	pull(t, other, s)
	mark := func(w crdt.Writer, seq uint64, l wire.Level) []wire.Mark {
		return []wire.Mark{{Space: village, Writer: w, Seq: seq, Level: l}}
	}
	foreign := newDevice(2).writer
	s.Reached(mark(own.writer, 3, wire.Saved))
	s.Reached(mark(own.writer, 2, wire.AtBox))
	s.Reached(mark(own.writer, 1, wire.AtCounty))
	s.Reached(mark(foreign, 1<<40, wire.AtCounty)) // more than this store holds
	s.Reached(mark(foreign, 1, wire.AtBox))        // late, and less
	s.Reached(mark(newDevice(7).writer, 1, wire.AtCounty))
	check := func(when string) {
		t.Helper()
		for _, c := range []struct {
			writer crdt.Writer
			seq    uint64
			want   wire.Level
		}{
			{own.writer, 1, wire.AtCounty}, {own.writer, 2, wire.AtBox}, {own.writer, 3, wire.Saved},
			{foreign, 3, wire.AtCounty}, {foreign, 4, wire.AtBox},
		} {
			if got := s.Level(village, crdt.Dot{Writer: c.writer, Seq: c.seq}); got != c.want {
				t.Errorf("%s: batch %d of %s is at level %s, want %s", when, c.seq, c.writer, got, c.want)
			}
		}
		for i, want := range []wire.Level{wire.AtCounty, wire.AtBox, wire.Saved} {
			rec, _ := s.Record(village, recordID(i))
			if got := s.RecordLevel(village, rec); got != want {
				t.Errorf("%s: record %d is at level %s, want %s", when, i, got, want)
			}
		}
		if got := s.Waiting(); got != 2 {
			t.Errorf("%s: %d batches wait for the county, want 2", when, got)
		}
		if got := s.Spaces()[0]; got.Batches != 6 || got.AtHub != 4 {
			t.Errorf("%s: %d of %d batches at the county", when, got.AtHub, got.Batches)
		}
	}
	check("at once")
	s.Close()
	s = open(t, own.options(path))
	check("after reopening")
}

func TestALevelThatRisesDuringACommitIsNotForgotten(t *testing.T) {
	own := newDevice(1)
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, own.options(path))
	save(t, s, village, recordID(1), "a")
	err := s.Save(func(d *Draft) error {
		if err := visit(village, recordID(2), "b")(d); err != nil {
			return err
		}
		d.tx.heads[stream{village, own.writer}] = d.tx.head(stream{village, own.writer}) // as if the head was read already
		s.Reached([]wire.Mark{{Space: village, Writer: own.writer, Seq: 1, Level: wire.AtCounty}})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	s = open(t, own.options(path))
	if got := s.Level(village, crdt.Dot{Writer: own.writer, Seq: 1}); got != wire.AtCounty {
		t.Errorf("level %s", got)
	}
}

func TestWhatTheHubHoldsIsCommitted(t *testing.T) {
	a, hub := newStore(t, 1), newHub(t)
	save(t, a, village, recordID(1), "x")
	w := newDevice(1).writer
	if _, _, err := hub.Apply([]uint64{1}, []wire.Message{chunk(t, a, village, w, 0, 1000)}); err != nil {
		t.Fatal(err)
	}
	if got := hub.Level(village, crdt.Dot{Writer: w, Seq: 1}); got != wire.AtCounty || hub.Waiting() != 0 {
		t.Errorf("level %s, %d waiting", got, hub.Waiting())
	}
	if got := hub.Level(village, crdt.Dot{Writer: w, Seq: 2}); got == wire.AtCounty {
		t.Error("a batch that the hub does not hold counts as committed")
	}
}

func TestARefusalStandsUntilTheStreamIsTaken(t *testing.T) {
	s := newStore(t, 1)
	save(t, s, village, recordID(1), "x")
	save(t, s, street, recordID(1), "x")
	own := newDevice(1).writer
	no := func(sp crdt.Space, w crdt.Writer) {
		s.Refused(wire.Refusal{Mark: wire.Mark{Space: sp, Writer: w, Seq: 1}, Reason: "no"})
	}
	no(street, own)
	no(village, own)
	no(village, newDevice(9).writer) // of a stream that is not held: a peer's fancy
	if got := s.Refusals(); len(got) != 2 || got[0].Mark.Space != village {
		t.Errorf("refusals %v", got)
	}
	s.Reached([]wire.Mark{{Space: village, Writer: own, Seq: 1, Level: wire.AtBox}})
	if got := s.Refusals(); len(got) != 1 || got[0].Mark.Space != street {
		t.Errorf("refusals %v", got)
	}
}
