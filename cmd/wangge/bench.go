package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"wangge/node/policy"
	"wangge/schema"
	"wangge/schema/kindfile"
)

var benchVerb = verb{
	name: "bench",
	does: "measure how fast and how small all of this is",
	help: `Usage: wangge bench [flags] [ROW...]

Does a county's work on this machine, with real stores (each save an fsync) and
real conversations, in a folder of its own that is removed afterwards, and prints
what it took beside the goal. Times are medians; what counts is their ratio to
plain bbolt with the same bytes in the same run. Without a ROW: P1 to P6 and,
with --trace, P8; that takes a minute or two.

  P1  100 visits, each saved by its author, told to a peer: bytes both ways
  P2  1,000 edits, likewise
  P3  10,000 visits, told to a new peer: bytes, and that peer's processor time
  P4  the store's file after all that, compacted
  P5  saves: one writer, a hundred, and an import in pages
  P6  merging in memory
  P7  a store of 1,000,000 records: opening it, reading, a page of a list
  P8  text: a recorded editing trace, which --trace names
  P9  memory of a box's process with few and with many records
  P10 two boxes that have met, and nothing is new in 30 spaces: bytes each way
  P11 600 B each way through a weak link, on a connection that is open and a new one
  P12 20 KB up, likewise, at four losses, beside QUIC's streams alone
  P13 60 KB, likewise: bytes on the wire (P11 to P13 take some minutes)
  P14 three days of a worker's work, with photos, through a weak link: minutes
  P15 a township of 30 whole boxes: at rest, and how fast a record is at all of them
  P16 a county's day in the simulator: how late each record is, and its bytes
  P17 a hub of three processes: visits a second that twelve boxes get committed
  P18 reports of a county's year: counting at start, answers, a recount
  P19 1,000,000 rows as a workbook of Excel, and as the other formats
  P20 1,000,000 records into PostgreSQL, out of a store (a server of its own is started
      where Debian's postgresql is installed)
  year
      a county's year, told by 111 boxes to a hub of three processes: loading it, its
      room, every report over HTTP, report check, a start, and P18 of what the hub holds
      (the whole year: --records 1923435 --disk 20)

  --workload DIR  the county's work: base, delta100, edits1000, conflict_a and
                  conflict_b, each .ndjson.gz (default: made up from the seed)
  --seed N        of the work that is made up (default 1)
  --trace FILE    an editing trace of josephg/editing-traces, .json.gz
  --rest D        how long P15 watches a township at rest (default 5m; the goal says 1h)
  --records N     of P7, P9, P18, P19, P20 and year (default 1000000)
  --disk GB       what P7, P9, P18, P20 and year may take for a while (default 5)
  --dir DIR       where the folder is made (default: the system's for such)
  --json          print a line of JSON for each figure
  --quiet         do not tell what is being done

Example:
  wangge bench
  wangge bench P5 --json
  wangge bench P7 P9 --records 100000 --dir /var/tmp
`,
	run: runBench,
}

// benchRow is one row of the table of goals.
type benchRow struct {
	name  string
	large bool // takes minutes and gigabytes: only when it is named
	run   func(context.Context, *bench) error
}

func benchRows() []benchRow {
	return []benchRow{
		{"P1", false, benchDelta}, {"P2", false, benchEdits}, {"P3", false, benchCold}, {"P4", false, benchSize},
		{"P5", false, benchSaves}, {"P6", false, benchFold}, {"P7", true, benchOpen}, {"P8", false, benchText},
		{"P9", true, benchMemory}, {"P10", false, benchNothing},
		{"P11", true, benchSmall}, {"P12", true, benchLarge}, {"P13", true, benchOverhead}, {"P14", true, benchBacklog}, {"P15", true, benchTownship}, {"P16", true, benchDay}, {"P17", true, benchHub}, {"P18", true, benchReport},
		{"P19", true, benchWorkbook}, {"P20", true, benchSink}, {"year", true, benchYear},
	}
}

// largePerRecord is what P7, P9 and P18 take of the disk, in bytes: two boxes' files.
const largePerRecord = 5000

// bench is a measurement under way.
type bench struct {
	dir     string
	work    workload
	seed    uint64
	trace   string // "" for none
	records int
	rest    time.Duration // P15's
	kinds   *schema.Registry
	sheet   *benchSheet
	stderr  io.Writer
	began   time.Time

	county *benchCounty // made when the first row asks
	told   *passages
	large  *benchBox           // P7's and P9's
	weak   [2]*policy.Identity // of P11's to P13's machines
}

func runBench(ctx context.Context, a *arguments) (err error) {
	b := &bench{sheet: &benchSheet{out: a.stdout}, stderr: a.stderr, began: time.Now()}
	f := a.flags()
	from, parent := f.String("workload", "", ""), f.String("dir", "", "")
	f.Uint64Var(&b.seed, "seed", 1, "")
	f.StringVar(&b.trace, "trace", "", "")
	f.IntVar(&b.records, "records", 1_000_000, "")
	f.DurationVar(&b.rest, "rest", 5*time.Minute, "")
	f.BoolVar(&b.sheet.json, "json", false, "")
	disk, quiet := f.Float64("disk", 5, ""), f.Bool("quiet", false, "")
	names, err := a.parse(f, len(benchRows()))
	if err != nil {
		return err
	}
	rows, err := b.choose(names, *disk)
	if err != nil {
		return err
	}
	if *quiet {
		b.stderr = io.Discard
	}
	if b.work = generate(b.seed); *from != "" {
		if b.work, err = readWorkload(*from); err != nil {
			return fmt.Errorf("reading the workload: %w", err)
		}
	}
	if b.kinds, err = kindfile.Shipped(); err != nil {
		return err
	}
	if b.dir, err = os.MkdirTemp(*parent, "wangge-bench-"); err != nil {
		return err
	}
	defer func() { err = b.end(err) }()
	for _, row := range rows {
		b.sheet.row = row.name
		if err := row.run(ctx, b); err != nil {
			return fmt.Errorf("%s: %w", row.name, err)
		}
	}
	return nil
}

// choose returns the rows that are named, or those that cost little.
func (b *bench) choose(names []string, disk float64) ([]benchRow, error) {
	var rows []benchRow
	for _, row := range benchRows() {
		small := !row.large && (row.name != "P8" || b.trace != "")
		if slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, row.name) }) || len(names) == 0 && small {
			rows = append(rows, row)
		}
	}
	if len(rows) != len(names) && len(names) > 0 {
		return nil, misused("rows are those that the help lists, each once, not %s", strings.Join(names, " "))
	}
	if b.records < 1 {
		return nil, misused("--records %d: want 1 or more", b.records)
	}
	needs := float64(b.records) * largePerRecord / 1e9
	if slices.ContainsFunc(rows, func(r benchRow) bool { return slices.Contains([]string{"P7", "P9", "P18", "P20", "year"}, r.name) }) && needs > disk {
		return nil, misused("%d records take about %.0f GB of disk for a while: allow it with --disk %.0f", b.records, needs, math.Ceil(needs))
	}
	return rows, nil
}

// say tells what is being done, and since when.
func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(b.stderr, "%6.1f s  %s\n", time.Since(b.began).Seconds(), fmt.Sprintf(format, args...))
}

// forget closes what rows before made. A row that measures memory's work must not
// pay for the heap of theirs.
func (b *bench) forget() error {
	if b.county != nil {
		b.county.close()
	}
	b.county, b.told = nil, nil
	runtime.GC()
	return errors.Join(os.RemoveAll(b.dir), os.MkdirAll(b.dir, 0o700))
}

func (b *bench) end(err error) error {
	if b.county != nil {
		b.county.close()
	}
	if gone := os.RemoveAll(b.dir); err == nil {
		err = gone
	}
	return err
}
