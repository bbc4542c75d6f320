package crdt_test

import (
	"testing"

	. "wangge/crdt"
)

// form is the ops of a visit as a worker fills it in: registers, two tags of a
// set, a counter.
func form(rec Record, w Writer, n int64) []Op {
	id := RecordID{}
	ops := make([]Op, 0, 14)
	for field := range FieldID(11) {
		ops = append(ops, rec.Assign(id, "grid_visit", field+1, Int(n+int64(field))))
	}
	ops = append(ops, rec.AddElement(id, "grid_visit", 12, Int(n%5)), rec.AddElement(id, "grid_visit", 12, Int(5+n%3)))
	return append(ops, rec.Add(id, "grid_visit", 13, w, 1))
}

// BenchmarkApply folds batches as a county makes them: new forms, then edits of
// one field by other people, a line in a log of a hundred, then the whole form
// once more.
func BenchmarkApply(b *testing.B) {
	const records = 1000
	apply := func(rec *Record, seq uint64, ops []Op, held Frontier) {
		for i, op := range ops {
			rec.Apply(Dot{Writer: 1, Seq: seq, Index: uint32(i)}, NewStamp(int64(seq)), op, held)
		}
	}
	filled := make([]Record, records)
	for i := range filled {
		apply(&filled[i], uint64(i+1), form(Record{}, 1, int64(i)), Frontier{})
		for j := range uint32(100) { // a long log
			line := filled[i].Append(RecordID{}, "grid_visit", 14, Int(int64(j)))
			filled[i].Apply(Dot{Writer: 1, Seq: uint64(i + 1), Index: 20 + j}, 1, line, Frontier{})
		}
	}
	work := map[string]func(int) []Op{
		"new":    func(i int) []Op { return form(Record{}, 1, int64(i)) },
		"edit":   func(i int) []Op { return []Op{filled[i].Assign(RecordID{}, "grid_visit", 9, Int(-1))} },
		"append": func(i int) []Op { return []Op{Record{}.Append(RecordID{}, "grid_visit", 14, Int(int64(i)))} },
		"refill": func(i int) []Op { return form(filled[i], 1, int64(i+7)) },
	}
	for name, ops := range work {
		b.Run(name, func(b *testing.B) {
			batches := make([][]Op, records)
			for i := range batches {
				batches[i] = ops(i)
			}
			held, done, state := Frontier{1: records}, 0, make([]Record, records)
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				for i := range state {
					if state[i] = (Record{}); name != "new" {
						state[i] = filled[i].Clone()
					}
				}
				b.StartTimer()
				for i, batch := range batches {
					apply(&state[i], uint64(records+i+1), batch, held)
					done += len(batch)
				}
			}
			b.ReportMetric(float64(done)/b.Elapsed().Seconds(), "ops/s")
		})
	}
}
