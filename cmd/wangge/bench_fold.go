package main

import (
	"context"
	"fmt"
	"time"

	"wangge/crdt"
	"wangge/sync/wire"
)

// foldRuns is how often the county's work is merged.
const foldRuns = 5

// benchFold merges the base in memory, by one core.
func benchFold(_ context.Context, b *bench) error {
	if err := b.forget(); err != nil {
		return err
	}
	batches, err := b.batches(b.work.base)
	if err != nil {
		return err
	}
	ops := 0
	var merging, reading []time.Duration
	for range foldRuns {
		var decoded []crdt.Batch
		t, err := worked(func() error {
			for _, bytes := range batches {
				batch, err := wire.DecodeBatch(bytes)
				if err != nil {
					return err
				}
				decoded = append(decoded, batch)
			}
			return nil
		})
		if err != nil {
			return err
		}
		reading = append(reading, t)
		t, _ = worked(func() error { ops = fold(decoded); return nil })
		merging = append(merging, t)
	}
	rate := func(t time.Duration) float64 { return float64(ops) / t.Seconds() }
	b.sheet.print(benchFigure{What: "fold of 10,000 visits", Value: rate(median(merging)), Unit: "ops/s", Note: fmt.Sprintf(
		"%d ops; by processor time, the middle of %d runs; reading the batches goes at %s ops/s", ops, foldRuns, thousands(rate(median(reading)))),
	}.atLeast(1_000_000))
	return b.benchJoin()
}

// fold merges batches of one writer and returns how many ops they had.
func fold(batches []crdt.Batch) (ops int) {
	records := map[crdt.RecordID]*crdt.Record{}
	held := crdt.Frontier{}
	for seq, batch := range batches {
		for i, op := range batch.Ops {
			rec := records[op.Record]
			if rec == nil {
				rec = &crdt.Record{}
				records[op.Record] = rec
			}
			rec.Apply(crdt.Dot{Writer: 1, Seq: uint64(seq + 1), Index: uint32(i)}, batch.Stamp, op, held)
			ops++
		}
		held.Raise(1, uint64(seq+1))
	}
	return ops
}
