package consensus

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/raft"
)

// batcher is a ledger that takes batches.
type batcher struct {
	ledger
	batches [][]uint64
}

func (b *batcher) ApplyBatch(indexes []uint64, entries [][]byte) [][]byte {
	b.batches = append(b.batches, slices.Clone(indexes))
	answers := make([][]byte, len(entries))
	for i, entry := range entries {
		answers[i] = b.Apply(indexes[i], entry)
	}
	return answers
}

func logs(from, to uint64) []*raft.Log {
	var logs []*raft.Log
	for i := from; i <= to; i++ {
		entry := fmt.Append(nil, i)
		logs = append(logs, &raft.Log{Index: i, Type: raft.LogCommand, Data: entry, Extensions: sumOf(entry)})
	}
	return logs
}

func TestEntriesThatAreHeldAreSkipped(t *testing.T) {
	for name, m := range map[string]Machine{"one by one": new(ledger), "in batches": new(batcher)} {
		m.Apply(3, []byte("3"))
		f := newFSM(m)
		batch := logs(1, 6)
		batch[4].Type = raft.LogConfiguration
		answers := f.ApplyBatch(batch)
		for i, want := range []string{"", "", "", "did 4", "", "did 6"} {
			if got, _ := answers[i].([]byte); string(got) != want {
				t.Errorf("%s: entry %d was answered %q, want %q", name, i+1, got, want)
			}
		}
		f.ApplyBatch(batch)
		if got := m.Applied(); got != 6 || f.applied.load() != 6 {
			t.Errorf("%s: the machine holds %d, and %d is told", name, got, f.applied.load())
		}
	}
}

func TestBatchIsHandedOverAtOnce(t *testing.T) {
	m := new(batcher)
	f := newFSM(m)
	f.ApplyBatch(logs(1, 3))
	f.ApplyBatch(logs(2, 3))
	f.ApplyBatch(logs(3, 5))
	want := [][]uint64{{1, 2, 3}, {4, 5}}
	if !slices.EqualFunc(m.batches, want, slices.Equal) {
		t.Errorf("the machine got %v, want %v", m.batches, want)
	}
}

func TestMachineThatOwesAnswersIsABrokenInvariant(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("nothing was noticed")
		}
	}()
	newFSM(silent{new(ledger)}).ApplyBatch(logs(1, 2))
}

type silent struct{ *ledger }

func (silent) ApplyBatch([]uint64, [][]byte) [][]byte { return nil }

// A replica that applied it would part from the others for good.
func TestAnEntryThatRottedIsNotApplied(t *testing.T) {
	m := new(ledger)
	f, all := newFSM(m), logs(1, 3)
	all[2].Data[0] ^= 1
	defer func() {
		if why, _ := recover().(string); !strings.Contains(why, "entry 3") || m.Applied() != 0 {
			t.Errorf("%q, and the machine holds %d", why, m.Applied())
		}
		f.ApplyBatch(logs(1, 3)) // as the group sends it again
		if m.Applied() != 3 {
			t.Errorf("the machine holds %d", m.Applied())
		}
	}()
	f.ApplyBatch(all)
}
