package store

import (
	"slices"
	"testing"

	"wangge/crdt"
)

// A record's history, applied in its order, gives the record; a cause always
// stands before what replaces it, though its writer's clock is ahead.
func TestAHistoryTellsTheWholeRecord(t *testing.T) {
	o := worked(t)
	var want crdt.Record
	opened(t, o, func(s *Store) {
		var err error
		if want, err = s.Record(village, recordID(3)); err != nil {
			t.Fatal(err)
		}
	})
	touches, err := History(o, village, recordID(3))
	if err != nil || len(touches) != 6 {
		t.Fatalf("%d touches: %v", len(touches), err)
	}
	var got crdt.Record
	met := map[crdt.Dot]bool{}
	for _, touch := range touches {
		for _, r := range touch.Op.Replaces {
			if !met[r] {
				t.Errorf("%s stands before %s, which it replaces", touch.Dot, r)
			}
		}
		met[touch.Dot] = true
		got.Apply(touch.Dot, touch.Stamp, touch.Op, nil)
	}
	if !slices.Equal(got.Cells[1].Values(), want.Cells[1].Values()) {
		t.Errorf("gives %q, want %q", got.Cells[1].Values(), want.Cells[1].Values())
	}
	if touches, err := History(o, village, recordID(9999)); err != nil || len(touches) > 0 {
		t.Errorf("a stranger: %v, %v", touches, err)
	}
	if touches, err := History(o, crdt.Space{Area: "14"}, recordID(3)); err != nil || len(touches) > 0 {
		t.Errorf("in a space that is not held: %v, %v", touches, err)
	}
}

func TestAFastClockDoesNotPutAnEffectBeforeItsCause(t *testing.T) {
	cause, effect := crdt.Dot{Writer: 1, Seq: 1}, crdt.Dot{Writer: 2, Seq: 1}
	circle := crdt.Dot{Writer: 3, Seq: 1}
	got := causal([]Touch{
		{Dot: effect, Stamp: 1, Op: crdt.Op{Replaces: []crdt.Dot{cause}}},
		{Dot: cause, Stamp: 99},
		{Dot: circle, Stamp: 3, Op: crdt.Op{Replaces: []crdt.Dot{circle}}},
	})
	if len(got) != 3 || got[0].Dot != cause || got[1].Dot != effect {
		t.Errorf("got %v", got)
	}
}
