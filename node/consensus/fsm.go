package consensus

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/hashicorp/raft"
)

var _ raft.BatchingFSM = (*fsm)(nil)

// fsm hands raft's committed entries to the machine, each index once. Raft
// calls it from one goroutine.
type fsm struct {
	machine Machine
	applied progress
}

func newFSM(m Machine) *fsm {
	f := &fsm{machine: m}
	f.applied.set(m.Applied())
	return f
}

// Apply satisfies raft, which calls ApplyBatch instead.
func (f *fsm) Apply(l *raft.Log) any { return f.ApplyBatch([]*raft.Log{l})[0] }

// ApplyBatch skips what is not the machine's, and what the machine holds from
// an earlier life: after a restart raft goes through its log again.
func (f *fsm) ApplyBatch(logs []*raft.Log) []any {
	answers := make([]any, len(logs))
	held := f.applied.load()
	var (
		places  []int
		indexes []uint64
		entries [][]byte
	)
	for i, l := range logs {
		if l.Type == raft.LogCommand && l.Index > held {
			if !bytes.Equal(l.Extensions, sumOf(l.Data)) {
				panic(fmt.Sprintf("entry %d is not what was committed, so the log is damaged on the disk of this replica, or of the one that leads: "+
					"nothing of it is applied. Look at both disks; the replica with the bad one begins anew with an empty folder (deploy/README.md, 6)", l.Index))
			}
			places = append(places, i)
			indexes = append(indexes, l.Index)
			entries = append(entries, l.Data)
		}
	}
	if len(indexes) == 0 {
		return answers
	}
	for i, answer := range f.apply(indexes, entries) {
		answers[places[i]] = answer
	}
	f.applied.set(indexes[len(indexes)-1])
	return answers
}

// sumOf is the CRC-32C of an entry, which goes with it: the library reads a log without a look
// at its sums, and a replica that applied a flipped bit would part from the others for good.
func sumOf(entry []byte) []byte {
	return binary.BigEndian.AppendUint32(nil, crc32.Checksum(entry, crc32.MakeTable(crc32.Castagnoli)))
}

func (f *fsm) apply(indexes []uint64, entries [][]byte) [][]byte {
	if m, ok := f.machine.(BatchMachine); ok {
		answers := m.ApplyBatch(indexes, entries)
		if len(answers) != len(entries) {
			panic(fmt.Sprintf("the machine gave %d answers to %d entries", len(answers), len(entries)))
		}
		return answers
	}
	answers := make([][]byte, len(entries))
	for i, entry := range entries {
		answers[i] = f.machine.Apply(indexes[i], entry)
	}
	return answers
}

// Snapshot does nothing yet: the copy is made in Persist, beside which entries
// go on being applied. That it may hold entries past the snapshot's own index
// does no harm, since they are skipped when raft comes to them.
func (f *fsm) Snapshot() (raft.FSMSnapshot, error) { return snapshot{f.machine}, nil }

// Restore replaces the machine's state by a snapshot's.
func (f *fsm) Restore(r io.ReadCloser) error {
	if err := f.machine.Restore(r); err != nil {
		return err
	}
	f.applied.set(f.machine.Applied())
	return nil
}

type snapshot struct{ machine Machine }

func (s snapshot) Persist(sink raft.SnapshotSink) error {
	if err := s.machine.Snapshot(sink); err != nil {
		return errors.Join(err, sink.Cancel())
	}
	return sink.Close()
}

func (s snapshot) Release() {}
