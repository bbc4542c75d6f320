package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"wangge/crdt"
	"wangge/node/export"
	"wangge/node/report"
	"wangge/node/sink"
	"wangge/node/sink/cluster"
	"wangge/schema"
)

// manyRows is how many different records the rows of a workbook are made of: making
// them is not what is measured.
const manyRows = 1000

// rowsOf returns records of the workload's make, as exports take them.
func (b *bench) rowsOf() (*export.Records, []crdt.Record, error) {
	county, err := b.make()
	if err != nil {
		return nil, nil, err
	}
	box, err := county.enrol("站")
	if err != nil {
		return nil, nil, err
	}
	kind, ok := b.kinds.Kind("grid_visit")
	if !ok {
		return nil, nil, errors.New("there is no kind grid_visit")
	}
	g := newGenerator(b.seed)
	var records []crdt.Record
	for range manyRows {
		filled, err := county.fill(box, g.visit(g.author(authors)))
		if err != nil {
			return nil, nil, err
		}
		records = append(records, recordOf(filled[len(filled)-1]))
	}
	return export.Of(kind, false, nil), records, nil
}

// recordOf returns the record that a form makes.
func recordOf(f schema.Filled) crdt.Record {
	var rec crdt.Record
	for i, op := range f.Ops(rec, crdt.NewWriter(1, 1)) {
		rec.Apply(crdt.Dot{Writer: crdt.NewWriter(1, 1), Seq: 1, Index: uint32(i)}, crdt.NewStamp(1763775000000), op, crdt.Frontier{})
	}
	return rec
}

func benchWorkbook(ctx context.Context, b *bench) error {
	records, sample, err := b.rowsOf()
	if err != nil {
		return err
	}
	if err := b.forget(); err != nil {
		return err
	}
	for _, f := range export.Formats() {
		b.say("%d rows as %s", b.records, f)
		before := processorTime()
		took, most, size, err := b.out(ctx, f, records, sample)
		worked := processorTime() - before
		if err != nil {
			return err
		}
		time := benchFigure{What: fmt.Sprintf("%s rows as %s", thousands(float64(b.records)), f), Value: took.Seconds(), Unit: "s",
			Note: fmt.Sprintf("%.1f s of processors, %.0f MB on disk, %d columns", worked.Seconds(), float64(size)/1e6, len(records.Table().Columns))}
		memory := benchFigure{What: fmt.Sprintf("memory for it, %s", f), Value: float64(most) / 1e6, Unit: "MB", Note: "the most that Go's heap and stacks took from the system"}
		if f == export.XLSX {
			time, memory = time.atMost(30), memory.atMost(100)
		} else if f == export.Parquet {
			memory = memory.atMost(100)
		}
		b.sheet.print(time)
		b.sheet.print(memory)
	}
	return nil
}

// out writes a file of rows, and returns how long it took, the most memory and the
// file's size.
func (b *bench) out(ctx context.Context, f export.Format, records *export.Records, sample []crdt.Record) (time.Duration, uint64, int64, error) {
	file, err := os.Create(filepath.Join(b.dir, "out."+string(f)))
	if err != nil {
		return 0, 0, 0, err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	most := uint64(0)
	space := crdt.Space{Area: "140581105211", Class: crdt.Personal}
	spent, err := took(func() error {
		w, err := export.New(f, file, records.Table(), export.Style{})
		if err != nil {
			return err
		}
		for i := range b.records {
			rec := sample[i%len(sample)]
			if !records.Takes(rec, report.Query{}) {
				return errors.New("a record of the workload does not go out")
			}
			if err := w.Write(records.Row(space, crdt.RecordID{byte(i >> 16), byte(i >> 8), byte(i)}, rec)); err != nil {
				return err
			}
			if i%20_000 == 0 {
				runtime.ReadMemStats(&now)
				most = max(most, now.HeapInuse+now.StackInuse)
				if ctx.Err() != nil {
					return context.Cause(ctx)
				}
			}
		}
		return w.Close()
	})
	runtime.ReadMemStats(&now)
	most = max(most, now.HeapInuse+now.StackInuse)
	size, wrong := file.Seek(0, io.SeekEnd)
	return spent, most, size, errors.Join(err, wrong)
}

func benchSink(ctx context.Context, b *bench) (err error) {
	url := os.Getenv("WANGGE_SINK_URL")
	if url == "" {
		c, err := cluster.Start(ctx)
		if err != nil {
			return fmt.Errorf("%w, or give another server's address in WANGGE_SINK_URL", err)
		}
		defer func() { err = errors.Join(err, c.Close()) }()
		url = c.URL
	}
	box, err := b.many(ctx)
	if err != nil {
		return err
	}
	s, err := sink.New(sink.Options{URL: url, Kinds: b.kinds, Source: box.store, Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		return err
	}
	defer s.Close()
	var done sink.Account
	b.say("into PostgreSQL")
	spent, err := b.timed(func() (err error) { done, err = s.Once(ctx); return err })
	if err != nil {
		return err
	}
	if done.Rows != b.records {
		return fmt.Errorf("%d rows were written of %d", done.Rows, b.records)
	}
	b.sheet.print(benchFigure{What: fmt.Sprintf("%s records into PostgreSQL, catching up", thousands(float64(done.Rows))), Unit: "rows/s",
		Value: float64(done.Rows) / spent.clock.Seconds(),
		Note:  fmt.Sprintf("beside the server this program took %.1f us of the processor a row; a space is one transaction", float64(spent.work.Microseconds())/float64(done.Rows))}.atLeast(20_000))
	return b.sinkNew(ctx, box, s)
}

// sinkNew measures how soon a visit that was just saved stands in the database.
func (b *bench) sinkNew(ctx context.Context, box *benchBox, s *sink.Sink) error {
	g := newGenerator(b.seed + 1)
	var times []time.Duration
	for range 20 {
		county, err := b.make()
		if err != nil {
			return err
		}
		form, err := county.fill(box, g.visit(g.author(authors)))
		if err != nil {
			return err
		}
		if err := box.save(g.now, form); err != nil {
			return err
		}
		t, err := took(func() error { _, err := s.Once(ctx); return err })
		if err != nil {
			return err
		}
		times = append(times, t)
	}
	b.sheet.print(benchFigure{What: "one new record into PostgreSQL", Value: ms(median(times)), Unit: "ms"})
	return nil
}
