package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"wangge/node/policy"
	"wangge/node/report"
	"wangge/node/store"
	"wangge/node/web"
	"wangge/schema"
)

// yearAtOnce is how many boxes of a year write and tell the hub at the same time.
const yearAtOnce = 6

// benchYear has 111 boxes write a county's year and tell it to a hub of three processes,
// some at a time; asks the hub every report; has it recount; starts it anew; and
// measures the reports once more in this process, of a replica's own file.
func benchYear(ctx context.Context, b *bench) error {
	if err := b.forget(); err != nil {
		return err
	}
	h, err := b.newHub()
	if err != nil {
		return err
	}
	defer h.end()
	if err := h.begin(ctx); err != nil {
		return err
	}
	y, err := newCountyYear(b.kinds, b.seed, 2026, yearCommunities, b.records)
	if err != nil {
		return err
	}
	if err := b.tellYear(ctx, h, y); err != nil {
		return err
	}
	if err := b.askHub(ctx, h); err != nil {
		return err
	}
	if err := b.restart(ctx, h); err != nil {
		return err
	}
	h.end()
	replica := h.county.boxes[0]
	replica.options.Author = nil // the hub writes nothing itself
	if err := replica.reopen(); err != nil {
		return err
	}
	return b.benchFigures(ctx, replica.store)
}

// tellYear has the boxes write and tell, and waits until all replicas have all of it.
func (b *bench) tellYear(ctx context.Context, h *hub, y *countyYear) error {
	var mu sync.Mutex
	told := 0
	var boxes []*benchBox // enrolled one by one: the county's files are not for many at once
	for _, place := range y.places {
		box, err := h.county.community(place)
		if err == nil {
			err = box.store.Close()
		}
		if err != nil {
			return err
		}
		boxes = append(boxes, box)
	}
	var loading spent
	hubs, err := h.worked(func() (err error) {
		loading, err = b.timed(func() error {
			g, each := errgroup.WithContext(ctx)
			g.SetLimit(yearAtOnce)
			for i, box := range boxes {
				g.Go(func() error {
					n, err := b.liveYear(each, h, y, i, box)
					if err != nil {
						return err
					}
					mu.Lock()
					defer mu.Unlock()
					told += n
					b.say("%s of %s forms are at the county", thousands(float64(told)), thousands(float64(b.records)))
					return nil
				})
			}
			if err := g.Wait(); err != nil {
				return err
			}
			return h.level(ctx)
		})
		return err
	})
	if err != nil {
		return err
	}
	forms := float64(told)
	b.sheet.print(benchFigure{What: thousands(forms) + " forms of 111 boxes, from writing to all replicas", Value: loading.clock.Seconds(), Unit: "s",
		Note: fmt.Sprintf("of the processor, a form: %.0f us for its box to write and to tell it, %.0f us for three replicas",
			loading.work.Seconds()*1e6/forms, hubs.Seconds()*1e6/forms)})
	return b.weigh("", h.actors...)
}

// liveYear has one box write its year and tell the hub. Nothing of it is left.
func (b *bench) liveYear(ctx context.Context, h *hub, y *countyYear, at int, box *benchBox) (int, error) {
	defer os.RemoveAll(box.dir)
	forms, err := y.box(at)
	if err != nil {
		return 0, err
	}
	if err := box.reopen(); err != nil {
		return 0, err
	}
	id, err := policy.LoadIdentity(filepath.Join(box.dir, "keys"))
	if err == nil {
		g := &generating{countyYear: y, written: generated{Kinds: map[string]int{}}, progress: newProgress(io.Discard, true, 0, nil)}
		if _, err = g.pages(ctx, box.store, id, forms, func(ms int64) { box.now = ms }); err == nil {
			err = box.store.Save(func(d *store.Draft) error { return g.delete(d, g.voids) })
		}
	}
	if err := errors.Join(err, box.store.Close()); err != nil {
		return 0, err
	}
	return len(forms), h.deliver(ctx, box)
}

// deliver runs a box until the county has all of its work.
func (h *hub) deliver(ctx context.Context, box *benchBox) error {
	ctx, stop := context.WithTimeoutCause(ctx, hubPatience, fmt.Errorf("the county has not all work of %s after %v", box.device.Name, hubPatience))
	defer stop()
	g, ctx := errgroup.WithContext(ctx)
	running, leave := context.WithCancel(ctx)
	up := make(chan web.Status, 1)
	g.Go(func() error { return h.run(running, box, func(s web.Status) { up <- s }) })
	g.Go(func() error {
		defer leave()
		select {
		case s := <-up:
			c, err := newClient(s.Web)
			if err != nil {
				return err
			}
			return h.until(ctx, func() (bool, error) {
				var s web.Status
				err := c.getJSON(ctx, "/api/status", &s)
				for _, t := range s.Troubles {
					if t.Grave {
						err = errors.Join(err, fmt.Errorf("%s: %s (%s)", box.device.Name, t.What.En, t.Detail))
					}
				}
				return s.Waiting == 0 && !s.HeardHub.IsZero(), err
			})
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	return g.Wait()
}

// level waits until the replicas hold the same.
func (h *hub) level(ctx context.Context) error {
	return h.until(ctx, func() (bool, error) {
		var applied []uint64
		for _, a := range h.actors {
			s, err := h.Status(ctx, a.device.Index)
			if err != nil {
				return false, err
			}
			applied = append(applied, s.Hub.Applied)
		}
		return slices.Min(applied) == slices.Max(applied), nil
	})
}

// weigh prints what a replica has in memory and on its disk: the largest of some.
func (b *bench) weigh(when string, replicas ...*actor) error {
	var most memory
	for _, a := range replicas {
		if err := most.most(a); err != nil {
			return err
		}
	}
	disk, err := sizeOf(replicas[0].dir)
	if err != nil {
		return err
	}
	b.sheet.print(benchFigure{What: "memory of a replica" + when, Value: most.own, Unit: "MB",
		Note: fmt.Sprintf("its own pages, of the largest of %d; with those of files %.0f MB", len(replicas), most.own+most.file)})
	b.sheet.print(benchFigure{What: "disk of a replica" + when, Value: float64(disk) / 1e6, Unit: "MB", Note: "the store's file, raft's log and snapshots"})
	return nil
}

// askHub asks a replica every report, as a page does, and has it recount.
func (b *bench) askHub(ctx context.Context, h *hub) error {
	c, err := h.actors[0].client()
	if err != nil {
		return err
	}
	c.http.Timeout = hubPatience
	var clock []time.Duration
	var slowest report.Query
	questions := everyQuestion(b.kinds)
	b.say("asking %d questions, of every report", len(questions))
	work, err := h.worked(func() error {
		for _, q := range questions {
			t, err := took(func() error { _, err := c.get(ctx, "/api/report?"+reportValues(q, false).Encode()); return err })
			if err != nil {
				return fmt.Errorf("%+v: %w", q, err)
			}
			if len(clock) == 0 || t > slices.Max(clock) {
				slowest = q
			}
			clock = append(clock, t)
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.Sort(clock)
	b.sheet.print(benchFigure{What: "a report's answer by a replica's page, p99, by the clock", Value: ms(clock[len(clock)*99/100]), Unit: "ms",
		Note: fmt.Sprintf("the middle one %.2f ms, the slowest %.1f ms (%s by %v), of %d answers, HTTP and JSON too; %.2f ms of the replicas' processors each",
			ms(median(clock)), ms(clock[len(clock)-1]), slowest.Report, slowest.By, len(clock), ms(work)/float64(len(clock)))})
	b.say("report check: the replica recounts")
	checked, err := c.check(ctx)
	if err != nil {
		return err
	}
	b.sheet.print(benchFigure{What: "report check: figures that are not as a recount", Value: float64(len(checked.Differences) + checked.More),
		Note: fmt.Sprintf("%s figures of %d questions, %s records, in %.1f s by the clock", thousands(float64(checked.Figures)), checked.Questions,
			thousands(float64(checked.Records)), checked.Seconds)}.atMost(0))
	return b.weigh(" that has recounted", h.actors[0])
}

// everyQuestion asks each report for the county, its townships, its communities and its
// months of the year.
func everyQuestion(kinds *schema.Registry) (all []report.Query) {
	for _, k := range kinds.Kinds() {
		for i := range k.Reports {
			r := &k.Reports[i]
			q := report.Query{Report: k.Name + "." + r.Name, From: "2026-01-01", To: "2026-12-31"}
			all = append(all, q)
			for _, by := range [][]string{{"area:9"}, {"area:12"}, {schema.ByMonth}, {"area:9", schema.ByQuarter}} {
				if !slices.ContainsFunc(by, func(by string) bool { base, _, _ := strings.Cut(by, ":"); return !r.Grouped(base) }) {
					q.By = by
					all = append(all, q)
				}
			}
		}
	}
	return all
}

// restart stops a replica and starts it again, which counts its records.
func (b *bench) restart(ctx context.Context, h *hub) error {
	a := h.actors[len(h.actors)-1]
	a.stop()
	var work time.Duration
	t, err := took(func() error {
		err := errors.Join(a.start(), a.awaitReady(ctx))
		if err == nil {
			work, err = processorOf(a.Actor().Process)
		}
		return err
	})
	if err != nil {
		return err
	}
	b.sheet.print(benchFigure{What: "a replica starts, figures counted, of the processor", Value: work.Seconds(), Unit: "s", Note: fmt.Sprintf("%.1f s by the clock", t.Seconds())}.atMost(20))
	return b.weigh(" that was started anew", a)
}

// sizeOf returns the bytes of all files in a folder.
func sizeOf(dir string) (bytes int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			bytes += info.Size()
		}
		return err
	})
	return bytes, err
}
