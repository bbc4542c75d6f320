package consensus

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
	wal "github.com/hashicorp/raft-wal"
	"github.com/hashicorp/raft-wal/metadb"
)

// stores are raft's files in a replica's directory: the log with the votes, in
// log/, and the latest snapshot, in snapshots/.
type stores struct {
	dir       string
	log       *wal.WAL
	meta      *metadb.BoltMetaDB // belongs to log, which does not close it
	snapshots *raft.FileSnapshotStore
}

func openStores(dir string, segmentSize int, logger hclog.Logger) (*stores, error) {
	logDir := filepath.Join(dir, "log")
	if err := os.MkdirAll(logDir, 0o700); err != nil {
		return nil, err
	}
	if err := removeUnfinished(dir); err != nil {
		return nil, err
	}
	snapshots, err := raft.NewFileSnapshotStoreWithLogger(dir, 1, logger)
	if err != nil {
		return nil, fmt.Errorf("cannot use %s for snapshots: %v", dir, err)
	}
	meta := new(metadb.BoltMetaDB)
	log, err := wal.Open(logDir, wal.WithMetaStore(meta), wal.WithSegmentSize(segmentSize), wal.WithLogger(logger))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cannot open the log in %s: %v", logDir, err), meta.Close())
	}
	return &stores{dir, log, meta, snapshots}, nil
}

// removeUnfinished deletes the snapshots that a crash cut short. Each may be as
// large as the machine, and raft leaves them lying.
func removeUnfinished(dir string) error {
	paths, err := filepath.Glob(filepath.Join(dir, "snapshots", "*.tmp"))
	for _, path := range paths {
		err = errors.Join(err, os.RemoveAll(path))
	}
	return err
}

// catchUp brings the machine and the log up to the latest snapshot, if they
// have fallen behind it: because a crash came between a snapshot's arrival and
// its use, or because the machine's file was restored from an older copy.
func (s *stores) catchUp(f *fsm) error {
	snapshots, err := s.snapshots.List()
	if err != nil || len(snapshots) == 0 {
		return err
	}
	newest := snapshots[0]
	if f.applied.load() < newest.Index {
		_, content, err := s.snapshots.Open(newest.ID)
		if err != nil {
			return fmt.Errorf("snapshot %s cannot be read: %v", newest.ID, err)
		}
		defer content.Close()
		if err := f.Restore(content); err != nil {
			return fmt.Errorf("snapshot %s cannot be restored: %v", newest.ID, err)
		}
	}
	return s.dropBelow(newest.Index)
}

// dropBelow empties a log that ends below a snapshot's index. Raft goes on
// after the snapshot, and the log takes no entry that would leave a gap.
func (s *stores) dropBelow(index uint64) error {
	first, err := s.log.FirstIndex()
	if err != nil {
		return err
	}
	last, err := s.log.LastIndex()
	if err != nil || last == 0 || last >= index {
		return err
	}
	return s.log.DeleteRange(first, last)
}

// found writes the group's configuration into a replica without any state of raft's. All
// members write the same, so they agree on the first entry, or on the snapshot at Founding.
func (s *stores) found(conf *raft.Config, members []uint32, f *fsm) error {
	exists, err := raft.HasExistingState(s.log, s.log, s.snapshots)
	if err != nil || exists {
		return err
	}
	switch applied := f.applied.load(); applied {
	case 0:
		// The transport is asked only by protocol versions before 3.
		return raft.BootstrapCluster(conf, s.log, s.log, s.snapshots, nil, configuration(members))
	case Founding:
		return s.inherit(members, f)
	default:
		return fmt.Errorf("the state holds %d entries, but %s holds no log of them: "+
			"bring the log back, or remove the state too and let the others fill both", applied, s.dir)
	}
}

// inherit begins a log with what the machine holds from another group. A replica that
// lacks it may not take the entries that follow, and asks for the snapshot.
func (s *stores) inherit(members []uint32, f *fsm) error {
	_, transport := raft.NewInmemTransport("") // the members' names are written by it, as they are
	sink, err := s.snapshots.Create(raft.SnapshotVersionMax, Founding, 1, configuration(members), 1, transport)
	if err != nil {
		return fmt.Errorf("%s takes no snapshot of the state that the group begins with: %v", s.dir, err)
	}
	return snapshot{f.machine}.Persist(sink)
}

func (s *stores) close() error { return errors.Join(s.log.Close(), s.meta.Close()) }
