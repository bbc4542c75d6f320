package store

import (
	"cmp"
	"crypto/sha256"
	"math/big"
	"slices"
	"testing"

	"wangge/crdt"
	"wangge/sync/wire"
)

// recount is the dumb twin of the digest: it gathers every op of a space's
// streams, lets stand what no other op replaces, and adds up hashes with
// arithmetic of another kind.
func recount(t testing.TB, s *Store, sp crdt.Space) Digest {
	t.Helper()
	records, frontier := gather(t, s, sp)
	total, modulus := new(big.Int), new(big.Int).Lsh(big.NewInt(1), 256)
	for id, rec := range records {
		h := sha256.Sum256(append(slices.Clone(id[:]), wire.AppendRecord(nil, *rec)...))
		slices.Reverse(h[:])
		total.Add(total, new(big.Int).SetBytes(h[:]))
	}
	little := total.Mod(total, modulus).FillBytes(make([]byte, 32))
	slices.Reverse(little)
	return sha256.Sum256(append(wire.AppendFrontier(nil, frontier), little...))
}

type written struct {
	dot   crdt.Dot
	stamp crdt.Stamp
	op    crdt.Op
}

func gather(t testing.TB, s *Store, sp crdt.Space) (map[crdt.RecordID]*crdt.Record, crdt.Frontier) {
	t.Helper()
	var all []written
	replaced := map[crdt.RecordID]map[crdt.Dot]bool{}
	frontier := s.Frontiers(func(o crdt.Space) bool { return o == sp })[sp]
	for w, last := range frontier {
		for seq := uint64(0); seq < last; {
			run, ok, err := s.Run(sp, w, seq, 1<<20)
			if err != nil || !ok {
				t.Fatalf("the stream of %s breaks off at %d of %d: %v", w, seq, last, err)
			}
			for _, b := range run.Batches {
				seq++
				batch, err := wire.DecodeBatch(b)
				if err != nil {
					t.Fatal(err)
				}
				for i, op := range batch.Ops {
					all = append(all, written{crdt.Dot{Writer: w, Seq: seq, Index: uint32(i)}, batch.Stamp, op})
					for _, d := range op.Replaces {
						if replaced[op.Record] == nil {
							replaced[op.Record] = map[crdt.Dot]bool{}
						}
						replaced[op.Record][d] = true
					}
				}
			}
		}
	}
	slices.SortFunc(all, func(a, b written) int { return a.dot.Compare(b.dot) })
	return stand(all, replaced), frontier
}

func stand(all []written, replaced map[crdt.RecordID]map[crdt.Dot]bool) map[crdt.RecordID]*crdt.Record {
	records := map[crdt.RecordID]*crdt.Record{}
	for _, a := range all {
		rec := records[a.op.Record]
		if rec == nil {
			rec = &crdt.Record{Kind: a.op.Kind, Cells: map[crdt.FieldID]crdt.Cell{}}
			records[a.op.Record] = rec
		}
		rec.Kind = min(rec.Kind, a.op.Kind)
		c := rec.Cells[a.op.Field]
		c.Type = min(cmp.Or(c.Type, a.op.Type), a.op.Type)
		if a.op.Value != "" && !replaced[a.op.Record][a.dot] {
			c.Entries = append(c.Entries, crdt.Entry{Dot: a.dot, Stamp: a.stamp, Value: a.op.Value})
		}
		rec.Cells[a.op.Field] = c
	}
	return records
}
