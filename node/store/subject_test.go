package store

import (
	"testing"

	"wangge/crdt"
)

func TestADotTellsWhichRecordItsOpIsAbout(t *testing.T) {
	s := newStore(t, 1)
	save(t, s, village, recordID(1), "a")
	save(t, s, village, recordID(2), "b")
	own := s.self().Name()
	for seq, want := range map[uint64]crdt.RecordID{1: recordID(1), 2: recordID(2)} {
		if got, ok := s.Subject(village, crdt.Dot{Writer: own, Seq: seq}); !ok || got != want {
			t.Errorf("batch %d is about %s, %v; want %s", seq, got, ok, want)
		}
	}
	for what, d := range map[string]crdt.Dot{
		"batch 0":               {Writer: own},
		"a batch to come":       {Writer: own, Seq: 3},
		"an op behind the last": {Writer: own, Seq: 1, Index: 99},
		"another's batch":       {Writer: own + 1, Seq: 1},
	} {
		if got, ok := s.Subject(village, d); ok {
			t.Errorf("%s is about %s", what, got)
		}
	}
	if got, ok := s.Subject(street, crdt.Dot{Writer: own, Seq: 1}); ok {
		t.Errorf("an op of a space that is not held is about %s", got)
	}
}
