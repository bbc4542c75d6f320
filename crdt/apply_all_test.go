package crdt_test

import (
	"math/rand/v2"
	"testing"

	. "wangge/crdt"
)

// The ops of a batch applied at once are the ops applied one by one: over records that are new and
// over others, with fields twice, values empty, dots replaced that are held, to come, or of the batch itself.
func TestABatchAppliedAtOnceIsItsOpsOneByOne(t *testing.T) {
	for seed := range uint64(5000) {
		rng := rand.New(rand.NewPCG(seed, 7))
		held := Frontier{1: 2}
		var once, single Record
		for seq := uint64(1); seq <= 4; seq++ {
			first := Dot{Writer: Writer(1 + rng.IntN(2)), Seq: seq, Index: uint32(rng.IntN(3))}
			ops := make([]Op, 1+rng.IntN(5))
			for i := range ops {
				op := Op{Kind: []string{"visit", "person", ""}[rng.IntN(3)], Field: FieldID(rng.IntN(4)), Type: Type(1 + rng.IntN(3)), Value: Int(rng.Int64N(9))}
				if rng.IntN(4) == 0 {
					op.Value = ""
				}
				for range max(0, rng.IntN(4)-1) {
					op.Replaces = append(op.Replaces, Dot{Writer: Writer(1 + rng.IntN(2)), Seq: uint64(1 + rng.IntN(5)), Index: uint32(rng.IntN(6))})
				}
				ops[i] = op
			}
			before := once.Clone()
			once.ApplyAll(first, Stamp(seq), ops, held)
			for i, op := range ops {
				d := first
				d.Index += uint32(i)
				single.Apply(d, Stamp(seq), op, held)
			}
			if !equalRecords(map[RecordID]Record{{}: once}, map[RecordID]Record{{}: single}) {
				t.Fatalf("seed %d, batch %d: at once %v, one by one %v, before %v", seed, seq, once, single, before)
			}
		}
	}
}
