package store

import (
	"fmt"
	"slices"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"wangge/crdt"
)

// page returns up to n records of a kind from a cursor on.
func page(t *testing.T, s *Store, kind string, cursor []byte, n int) (ids []crdt.RecordID, next []byte) {
	t.Helper()
	err := s.Recent(kind, cursor, func(l Listed, c []byte) bool {
		if n == len(ids) {
			return false
		}
		if l.Space != village && l.Space != street {
			t.Errorf("record %s is of space %s", l.ID, l.Space)
		}
		ids, next = append(ids, l.ID), c
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids, next
}

func TestRecentListsTheLatestChangedFirst(t *testing.T) {
	o := newDevice(1).options(t.TempDir() + "/store.db")
	now := morning
	o.Now = func() time.Time { now = now.Add(time.Minute); return now }
	s := open(t, o)
	for _, i := range []int{1, 2, 3, 4, 2} {
		save(t, s, []crdt.Space{village, street}[i%2], recordID(i), fmt.Sprint(now))
	}
	for _, kind := range []string{"visi", "visit\x00", "visit2"} { // no kind's list holds another's
		err := s.Save(func(d *Draft) error {
			d.Write(village, crdt.Record{}.Assign(recordID(len(kind)*100), kind, 1, crdt.Text("x")))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	all, _ := page(t, s, "visit", nil, 100)
	if want := []crdt.RecordID{recordID(2), recordID(4), recordID(3), recordID(1)}; fmt.Sprint(all) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", all, want)
	}
	if kinds, err := s.Kinds(); err != nil || fmt.Sprintf("%q", kinds) != `["visi" "visit" "visit\x00"]` {
		t.Errorf("the kinds are %q, %v", kinds, err)
	}
	if got, _ := page(t, s, "unknown", nil, 100); len(got) != 0 {
		t.Errorf("got %v of a kind without records", got)
	}
}

func TestPagesGoOnThoughRecordsChangeInBetween(t *testing.T) {
	s := newStore(t, 1)
	const n = 20
	for i := range n {
		save(t, s, village, recordID(i), "x")
	}
	seen := map[crdt.RecordID]int{}
	var cursor []byte
	for round := 0; ; round++ {
		ids, next := page(t, s, "visit", cursor, 3)
		if len(ids) == 0 {
			break
		}
		for _, id := range ids {
			seen[id]++
		}
		cursor = next
		save(t, s, village, ids[len(ids)-1], "changed: moves to the front")
		save(t, s, street, recordID(100+round), "new")
	}
	for i := range n {
		if seen[recordID(i)] != 1 {
			t.Errorf("record %d was listed %d times", i, seen[recordID(i)])
		}
	}
}

func TestWalkEndsWhenToldTo(t *testing.T) {
	s := newStore(t, 1)
	for i := range 5 {
		save(t, s, village, recordID(i), "x")
	}
	n := 0
	if err := s.Walk(func(Listed) bool { n++; return n < 3 }); err != nil || n != 3 {
		t.Errorf("%d records, %v", n, err)
	}
}

// A walk is read some pages ahead: every record is told once and in order, wherever it ends
// nothing of it is left under way, and what is damaged ends it with an error behind all before.
func TestWalkTellsEachRecordOnceAndLeavesNothingUnderWay(t *testing.T) {
	s := newStore(t, 1)
	const n = (walkAhead+2)*walkPage + 7
	err := s.Save(func(d *Draft) error {
		for i := range n {
			d.Write(village, crdt.Record{}.Assign(recordID(i), "visit", 1, crdt.Text("x")))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	walk := func(most int) (ids []crdt.RecordID, err error) {
		return ids, s.Walk(func(l Listed) bool { ids = append(ids, l.ID); return len(ids) < most })
	}
	for _, most := range []int{1, walkPage, walkPage + 1, n + 1} {
		ids, err := walk(most)
		if err != nil || len(ids) != min(most, n) || !slices.IsSortedFunc(ids, crdt.RecordID.Compare) || len(slices.Compact(ids)) != min(most, n) {
			t.Errorf("up to %d: %d records, %v", most, len(ids), err)
		}
		if readers := s.db.Stats().OpenTxN; readers != 0 {
			t.Errorf("up to %d: %d readers are left", most, readers)
		}
	}
	err = s.db.Update(func(tx *bolt.Tx) error {
		b := tx.Bucket(recordBucket)
		k, _ := b.Cursor().Last()
		return b.Put(k, []byte{0})
	})
	if err != nil {
		t.Fatal(err)
	}
	if ids, err := walk(n + 1); err == nil || len(ids) != n-1 {
		t.Errorf("with the last one damaged: %d records, %v", len(ids), err)
	}
}
