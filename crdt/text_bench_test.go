package crdt_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	. "wangge/crdt"
)

// recorded is an editing trace as josephg/editing-traces publishes them.
type recorded struct {
	EndContent string
	Txns       []struct{ Patches [][3]any }
}

// trace reads the trace that WANGGE_TRACE names, or skips the benchmark.
func trace(b *testing.B) (edits []Edit, end string) {
	path := os.Getenv("WANGGE_TRACE")
	if path == "" {
		b.Skip("WANGGE_TRACE names no editing trace (a .json.gz of josephg/editing-traces)")
	}
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		b.Fatal(err)
	}
	var rec recorded
	if err := json.NewDecoder(z).Decode(&rec); err != nil {
		b.Fatal(err)
	}
	for _, txn := range rec.Txns {
		for _, p := range txn.Patches {
			edits = append(edits, Edit{int(p[0].(float64)), int(p[1].(float64)), p[2].(string)})
		}
	}
	return edits, rec.EndContent
}

// saved makes a cell of edits that one writer saves so many at a time.
func saved(edits []Edit, each int) Cell {
	var c Cell
	var parents []Dot
	held := Frontier{}
	for seq := uint64(1); len(edits) > 0; seq++ {
		n := min(each, len(edits))
		op := Op{Type: MergedText, Value: Event(parents, edits[:n]...)}
		c = c.Apply(Dot{Writer: 1, Seq: seq}, NewStamp(int64(seq)), op, held)
		held.Raise(1, seq)
		edits, parents = edits[n:], []Dot{{Writer: 1, Seq: seq}}
	}
	return c
}

func BenchmarkTextTrace(b *testing.B) {
	edits, end := trace(b)
	for _, each := range []int{100_000, 10_000, 100} {
		b.Run(fmt.Sprintf("saved_each=%d", each), func(b *testing.B) {
			var c Cell
			var load time.Duration
			for b.Loop() {
				c = saved(edits, each)
				from := time.Now()
				if c.Text() != end {
					b.Fatal("the trace ends in another text")
				}
				load += time.Since(from)
			}
			stored, largest := 0, 0
			for _, e := range c.Entries {
				stored += len(e.Value)
				largest = max(largest, len(e.Value))
			}
			b.ReportMetric(float64(stored), "bytes")
			b.ReportMetric(float64(largest), "largest")
			b.ReportMetric(float64(load.Milliseconds())/float64(b.N), "load-ms")
			b.ReportMetric(float64(heapOf(func() { c.Text() })), "heap-bytes")
		})
	}
}

// heapOf returns how many bytes a piece of work asks for, all in all.
func heapOf(work func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	work()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// apart makes a cell of branches: so many people who write so many events each,
// and see the others' only every so many.
func apart(people, events, meet int) Cell {
	entries := make([][]Entry, people)
	var common []Dot
	size := 0
	for i := range events {
		if i%meet == 0 && i > 0 {
			common = common[:0]
			for p := range people {
				common = append(common, entries[p][i-1].Dot)
			}
			size += people * meet * 8
		}
		for p := range people {
			heads := common
			if i%meet > 0 {
				heads = []Dot{entries[p][i-1].Dot}
			}
			d := Dot{Writer: Writer(p + 1), Seq: uint64(i + 1)}
			edit := Edit{At: (i*7919 + p*104729) % (size + i%meet*8 + 1), Put: "网格 word"[:10]}
			entries[p] = append(entries[p], Entry{d, 1, Event(heads, edit)})
		}
	}
	return Cell{Type: MergedText, Entries: slices.Concat(entries...)}
}

func BenchmarkTextConcurrent(b *testing.B) {
	for _, test := range []struct{ people, events, meet int }{
		{2, 10_000, 10_000}, {10, 1000, 1000}, {2, 10_000, 10}, {200, 50, 1},
	} {
		b.Run(fmt.Sprintf("people=%d/events=%d/meet=%d", test.people, test.events, test.meet), func(b *testing.B) {
			c := apart(test.people, test.events, test.meet)
			for b.Loop() {
				c.Text()
			}
		})
	}
}
