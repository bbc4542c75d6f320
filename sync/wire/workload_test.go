package wire_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"wangge/crdt"
	. "wangge/sync/wire"
)

// line is a visit or an edit of the workload that WANGGE_WORKLOAD names.
type line struct {
	ID        string   `json:"id"`
	Grid      string   `json:"grid"`
	Author    string   `json:"author"`
	VisitedAt int64    `json:"visited_at"`
	Household string   `json:"household"`
	Person    string   `json:"person"`
	Lat       float64  `json:"lat"`
	Lon       float64  `json:"lon"`
	Topic     string   `json:"topic"`
	Status    string   `json:"status"`
	Tags      []string `json:"tags"`
	Followups int64    `json:"followups"`
	Note      string   `json:"note"`
	Op        string   `json:"op"`
	Field     string   `json:"field"`
	Value     any      `json:"value"`
	At        int64    `json:"at"`
}

func readWorkload(tb testing.TB, name string) (lines []line) {
	dir := os.Getenv("WANGGE_WORKLOAD")
	if dir == "" {
		tb.Skip("WANGGE_WORKLOAD names no folder with the workload")
	}
	f, err := os.Open(filepath.Join(dir, name+".ndjson.gz"))
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		tb.Fatal(err)
	}
	d := json.NewDecoder(bufio.NewReader(z))
	for d.More() {
		var l line
		if err := d.Decode(&l); err != nil {
			tb.Fatal(err)
		}
		lines = append(lines, l)
	}
	return lines
}

// field numbers of a visit.
const (
	fieldAlive = iota
	fieldGrid
	fieldVisitedAt
	fieldHousehold
	fieldPerson
	fieldLat
	fieldLon
	fieldTopic
	fieldStatus
	fieldTags
	fieldFollowups
	fieldNote
)

var fieldNames = map[string]crdt.FieldID{"person": fieldPerson, "topic": fieldTopic, "status": fieldStatus, "followups": fieldFollowups}

// The rows of the workload, each over the ones before it: what is told to a
// peer that holds those.
var rows = []string{"base", "delta100", "edits1000"}

func workload(tb testing.TB) (d *desk, rowChunks [][]Chunk) {
	d, held := newDesk(), map[stream]int{}
	for _, name := range rows {
		d.shift()
		for _, l := range readWorkload(tb, name) {
			d.fill(l, held)
		}
		rowChunks = append(rowChunks, d.chunks(held))
	}
	return d, rowChunks
}

func TestTheWorkloadComesBackByteForByte(t *testing.T) {
	d, rowChunks := workload(t)
	for i, chunks := range rowChunks {
		size := 0
		for _, c := range chunks {
			b := EncodeFor(c, d.shared)
			size += len(b)
			if got, err := DecodeFrom(b, d.shared); err != nil || !equalMessages(got, c) {
				t.Fatalf("a chunk of %s is not the same: %v", rows[i], err)
			}
		}
		t.Logf("%s: %d bytes in %d chunks", rows[i], size, len(chunks))
	}
}

func BenchmarkWorkload(b *testing.B) {
	d, rowChunks := workload(b)
	for i, chunks := range rowChunks {
		var packed [][]byte
		size := 0
		for _, c := range chunks {
			packed = append(packed, EncodeFor(c, d.shared))
			size += len(packed[len(packed)-1])
		}
		b.Run(rows[i]+"/encode", func(b *testing.B) {
			for b.Loop() {
				for _, c := range chunks {
					EncodeFor(c, d.shared)
				}
			}
			b.ReportMetric(float64(size), "bytes")
		})
		b.Run(rows[i]+"/decode", func(b *testing.B) {
			for b.Loop() {
				for _, p := range packed {
					if _, err := DecodeFrom(p, d.shared); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(size), "bytes")
		})
	}
}
