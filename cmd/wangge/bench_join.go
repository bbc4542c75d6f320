package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"time"

	"wangge/crdt"
	"wangge/schema"
	"wangge/sync/wire"
)

// half is a replica in memory: the base, and what one side wrote apart.
type half struct {
	records map[crdt.RecordID]crdt.Record
	held    crdt.Frontier
}

// benchJoin joins two replicas that wrote apart, record by record, by one core.
func (b *bench) benchJoin() error {
	base, err := b.decoded(b.work.base)
	if err != nil {
		return err
	}
	var sides [2]half
	for i := range sides {
		sides[i] = half{map[crdt.RecordID]crdt.Record{}, crdt.Frontier{}}
		for _, batch := range base {
			sides[i].take(1, batch)
		}
	}
	whole := half{maps.Clone(sides[0].records), sides[0].held.Clone()}
	for id, rec := range whole.records {
		whole.records[id] = rec.Clone()
	}
	for i, edits := range b.work.apart {
		for _, e := range edits {
			if err := b.apart(&sides[i], &whole, crdt.Writer(2+i), e); err != nil {
				return err
			}
		}
	}
	var times []time.Duration
	joined := map[crdt.RecordID]crdt.Record{}
	for range foldRuns {
		t, _ := worked(func() error {
			for id, rec := range sides[0].records {
				joined[id] = crdt.Join(rec, sides[1].records[id], sides[0].held.Has, sides[1].held.Has)
			}
			return nil
		})
		times = append(times, t)
	}
	for id, rec := range whole.records {
		if !bytes.Equal(wire.AppendRecord(nil, rec), wire.AppendRecord(nil, joined[id])) {
			return errors.New("joining gives another record than its ops do")
		}
	}
	b.sheet.print(benchFigure{What: fmt.Sprintf("join of %s records", thousands(float64(len(joined)))), Unit: "ms",
		Value: ms(median(times)), Note: fmt.Sprintf("%d edits on each side; by processor time, the middle of %d runs", len(b.work.apart[0]), foldRuns)}.atMost(50))
	return nil
}

// take merges a batch.
func (h *half) take(w crdt.Writer, batch crdt.Batch) {
	seq := h.held[w] + 1
	for i, op := range batch.Ops {
		rec := h.records[op.Record]
		rec.Apply(crdt.Dot{Writer: w, Seq: seq, Index: uint32(i)}, batch.Stamp, op, h.held)
		h.records[op.Record] = rec
	}
	h.held.Raise(w, seq)
}

// apart makes an edit at one side, and lets the whole have it too.
func (b *bench) apart(side, whole *half, w crdt.Writer, e edit) error {
	kind, _ := b.kinds.Kind("grid_visit")
	field, ok := kind.Field(e.Field)
	id, err := schema.ParseID(e.ID)
	if err != nil || !ok {
		return fmt.Errorf("the edit of %s in %s is of no visit of the workload", e.Field, e.ID)
	}
	id = id.Of(kind.Name)
	op, err := e.op(id, side.records[id], field, w)
	if err != nil {
		return err
	}
	batch := crdt.Batch{Stamp: crdt.NewStamp(e.At), Ops: []crdt.Op{op}}
	side.take(w, batch)
	whole.take(w, batch)
	return nil
}
