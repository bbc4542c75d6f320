package sink_test

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"sync"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/sync/wire"
)

// memory is a source in memory: a batch a change.
type memory struct {
	mu      sync.Mutex // guards what follows
	batches map[crdt.Space]map[crdt.Writer][][]byte
	records map[crdt.Space]map[crdt.RecordID]crdt.Record
	trimmed bool
	runs    int
}

func newMemory() *memory {
	return &memory{batches: map[crdt.Space]map[crdt.Writer][][]byte{}, records: map[crdt.Space]map[crdt.RecordID]crdt.Record{}}
}

func writer() crdt.Writer { return crdt.NewWriter(1, 1) }

func (m *memory) do(space crdt.Space, ops ...crdt.Op) { m.doBy(writer(), space, ops...) }

func (m *memory) doBy(w crdt.Writer, space crdt.Space, ops ...crdt.Op) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.records[space] == nil {
		m.batches[space], m.records[space] = map[crdt.Writer][][]byte{}, map[crdt.RecordID]crdt.Record{}
	}
	m.batches[space][w] = append(m.batches[space][w], wire.AppendBatch(nil, crdt.Batch{Stamp: crdt.NewStamp(1763775000000), Ops: ops}))
	for i, op := range ops {
		rec := m.records[space][op.Record].Clone()
		rec.Apply(crdt.Dot{Writer: w, Seq: uint64(len(m.batches[space][w])), Index: uint32(i)}, crdt.NewStamp(1763775000000), op, crdt.Frontier{})
		m.records[space][op.Record] = rec
	}
}

func id(n int) (id crdt.RecordID) { copy(id[:], fmt.Sprintf("%016d", n)); return id }

func (m *memory) set(space crdt.Space, n int, field crdt.FieldID, v crdt.Value) {
	m.do(space, m.at(space, n).Assign(id(n), "tree", field, v))
}

func (m *memory) at(space crdt.Space, n int) crdt.Record {
	rec, _ := m.Record(space, id(n)) // memory does not fail
	return rec
}

func (m *memory) Frontiers(about func(crdt.Space) bool) map[crdt.Space]crdt.Frontier {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := map[crdt.Space]crdt.Frontier{}
	for space, streams := range m.batches {
		if !about(space) {
			continue
		}
		all[space] = crdt.Frontier{}
		for w, b := range streams {
			all[space][w] = uint64(len(b))
		}
	}
	return all
}

func (m *memory) Run(space crdt.Space, w crdt.Writer, after uint64, _ int) (wire.Run, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.runs++
	return wire.Run{Space: space, Writer: w, First: after + 1, Batches: slices.Clone(m.batches[space][w][after:])}, !m.trimmed, nil
}

func (m *memory) Record(space crdt.Space, id crdt.RecordID) (crdt.Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.records[space][id], nil
}

func (m *memory) Size(space crdt.Space) uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return uint64(len(m.records[space]))
}

func (m *memory) Among(space crdt.Space, after *crdt.RecordID, yield func(store.Listed) bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range slices.SortedFunc(maps.Keys(m.records[space]), crdt.RecordID.Compare) {
		if (after == nil || id.Compare(*after) > 0) && !yield(store.Listed{Space: space, ID: id, Record: m.records[space][id]}) {
			return nil
		}
	}
	return nil
}

// Recent lists records in any order that stays: a cursor counts them.
func (m *memory) Recent(kind string, cursor []byte, yield func(store.Listed, []byte) bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, skip := 0, 0
	if len(cursor) > 0 {
		skip = int(binary.BigEndian.Uint32(cursor))
	}
	for _, space := range slices.SortedFunc(maps.Keys(m.records), crdt.Space.Compare) {
		for _, id := range slices.SortedFunc(maps.Keys(m.records[space]), crdt.RecordID.Compare) {
			rec := m.records[space][id]
			if rec.Kind != kind {
				continue
			}
			if n++; n <= skip {
				continue
			}
			if !yield(store.Listed{Space: space, ID: id, Record: rec}, binary.BigEndian.AppendUint32(nil, uint32(n))) {
				return nil
			}
		}
	}
	return nil
}
