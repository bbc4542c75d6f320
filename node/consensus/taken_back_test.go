package consensus

import (
	"testing"

	"github.com/hashicorp/raft"
)

// A replica that led and was cut off takes back what nobody else has. Its log must be
// readable after that, and after it was killed: raft-wal 0.4.0 could not read it again,
// and the replica never came up.
func TestALogFromWhichEntriesWereTakenBackOpensAgain(t *testing.T) {
	dir := t.TempDir()
	entries := func(term, first, last uint64) (all []*raft.Log) {
		for i := first; i <= last; i++ {
			all = append(all, &raft.Log{Index: i, Term: term, Data: []byte("entry")})
		}
		return all
	}
	s, err := openStores(dir, segmentSize, newLogger(discard))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.log.StoreLogs(entries(1, 1, 8)); err != nil {
		t.Fatal(err)
	}
	for term, from := range []uint64{6, 4, 4} {
		last, err := s.log.LastIndex()
		if err != nil {
			t.Fatal(err)
		}
		if err := s.log.DeleteRange(from, last); err != nil {
			t.Fatal(err)
		}
		if err := s.log.StoreLogs(entries(uint64(term)+2, from, from+2)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	if s, err = openStores(dir, segmentSize, newLogger(discard)); err != nil {
		t.Fatal(err)
	}
	defer s.close()
	for i := uint64(1); i <= 6; i++ {
		var l raft.Log
		want := uint64(1)
		if i >= 4 {
			want = 4
		}
		if err := s.log.GetLog(i, &l); err != nil || l.Term != want {
			t.Errorf("entry %d: term %d, %v; want term %d", i, l.Term, err, want)
		}
	}
}
