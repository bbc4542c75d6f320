package store

import (
	"reflect"
	"testing"

	"wangge/crdt"
)

// What a stopped node's file says of a space is what the node said, in its order.
func TestAStoppedFileHasTheRecordsThatItsNodeHad(t *testing.T) {
	o := worked(t)
	var want, got []Listed
	opened(t, o, func(s *Store) {
		if err := s.Among(village, nil, func(l Listed) bool { want = append(want, l); return true }); err != nil {
			t.Fatal(err)
		}
	})
	err := RecordsIn(o, village, func(l Listed) bool { got = append(got, l); return true })
	if err != nil || len(want) < 2 || !reflect.DeepEqual(got, want) {
		t.Errorf("%d records (%v), want %d", len(got), err, len(want))
	}
	n := 0
	if err := RecordsIn(o, village, func(Listed) bool { n++; return false }); err != nil || n != 1 {
		t.Errorf("who has enough of one is handed %d: %v", n, err)
	}
	if err := RecordsIn(o, crdt.Space{Area: "14"}, func(Listed) bool { n++; return true }); err != nil || n != 1 {
		t.Errorf("in a space that is not held: %v", err)
	}
}
