package store

import (
	"path/filepath"
	"reflect"
	"testing"

	"wangge/crdt"
	"wangge/sync/wire"
)

func remembered() []wire.Ground {
	none := map[crdt.Space]crdt.Frontier{}
	return []wire.Ground{{
		Print: wire.Print{1}, Ends: [2]wire.End{{Device: 1, Epoch: 3, Floors: none}, {Device: 200, Epoch: 4, Floors: none}},
		Holds: map[crdt.Space]crdt.Frontier{village: {crdt.NewWriter(1, 2): 3}},
	}}
}

func TestWhatIsRememberedOfAPeerIsWrittenWithTheNextCommit(t *testing.T) {
	o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	s := open(t, o)
	s.KeepGrounds(200, s.Grounds(200), remembered())
	s.Close()
	s = open(t, o)
	if got := s.Grounds(200).Known; !reflect.DeepEqual(got, remembered()) {
		t.Errorf("after a restart %v is remembered", got)
	}
	if got := s.Grounds(201).Known; got != nil {
		t.Errorf("of a stranger %v", got)
	}
}

func TestTheHubsFileKeepsNothingOfItsPeers(t *testing.T) {
	o := hubOptions(filepath.Join(t.TempDir(), "store.db"))
	s := open(t, o)
	s.KeepGrounds(1, s.Grounds(1), remembered())
	if len(s.Grounds(1).Known) == 0 {
		t.Error("nothing is remembered")
	}
	s.Close()
	if s = open(t, o); len(s.Grounds(1).Known) > 0 {
		t.Error("it is in the file")
	}
}

func TestMovedStreamsAreNoGroundToStandOn(t *testing.T) {
	o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	s := open(t, o)
	began := s.Grounds(200)
	s.KeepGrounds(200, began, remembered())
	for n := range 3 {
		save(t, s, village, recordID(n), "已走访")
	}
	w, hash := s.Writer(), s.hashAt(stream{village, s.Writer()}, 1)
	if err := s.commit(func(tx *transaction) error { return tx.rehome(stream{village, w}, 1, hash) }); err != nil {
		t.Fatal(err)
	}
	if got := s.Grounds(200).Known; got != nil {
		t.Errorf("after streams were moved %v is remembered", got)
	}
	if s.KeepGrounds(200, began, remembered()); s.Grounds(200).Known != nil {
		t.Error("what a conversation learned before they were moved is remembered")
	}
	s.Close()
	if s = open(t, o); s.Grounds(200).Known != nil {
		t.Error("it is in the file still")
	}
}

func TestASpacesPrintFollowsWhatIsHeldOfIt(t *testing.T) {
	s := open(t, newDevice(1).options(filepath.Join(t.TempDir(), "store.db")))
	seen := map[wire.Hash]bool{}
	for n := range 4 {
		save(t, s, village, recordID(n), "已走访")
		h := s.Prints(anywhere, true)[village]
		want := wire.SpacePrint(s.Frontiers(anywhere)[village], func(w crdt.Writer) wire.Hash { _, h := s.Head(village, w); return h })
		if seen[h] || h != want || h != s.Prints(anywhere, false)[village] {
			t.Errorf("the print is %x, want %x", h, want)
		}
		seen[h] = true
	}
}

func anywhere(crdt.Space) bool { return true }
