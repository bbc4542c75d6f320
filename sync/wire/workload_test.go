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

// row is a part of the workload as it is told to a peer that holds the parts
// before it.
type row struct {
	name     string
	chunks   []Chunk
	sender   Shared
	receiver Shared
}

func workload(tb testing.TB) (rows []row) {
	d := newDesk()
	for _, name := range []string{"base", "delta100", "edits1000"} {
		d.shift()
		for _, l := range readWorkload(tb, name) {
			d.fill(l)
		}
		rows = append(rows, row{name, d.chunks(), d.sender(), d.receiver()})
	}
	return rows
}

func TestTheWorkloadComesBackByteForByte(t *testing.T) {
	for _, r := range workload(t) {
		size, runs := 0, 0
		for _, c := range r.chunks {
			b := EncodeFor(c, r.sender)
			size, runs = size+len(b), runs+len(c.Runs)
			if got, err := DecodeFrom(b, r.receiver); err != nil || !equalMessages(got, c) {
				t.Fatalf("a chunk of %s is not the same: %v", r.name, err)
			}
			if got, err := Decode(Encode(c)); err != nil || !equalMessages(got, c) {
				t.Fatalf("a chunk of %s that leans on nothing is not the same: %v", r.name, err)
			}
		}
		t.Logf("%s: %d bytes in %d chunks of %d runs", r.name, size, len(r.chunks), runs)
	}
}

func BenchmarkWorkload(b *testing.B) {
	for _, r := range workload(b) {
		var packed [][]byte
		size := 0
		for _, c := range r.chunks {
			packed = append(packed, EncodeFor(c, r.sender))
			size += len(packed[len(packed)-1])
		}
		b.Run(r.name+"/encode", func(b *testing.B) {
			for b.Loop() {
				for _, c := range r.chunks {
					EncodeFor(c, r.sender)
				}
			}
			b.ReportMetric(float64(size), "bytes")
		})
		b.Run(r.name+"/decode", func(b *testing.B) {
			for b.Loop() {
				for _, p := range packed {
					if _, err := DecodeFrom(p, r.receiver); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(size), "bytes")
		})
	}
}
