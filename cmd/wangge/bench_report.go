package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/report"
	"wangge/node/store"
	"wangge/schema"
)

const (
	reportAsked   = 1000
	reportRowsMax = 2000 // of an answer that a person reads
)

// benchReport counts a county's year, of all kinds and communities, read from a store as
// a replica does at its start; asks every report at every level, over any days; and
// recounts all of it.
func benchReport(ctx context.Context, b *bench) error {
	b.county = nil
	box, err := b.yearBox(ctx)
	if err != nil {
		return err
	}
	return b.benchFigures(ctx, box.store)
}

// benchFigures counts a store's records, asks and recounts, all in this process.
func (b *bench) benchFigures(ctx context.Context, s *store.Store) error {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	figures := report.New(b.kinds)
	counting, err := b.timed(func() error {
		err := s.Walk(func(l store.Listed) bool { figures.Change(l.ID, crdt.Record{}, l.Record); return ctx.Err() == nil })
		figures.Ready()
		return err
	})
	if err != nil {
		return err
	}
	first, err := b.timed(func() error {
		_, err := figures.Answer(report.Query{Report: "grid_visit.households", By: []string{schema.ByMonth}, From: "2026-01-01", To: "2026-12-31"})
		return err
	})
	if err != nil {
		return err
	}
	longest := time.Duration(0)
	rolling, _ := b.timed(func() error {
		for more := true; more; {
			step, _ := b.timed(func() error { more = figures.RollUp(true); return nil })
			longest = max(longest, step.work)
		}
		return nil
	})
	runtime.GC()
	runtime.ReadMemStats(&after)
	size := thousands(float64(b.records))
	b.sheet.print(benchFigure{What: size + " records: counted at start, of the processor", Value: counting.work.Seconds(), Unit: "s",
		Note: fmt.Sprintf("%s; %d bytes of memory a record", counting, (after.HeapAlloc-min(before.HeapAlloc, after.HeapAlloc))/uint64(b.records))}.atMost(20))
	b.sheet.print(benchFigure{What: "the very first question, before any is rolled up, of the processor", Value: ms(first.work), Unit: "ms", Note: "the households visited, by month"})
	b.sheet.print(benchFigure{What: "rolled up meanwhile, of the processor", Value: rolling.work.Seconds(), Unit: "s", Note: fmt.Sprintf("a little at a time, %.0f ms at most", ms(longest))})
	if err := b.benchAnswers(figures); err != nil {
		return err
	}
	var checked report.Checked
	recounting, err := b.timed(func() error {
		again := report.NewRecount(b.kinds)
		err := s.Walk(func(l store.Listed) bool { again.Add(l.ID, l.Record); return ctx.Err() == nil })
		checked = figures.Check(again, "2026-12-31")
		return err
	})
	if err != nil {
		return err
	}
	b.sheet.print(benchFigure{What: fmt.Sprintf("%s figures recounted, of the processor", thousands(float64(checked.Figures))), Value: recounting.work.Seconds(), Unit: "s",
		Note: recounting.String()}.atMost(20))
	if n := len(checked.Differences) + checked.More; n > 0 {
		return fmt.Errorf("%d figures are not as a recount has them, such as %+v", n, checked.Differences[0])
	}
	return nil
}

// benchAnswers asks every report at every level.
func (b *bench) benchAnswers(figures *report.Figures) error {
	rng := rand.New(rand.NewPCG(b.seed, 18))
	var times, clock []time.Duration
	for len(times) < reportAsked {
		q, rows := anyQuery(rng), reportRowsMax
		took, err := b.timed(func() error {
			table, err := figures.Answer(q)
			rows = len(table.Rows)
			return err
		})
		if err == nil && rows <= reportRowsMax {
			times, clock = append(times, took.work), append(clock, took.clock)
		}
	}
	slices.Sort(clock)
	slices.Sort(times)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.sheet.print(benchFigure{What: "a report's answer, p99, of the processor", Value: ms(times[len(times)*99/100]), Unit: "ms",
		Note: fmt.Sprintf("the middle one %.2f ms; by the clock %.1f and %.2f ms; %d answers of at most %d rows",
			ms(median(times)), ms(clock[len(clock)*99/100]), ms(median(clock)), len(times), reportRowsMax)}.atMost(5))
	return nil
}

// anyQuery makes up what an office may ask, mostly of its visits.
func anyQuery(rng *rand.Rand) report.Query {
	one := func(of ...string) string { return of[rng.IntN(len(of))] }
	q := report.Query{Report: "grid_visit." + one("visits", "households", "open_matters", "followups", "followups_a_visit")}
	visits := rng.IntN(3) > 0
	if !visits {
		q.Report = one("curtain_check.checks", "curtain_check.elders", "volunteer_attendance.attendances", "volunteer_attendance.volunteers", "volunteer_attendance.hours")
	}
	for _, by := range []string{
		one("", "area:6", "area:9", "area:12", "area:14"), one("", "", schema.ByDay, schema.ByWeek, schema.ByMonth, schema.ByQuarter, schema.ByYear),
		one("", "", "topic"), one("", "", "status"),
	} {
		if by != "" && (visits || strings.HasPrefix(by, "area") || slices.Contains(schema.Periods(), by)) {
			q.By = append(q.By, by)
		}
	}
	q.Area = one("140581", fmt.Sprintf("140581%03d", 100+rng.IntN(yearTowns)), fmt.Sprintf("140581%03d%03d", 100+rng.IntN(yearTowns), 200+rng.IntN(10)))
	first := time.Date(2026, 1, 1+rng.IntN(300), 0, 0, 0, 0, time.UTC)
	switch rng.IntN(4) {
	case 0:
		q.From, q.To = "2026-01-01", "2026-12-31"
	case 1:
		month := first.AddDate(0, 0, 1-first.Day())
		q.From, q.To = month.Format(time.DateOnly), month.AddDate(0, 1, -1).Format(time.DateOnly)
	case 2:
		q.From, q.To = first.Format(time.DateOnly), first.AddDate(0, 0, rng.IntN(200)).Format(time.DateOnly)
	}
	if visits && rng.IntN(4) == 0 {
		q.Where = map[string]string{"topic": "独居老人"}
	}
	return q
}

// yearBox makes a box that has a county's year.
func (b *bench) yearBox(ctx context.Context) (*benchBox, error) {
	county, err := b.make()
	if err != nil {
		return nil, err
	}
	box, err := county.enrol("县站")
	if err != nil {
		return nil, err
	}
	id, err := policy.LoadIdentity(filepath.Join(box.dir, "keys"))
	if err != nil {
		return nil, err
	}
	y, err := newCountyYear(b.kinds, b.seed, 2026, yearCommunities, b.records)
	if err != nil {
		return nil, err
	}
	g := &generating{countyYear: y, written: generated{Kinds: map[string]int{}}, progress: newProgress(b.stderr, b.stderr == io.Discard, 0, nil)}
	return box, g.into(ctx, box.store, id, func(ms int64) { box.now = ms })
}

// spent is what a piece of work took of the processors, and by the clock.
type spent struct{ work, clock time.Duration }

func (t spent) String() string { return fmt.Sprintf("%.1f s by the clock", t.clock.Seconds()) }

// timed takes both times: others use the machine too.
func (b *bench) timed(work func() error) (t spent, err error) {
	began := time.Now()
	t.work, err = worked(work)
	t.clock = time.Since(began)
	return t, err
}
