package consensus

import (
	"errors"
	"fmt"
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
