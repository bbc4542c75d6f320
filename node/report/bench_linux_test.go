package report

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"wangge/crdt"
	"wangge/schema"
	"wangge/schema/kindfile"
)

var benchRecords = flag.Int("records", 100_000, "how many visits the benchmarks count")

// visitsOf is a county's year: 11 townships, 111 communities of 5 grids, 100,000 households.
type visitsOf struct {
	rng    *rand.Rand
	fields map[string]crdt.FieldID
	kind   *schema.Kind
}

func newVisits(t testing.TB) (*schema.Registry, *visitsOf) {
	registry, err := kindfile.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	kind, _ := registry.Kind("grid_visit")
	v := &visitsOf{rng: rand.New(rand.NewPCG(1, 2)), fields: map[string]crdt.FieldID{}, kind: kind}
	for _, f := range kind.Fields {
		v.fields[f.Name] = f.ID
	}
	return registry, v
}

func (v *visitsOf) option(field string) crdt.Value {
	f, _ := v.kind.Field(field)
	return crdt.Text(f.Options[v.rng.IntN(len(f.Options))].Value)
}

func (v *visitsOf) next() (crdt.RecordID, crdt.Record) {
	community := v.rng.IntN(111)
	grid := fmt.Sprintf("140581%03d%03d%02d", 100+community%11, 200+community/11, v.rng.IntN(5)+1)
	var id crdt.RecordID
	for i := range id {
		id[i] = byte(v.rng.Uint32())
	}
	values := map[crdt.FieldID]crdt.Value{
		v.fields["grid"]: crdt.Text(grid), v.fields["visited_at"]: crdt.Int(1704067200000 + v.rng.Int64N(366*day)),
		v.fields["household"]: crdt.Text(fmt.Sprintf("%s%04d", grid, v.rng.IntN(180))),
		v.fields["topic"]:     v.option("topic"), v.fields["status"]: v.option("status"),
	}
	rec := record("grid_visit", values)
	if v.rng.IntN(3) == 0 {
		w := crdt.NewWriter(1, 0)
		rec.Apply(crdt.Dot{Writer: w, Seq: 2}, 2, rec.Add(id, "grid_visit", v.fields["followups"], w, 1), nil)
	}
	return id, rec
}

// counted returns the figures of a year, and some of its records.
func counted(t testing.TB, n int) (*Figures, map[crdt.RecordID]crdt.Record) {
	registry, visits := newVisits(t)
	f, some := New(registry), map[crdt.RecordID]crdt.Record{}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var counting time.Duration
	for i := range n {
		id, rec := visits.next()
		began := processor()
		f.Change(id, crdt.Record{}, rec)
		counting += processor() - began
		if i%(n/1000) == 0 {
			some[id] = rec
		}
	}
	began := processor()
	f.Ready()
	for f.RollUp(true) {
	}
	ready := processor() - began
	runtime.GC()
	runtime.ReadMemStats(&after)
	t.Logf("%d records: counted in %v, rolled up in %v, %d bytes a record", n, counting, ready, (after.HeapAlloc-before.HeapAlloc)/uint64(n))
	return f, some
}

// questions are what an office asks: every report of the kind at each level, over each
// time, by each field.
func questions(rng *rand.Rand) Query {
	q := Query{Report: "grid_visit." + []string{"visits", "households", "open_matters", "followups", "followups_a_visit"}[rng.IntN(5)]}
	area := []string{"", "area:6", "area:9", "area:12", "area:14"}[rng.IntN(5)]
	period := []string{"", "", "day", "week", "month", "quarter", "year"}[rng.IntN(7)]
	switch rng.IntN(3) {
	case 0:
		q.Area = "140581"
	case 1:
		q.Area = fmt.Sprintf("140581%03d", 100+rng.IntN(11))
	case 2:
		q.Area = fmt.Sprintf("140581%03d%03d", 100+rng.IntN(11), 200+rng.IntN(10))
	}
	if area != "" {
		q.By = append(q.By, area)
	}
	if period != "" {
		q.By = append(q.By, period)
	}
	for _, field := range []string{"topic", "status"} {
		if rng.IntN(3) == 0 && (field == "topic" || q.Report != "grid_visit.households" && q.Report != "grid_visit.open_matters") {
			q.By = append(q.By, field)
		}
	}
	first := dayNumber("2024-01-01") + int32(rng.IntN(300))
	switch rng.IntN(4) {
	case 0:
		q.From, q.To = "2024-01-01", "2024-12-31"
	case 1:
		a, b := periodDays("month", first)
		q.From, q.To = dayText(a), dayText(b)
	case 2:
		q.From, q.To = dayText(first), dayText(first+int32(rng.IntN(366)))
	}
	if rng.IntN(4) == 0 {
		q.Where = map[string]string{"topic": "独居老人"}
	}
	return q
}

// What an answer takes of the processor, at -records visits: most of them, and all but one
// in a hundred. Answers of more rows than a person reads are left out.
func BenchmarkAnswers(b *testing.B) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	f, _ := counted(b, *benchRecords)
	rng := rand.New(rand.NewPCG(3, 4))
	var all []time.Duration
	for b.Loop() {
		q := questions(rng)
		began := processor()
		table, err := f.Answer(q)
		if took := processor() - began; err == nil && len(table.Rows) <= 2000 {
			all = append(all, took)
		}
	}
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)/2].Microseconds()), "p50-us")
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds()), "p99-us")
}

// What it takes to follow a change of a record that is counted already.
func BenchmarkChange(b *testing.B) {
	f, some := counted(b, *benchRecords)
	_, visits := newVisits(b)
	ids := slices.Collect(maps.Keys(some))
	for i := 0; b.Loop(); i++ {
		id := ids[i%len(ids)]
		_, after := visits.next()
		f.Change(id, some[id], after)
		some[id] = after
	}
}

// What it takes to count all that a closed month keeps. Nothing is counted in or asked
// meanwhile.
func BenchmarkFreeze(b *testing.B) {
	f, _ := counted(b, *benchRecords)
	for b.Loop() {
		f.Freeze("2024-11")
	}
}

// What recounting takes a record: noting it, and every report at every level.
func BenchmarkRecount(b *testing.B) {
	registry, visits := newVisits(b)
	f := New(registry)
	for b.Loop() {
		again := NewRecount(registry)
		for range *benchRecords {
			again.Add(visits.next())
		}
		f.Check(again, "2024-12-31")
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N**benchRecords), "ns/record")
}

// processor returns the processor time of this thread: others use the machine too.
func processor() time.Duration {
	var at syscall.Timespec
	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, 3, uintptr(unsafe.Pointer(&at)), 0)
	return time.Duration(at.Nano())
}
