package store

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"wangge/crdt"
	"wangge/sync/wire"
)

func TestAPartOfAFileIsPassedOnPieceByPiece(t *testing.T) {
	content := noise(1, 3*wire.PieceSize+9)
	from, to := newStore(t, 1).Files(), newStore(t, 2).Files()
	root, size, err := from.Write(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	list, err := from.List(root)
	if err != nil || wire.FileRoot(size, list) != root {
		t.Fatalf("the list of a whole file: %v", err)
	}
	if _, err := to.Piece(root, 1); !errors.Is(err, ErrNoFile) {
		t.Errorf("a piece of nothing: %v", err)
	}
	piece, err := from.Piece(root, 1)
	if err == nil {
		err = to.Begin(root, size, list)
	}
	if err == nil {
		_, err = to.Put(root, 1, piece)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got, err := to.Piece(root, 1); err != nil || !bytes.Equal(got, content[wire.PieceSize:2*wire.PieceSize]) {
		t.Errorf("a piece that came: %d bytes, %v", len(got), err)
	}
	for _, n := range []int{-1, 0, 4} {
		if _, err := to.Piece(root, n); !errors.Is(err, ErrNoFile) {
			t.Errorf("piece %d, which did not come: %v", n, err)
		}
	}
	if again, err := to.List(root); err != nil || wire.FileRoot(size, again) != root {
		t.Errorf("the list of a part: %v", err)
	}
	if _, err := to.Put(root, 2, piece); !errors.Is(err, ErrNotPiece) {
		t.Errorf("another piece: %v", err)
	}
	flip(t, to.path(root)+partSuffix, wire.PieceSize+5)
	if _, err := to.Piece(root, 1); !errors.Is(err, errDamaged) {
		t.Errorf("a damaged piece: %v", err)
	}
	if held, _ := to.Pieces(root); held[1] {
		t.Error("a damaged piece is still said to be here")
	}
}

func TestOnlyWhoReadsAFileFindsThatItIsDamaged(t *testing.T) {
	s := newStore(t, 1)
	f := filed(t, s, noise(2, 50_000))
	if !s.Files().Sound(f.Root, f.Size) || s.Files().Sound(f.Root, f.Size+1) {
		t.Error("a good file is not sound, or with another size")
	}
	flip(t, s.files.path(f.Root), 40_000)
	if !s.Files().Has(f.Root, f.Size) || s.Files().Sound(f.Root, f.Size) || s.Files().Has(f.Root, f.Size) {
		t.Error("a damaged file is sound, or stays in use")
	}
}

func TestOnlyOriginalsWhoseRecordsAreAtTheCountyAreSpare(t *testing.T) {
	s := newStore(t, 1)
	sp, late := crdt.Space{Area: "140581105211", Class: crdt.Personal}, time.Now().Add(time.Hour)
	photo := crdt.Attachment{File: filed(t, s, noise(3, 40_000)), Preview: filed(t, s, noise(4, 900))}
	stays := func(crdt.Space) bool { return false }
	both := crdt.Attachment{File: photo.Preview} // somebody attached a preview as it is
	filed(t, s, noise(5, 900))                   // nothing refers to it
	if err := errors.Join(s.Save(attach(sp, crdt.RecordID{1}, photo)), s.Save(attach(sp, crdt.RecordID{1}, both))); err != nil {
		t.Fatal(err)
	}
	spares := func(before time.Time) []Spare {
		t.Helper()
		all, err := s.Spares(before, stays)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	if got := spares(late); len(got) != 0 {
		t.Errorf("spare before the county has the record: %v", got)
	}
	for w, seq := range s.Frontiers(func(crdt.Space) bool { return true })[sp] {
		s.Reached([]wire.Mark{{Space: sp, Writer: w, Seq: seq, Level: wire.AtCounty}})
	}
	if got := spares(late); len(got) != 1 || got[0].Root != photo.Root || got[0].Size != photo.Size {
		t.Errorf("spare: %v", got)
	}
	if got := spares(time.Unix(0, 0)); len(got) != 0 {
		t.Errorf("young ones are spare: %v", got)
	}
	if all, err := s.Spares(time.Unix(0, 0), func(crdt.Space) bool { return true }); len(all) != 2 || err != nil {
		t.Errorf("spare when the space leaves: %v, %v", all, err)
	}
	if err := s.Save(attach(sp, crdt.RecordID{2}, photo)); err != nil { // another record, which is here alone
		t.Fatal(err)
	}
	if freed, err := s.Evict(Spare{Root: photo.Root, before: late}, stays); freed != 0 || err != nil {
		t.Errorf("evicted %d bytes, %v", freed, err)
	}
	if err := s.Save(detach(sp, crdt.RecordID{2}, photo)); err != nil {
		t.Fatal(err)
	}
	if freed, err := s.Evict(Spare{Root: photo.Root, before: late.Add(time.Hour)}, stays); freed < photo.Size || err != nil || s.Files().Has(photo.Root, photo.Size) {
		t.Errorf("evicted %d bytes, %v", freed, err)
	}
	if st, err := s.FileStatus(); err != nil || st.Missing != 1 {
		t.Errorf("%+v, %v", st, err)
	}
}
