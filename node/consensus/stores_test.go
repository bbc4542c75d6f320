package consensus

import (
	"io"
	"testing"

	"github.com/hashicorp/raft"
)

// snapshotAt puts a snapshot of a machine into the stores.
func snapshotAt(t *testing.T, s *stores, index uint64, m Machine) {
	t.Helper()
	_, transport := raft.NewInmemTransport("1")
	sink, err := s.snapshots.Create(1, index, 2, configuration(members), 1, transport)
	if err != nil {
		t.Fatal(err)
	}
	if err := (snapshot{m}).Persist(sink); err != nil {
		t.Fatal(err)
	}
}

// A crash after a snapshot has arrived, and before it is used, leaves a machine
// and a log that both end before the snapshot.
func TestSnapshotThatACrashLeftUnusedIsUsed(t *testing.T) {
	s, err := openStores(t.TempDir(), 1<<20, newLogger(discard))
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	if err := s.log.StoreLogs(logs(1, 10)); err != nil {
		t.Fatal(err)
	}
	snapshotAt(t, s, 50, &ledger{pages: []page{{49, []byte("far ahead")}}})
	m := &ledger{pages: []page{{10, []byte("behind")}}}
	f := newFSM(m)
	if err := s.catchUp(f); err != nil {
		t.Fatal(err)
	}
	if m.Applied() != 49 || f.applied.load() != 49 {
		t.Errorf("the machine holds %d, and %d is told; want 49", m.Applied(), f.applied.load())
	}
	if err := s.log.StoreLogs(logs(51, 52)); err != nil {
		t.Errorf("the log does not go on after the snapshot: %v", err)
	}
}

func TestLogThatGoesBeyondTheSnapshotStays(t *testing.T) {
	s, err := openStores(t.TempDir(), 1<<20, newLogger(discard))
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	if err := s.log.StoreLogs(logs(1, 60)); err != nil {
		t.Fatal(err)
	}
	snapshotAt(t, s, 50, new(ledger))
	m := &ledger{pages: []page{{55, []byte("ahead")}}}
	if err := s.catchUp(newFSM(m)); err != nil {
		t.Fatal(err)
	}
	if m.restored != 0 {
		t.Error("a machine that is ahead of the snapshot was set back to it")
	}
	if err := s.log.GetLog(51, new(raft.Log)); err != nil {
		t.Errorf("the entry after the snapshot is gone: %v", err)
	}
}

func TestSpoiledSnapshotIsAnError(t *testing.T) {
	s, err := openStores(t.TempDir(), 1<<20, newLogger(discard))
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	snapshotAt(t, s, 50, raw("not json"))
	if err := s.catchUp(newFSM(new(ledger))); err == nil {
		t.Error("a replica opened with a machine that it could not restore")
	}
}

// raw is a machine whose snapshot is not a ledger's.
type raw string

func (raw) Apply(uint64, []byte) []byte { return nil }
func (raw) Applied() uint64             { return 0 }
func (raw) Restore(io.Reader) error     { return nil }
func (r raw) Snapshot(w io.Writer) error {
	_, err := io.WriteString(w, string(r))
	return err
}
