package store

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"wangge/crdt"
	"wangge/sync/wire"
)

// trimmed makes a store with 40 own batches, one an hour: 30 of them at the
// county and 20 taken out of the log. hub holds what the county has.
func trimmed(t *testing.T) (o Options, s, hub *Store) {
	t.Helper()
	now := morning
	o = newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	o.Now = func() time.Time { return now }
	s, hub = open(t, o), newHub(t)
	for i := range 40 {
		save(t, s, village, recordID(i%12), fmt.Sprint("走访", i))
		if now = now.Add(time.Hour); i == 19 || i == 29 {
			commitAll(t, s, hub)
		}
	}
	n, err := s.Trim(crdt.NewStamp(morning.Add(25 * time.Hour).UnixMilli()))
	if err != nil || n != 20 {
		t.Fatalf("trimmed %d, %v; want 20", n, err)
	}
	return o, s, hub
}

func TestTrimTakesOutOfTheLogWhatIsOldAndAtTheCountyAndNothingElse(t *testing.T) {
	o, s, hub := trimmed(t)
	w := newDevice(1).writer
	before := digest(t, s, village)
	late := crdt.NewStamp(morning.Add(1000 * time.Hour).UnixMilli())
	if n, err := s.Trim(late); n != 0 || err != nil {
		t.Errorf("%d more were trimmed, %v; want those that the county had when it was last looked", n, err)
	}
	if n, err := s.Trim(late); n != 10 || err != nil {
		t.Errorf("with every batch old, %d more were trimmed, %v; want the 10 that the county has", n, err)
	}
	s.Close()
	soundFile(t, o)
	s = open(t, o)
	if digest(t, s, village) != before || text(t, s, village, recordID(0)) != "走访36" {
		t.Error("trimming changed what is shown")
	}
	if got := s.Spaces()[0]; got.Batches != 40 || got.Dropped != 30 || got.AtHub != 30 {
		t.Errorf("the space has %d batches, %d dropped, %d at the county", got.Batches, got.Dropped, got.AtHub)
	}
	if got := s.Floors(func(crdt.Space) bool { return true })[village][w]; got != 30 {
		t.Errorf("the floor is %d", got)
	}
	keep(t, hub, chunk(t, s, village, w, 30, 1<<20))
	if digest(t, hub, village) != digest(t, s, village) {
		t.Error("what was not trimmed does not continue what the county has")
	}
	if _, ok, _ := s.Run(village, w, 29, 1000); ok {
		t.Error("a run from below the floor")
	}
	if _, err := hub.Trim(crdt.Stamp(1 << 63)); err == nil {
		t.Error("the hub trimmed its log")
	}
}

func TestWhatComesAgainBelowTheFloorIsHeldAndAForkAboveItIsFound(t *testing.T) {
	_, s, hub := trimmed(t)
	keep(t, s, chunk(t, hub, village, newDevice(1).writer, 0, 1<<20)) // batches 1 to 30
	d := newDevice(1)
	from := s.headOf(stream{village, d.writer}).floor
	fork := forge(d, village, from.batch+1, from.chain, batch(9, "another"))
	_, refusals, err := s.Keep(wire.Chunk{Credentials: [][]byte{d.Credential()}, Runs: []wire.Run{fork}})
	if err != nil || len(refusals) != 1 || !strings.Contains(refusals[0].Reason, "two different batches 21") {
		t.Errorf("got %v, %v", refusals, err)
	}
}

func TestARecordDamagedAboveATrimmedLogComesBackByACheckpointAndTheTailIsKept(t *testing.T) {
	o, s, hub := trimmed(t)
	before := digest(t, s, village)
	s.Close()
	spoil(t, o.Path, recordBucket, func(v []byte) { v[len(v)-2] ^= 1 })
	if worst := examined(t, o).Worst(); worst != Refetch {
		t.Fatalf("the worst remedy is %q", worst)
	}
	if _, err := Repair(o, nil); err != nil {
		t.Fatal(err)
	}
	soundFile(t, o)
	s = open(t, o)
	if !s.Hollow(village) || !s.Spaces()[0].Hollow || s.Held(village, newDevice(1).writer) != 40 {
		t.Error("the space is not told as hollow, or its streams are not held")
	}
	save(t, s, village, recordID(3), "meanwhile")
	if !start(t, hub, s, village) {
		t.Fatal("the checkpoint was not joined")
	}
	own := s.self().Name()
	for _, w := range []crdt.Writer{newDevice(1).writer, own} {
		for hub.Held(village, w) < s.Held(village, w) {
			keep(t, hub, chunk(t, s, village, w, hub.Held(village, w), 1<<20))
		}
	}
	if digest(t, s, village) != digest(t, hub, village) || s.Spaces()[0].Hollow {
		t.Error("the store and the county differ")
	}
	if text(t, s, village, recordID(3)) != "meanwhile" || before == digest(t, s, village) {
		t.Error("the work of the meantime is gone")
	}
	s.Close()
	soundFile(t, o)
}

// spoil changes the first value of a bucket of a closed file, without telling the
// store.
func spoil(t *testing.T, path string, bucket []byte, change func(value []byte)) {
	t.Helper()
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Update(func(tx *bolt.Tx) error {
		k, v := tx.Bucket(bucket).Cursor().First()
		v = bytes.Clone(v)
		change(v)
		return tx.Bucket(bucket).Put(bytes.Clone(k), v)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsTrimmedIsToldByWhatIsLeftOfIt(t *testing.T) {
	o, s, _ := trimmed(t)
	save(t, s, village, recordID(50), "new")
	s.Close()
	touches, err := History(o, village, recordID(1)) // saved as 1, 13, 25 and 37
	if err != nil || len(touches) != 2 || touches[0].Merged || touches[1].Dot.Seq != 38 {
		t.Errorf("of a record with fresh batches: %v, %v", touches, err)
	}
	s = open(t, o)
	s.Reached([]wire.Mark{{Space: village, Writer: newDevice(1).writer, Seq: 41, Level: wire.AtCounty}})
	if _, err := s.Trim(crdt.NewStamp(morning.Add(1000 * time.Hour).UnixMilli())); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if _, _, err := Compact(o.Path); err != nil {
		t.Fatal(err)
	}
	touches, err = History(o, village, recordID(1))
	if err != nil || len(touches) != 1 || !touches[0].Merged || touches[0].Op.Value != crdt.Text("走访37") {
		t.Errorf("with nothing in the log: %v, %v", touches, err)
	}
}

func TestALevelThatFallsWhileTheLogIsTrimmedStopsThat(t *testing.T) {
	_, s, _ := trimmed(t)
	st := stream{village, newDevice(1).writer}
	restored := wire.Hello{Device: 200, Epoch: 7, Holds: map[crdt.Space]crdt.Frontier{village: {st.writer: 3}}}
	s.Met(restored, func(crdt.Space) bool { return true }, wire.AtCounty)
	var n int
	err := s.commit(func(x *transaction) (err error) { // begun when the county had 30 of them
		n, err = x.trim(st, trimMax)
		return err
	})
	if err != nil || n != 0 {
		t.Errorf("%d batches were taken out of the log that the county no longer has, %v", n, err)
	}
}

func TestTrimmingCostsNoCommitForStreamsThatStay(t *testing.T) {
	now := morning
	o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	o.Now = func() time.Time { return now }
	s, hub := open(t, o), newHub(t)
	commits := func() (n int) {
		s.view(func(tx *bolt.Tx) error { n = tx.ID(); return nil })
		return n
	}
	spaces := make([]crdt.Space, 20)
	for i := range spaces {
		spaces[i] = crdt.Space{Area: fmt.Sprint(140581105300 + i), Class: crdt.Open}
		save(t, s, spaces[i], recordID(i), "走访")
		now = now.Add(time.Hour)
		save(t, s, spaces[i], recordID(i), "again")
	}
	commitAll(t, s, hub)
	for _, step := range []struct{ hours, trimmed, commits int }{{0, 0, 0}, {100, 40, 1}, {100, 0, 0}} {
		before := commits()
		n, err := s.Trim(crdt.NewStamp(morning.Add(time.Duration(step.hours) * time.Hour).UnixMilli()))
		if err != nil || n != step.trimmed || commits()-before != step.commits {
			t.Errorf("up to hour %d: %d trimmed in %d commits, %v; want %+v", step.hours, n, commits()-before, err, step)
		}
	}
}

// TestWhatABackupOfTheCountyMayLackIsNotTrimmed has a box come home after months.
func TestWhatABackupOfTheCountyMayLackIsNotTrimmed(t *testing.T) {
	now := morning
	o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	o.Now = func() time.Time { return now }
	s, st := open(t, o), stream{village, newDevice(1).writer}
	const day = 24 * time.Hour
	trim := func() int {
		t.Helper()
		n, err := s.Trim(crdt.NewStamp(now.Add(-40 * day).UnixMilli()))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	reached := func(seq uint64) {
		s.Reached([]wire.Mark{{Space: st.space, Writer: st.writer, Seq: seq, Level: wire.AtCounty}})
	}
	for i := range 10 {
		save(t, s, village, recordID(i), "走访")
	}
	now = now.Add(100 * day)
	greets := func(epoch, holds uint64) {
		hello := wire.Hello{Device: 200, Epoch: epoch, Holds: map[crdt.Space]crdt.Frontier{village: {st.writer: holds}}}
		s.Met(hello, func(crdt.Space) bool { return true }, wire.AtCounty)
		if s.Heard() != crdt.NewStamp(now.UnixMilli()) {
			t.Error("it is not known when the county greeted")
		}
	}
	greets(7, 6)
	reached(6)
	if n := trim(); n != 0 {
		t.Errorf("%d batches were trimmed as soon as the county had them", n)
	}
	now = now.Add(30 * day)
	reached(8)
	s.Close()
	s = open(t, o)
	now = now.Add(11 * day)
	greets(7, 3)
	reached(8) // fed again
	if n := trim(); n != 3 {
		t.Errorf("%d batches were trimmed; want the 3 that the county had all the time", n)
	}
	trim()
	now = now.Add(41 * day)
	greets(8, 8) // from a backup, and fed again by others
	if n := trim(); n != 0 {
		t.Errorf("%d batches were trimmed that a backup of the restored county may lack", n)
	}
	now = now.Add(-20 * day) // the clock was wrong
	trim()
	if now = now.Add(39 * day); trim() != 0 {
		t.Error("a clock that was ahead has batches trimmed early")
	}
	if now = now.Add(2 * day); trim() != 5 {
		t.Error("a clock that was ahead keeps batches for ever")
	}
}

func TestNoRunBeginsBelowTheFloorThoughItsBatchesAreSignedOneByOne(t *testing.T) {
	from, s := newStore(t, 1), newStore(t, 2)
	w := newDevice(1).writer
	for i := range 6 {
		save(t, from, village, recordID(i), "走访")
		pull(t, from, s)
	}
	s.Reached([]wire.Mark{{Space: village, Writer: w, Seq: 3, Level: wire.AtCounty}})
	if n, err := s.Trim(1 << 62); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	for after := range uint64(6) {
		run, ok, err := s.Run(village, w, after, 1)
		if want := after >= 3; ok != want || err != nil || ok && (run.First != after+1 || run.Last() != after+1) {
			t.Errorf("after %d: run %d to %d, %v, %v", after, run.First, run.Last(), ok, err)
		}
	}
}
