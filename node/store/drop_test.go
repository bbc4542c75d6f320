package store

import (
	"path/filepath"
	"testing"

	"wangge/crdt"
)

// A space is dropped from a file, loose or in packs, and comes back as it was; what
// else is in the file stays, byte for byte, and verify is content throughout.
func TestADroppedSpaceIsGoneAndComesBackWhole(t *testing.T) {
	for _, packed := range []bool{false, true} {
		o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
		s := open(t, o)
		other := newStore(t, 2)
		for i := range 40 {
			save(t, s, village, recordID(i), "村")
			save(t, s, street, recordID(i), "街")
			save(t, other, street, recordID(100+i), "邻站写的街")
		}
		pull(t, other, s)
		county := newStore(t, 3)
		pull(t, s, county)
		number, _ := s.numberOf(street)
		epoch, kept, before := s.Epoch(), digest(t, s, village), digest(t, s, street)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if packed {
			if _, _, err := Compact(o.Path); err != nil {
				t.Fatal(err)
			}
		}
		successor := newDevice(4)
		if err := Drop(o, []crdt.Space{street}); err != nil {
			t.Fatal(err)
		}
		if found := examined(t, o); len(found.Faults) > 0 {
			t.Errorf("packed %t: %+v", packed, found.Faults)
		}
		o.Author = func([]byte) (Author, error) { return successor, nil }
		s = open(t, o)
		if s.Held(street, newDevice(2).writer) != 0 || len(s.Spaces()) != 1 || s.Epoch() == epoch {
			t.Errorf("packed %t: after the drop %+v", packed, s.Spaces())
		}
		if rec, err := s.Record(street, recordID(1)); err != nil || rec.Kind != "" {
			t.Errorf("packed %t: a record is left: %+v, %v", packed, rec, err)
		}
		listed := 0
		if err := s.Recent("visit", nil, func(Listed, []byte) bool { listed++; return true }); err != nil || listed != 40 {
			t.Errorf("packed %t: %d records are listed, %v", packed, listed, err)
		}
		if digest(t, s, village) != kept {
			t.Errorf("packed %t: another space has changed", packed)
		}
		save(t, s, village, recordID(99), "接着写")
		fresh := crdt.Space{Area: "140581105213", Class: crdt.Open}
		save(t, s, fresh, recordID(98), "新的地方")
		if n, _ := s.numberOf(fresh); n == number {
			t.Errorf("packed %t: a new space has the number that trees know another by", packed)
		}
		if _, named := s.Frontiers(func(crdt.Space) bool { return true })[street]; named {
			t.Errorf("packed %t: a greeting would ask for what was dropped", packed)
		}
		pull(t, county, s)
		if digest(t, s, street) != before {
			t.Errorf("packed %t: the space comes back another than it was", packed)
		}
		pull(t, s, county)
		if digest(t, s, village) != digest(t, county, village) {
			t.Errorf("packed %t: the two part", packed)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if found := examined(t, o); len(found.Faults) > 0 {
			t.Errorf("packed %t: %+v", packed, found.Faults)
		}
	}
}

// The file knows an arm's credential still, so that what is brought with the arm is nothing new.
func TestADroppedSpaceComesBackWithItsArms(t *testing.T) {
	all := branches(newDevice(2), "the county's", "a copy's")
	county, copied := newStore(t, 3), newStore(t, 4)
	keep(t, county, all[0])
	keep(t, copied, all[1])
	if err := copied.Yield(all[0]); err != nil {
		t.Fatal(err)
	}
	keep(t, copied, all[0])
	own := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	for range 2 { // what is dropped the first time comes back the second
		s := open(t, own)
		pull(t, copied, s)
		if digest(t, s, village) != digest(t, copied, village) {
			t.Errorf("of a fork %+v came, and the sender holds %+v", s.Forks(), copied.Forks())
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err := Drop(own, []crdt.Space{village}); err != nil {
			t.Fatal(err)
		}
	}
}
