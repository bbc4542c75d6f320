package wire_test

import (
	"slices"
	"testing"

	"wangge/crdt"
	. "wangge/sync/wire"
)

func BenchmarkEncodeBatch(b *testing.B) {
	batch := visit()
	var buf []byte
	for b.Loop() {
		buf = AppendBatch(buf[:0], batch)
	}
	b.SetBytes(int64(len(buf)))
	b.ReportMetric(float64(len(buf)), "bytes/batch")
}

func BenchmarkDecodeBatch(b *testing.B) {
	buf := AppendBatch(nil, visit())
	b.SetBytes(int64(len(buf)))
	for b.Loop() {
		if _, err := DecodeBatch(buf); err != nil {
			b.Fatal(err)
		}
	}
}

// A chunk of a hundred different visits, about what session sends at once.
func chunkOfVisits() Chunk {
	run := Run{Space: village, Writer: anna, First: 1, Signature: make([]byte, 65)}
	for i := range 100 {
		batch := visit()
		batch.Ops = slices.Clone(batch.Ops)
		g := newGenerator(uint64(i))
		person, call := g.bytes(16), g.bytes(16)
		for j := range batch.Ops {
			id := &batch.Ops[j].Record
			copy(id[:], call)
			if batch.Ops[j].Kind == "person" {
				copy(id[:], person)
			}
		}
		batch.Stamp += crdt.NewStamp(g.Int64N(600_000))
		run.Batches = append(run.Batches, AppendBatch(nil, batch))
	}
	return Chunk{Runs: []Run{run}}
}

func BenchmarkEncodeChunk(b *testing.B) {
	m := chunkOfVisits()
	b.SetBytes(int64(len(Encode(m))))
	for b.Loop() {
		Encode(m)
	}
}

func BenchmarkDecodeChunk(b *testing.B) {
	buf := Encode(chunkOfVisits())
	b.SetBytes(int64(len(buf)))
	for b.Loop() {
		if _, err := Decode(buf); err != nil {
			b.Fatal(err)
		}
	}
}
