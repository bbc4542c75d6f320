package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/schema"
	"wangge/sync/wire"
)

// What P5 saves: rounds are taken in turn with plain bbolt, so that both meet
// the same disk.
const (
	saveRounds  = 5
	savesAlone  = 200 // a round
	saveWriters = 100
	savesShared = 4000 // a round
	savePages   = 3    // a round
)

// saving is P5 under way: a box and plain bbolt beside it, given the same forms.
type saving struct {
	county *benchCounty
	work   *generator // the workload has too few
	box    *benchBox
	plain  *store.Plain
	at     []int64 // when each form of a round was filled in
	forms  [][]schema.Filled
	bytes  [][]byte // each form as its batch
}

func benchSaves(_ context.Context, b *bench) error {
	spareCollector() // as a box does
	s, err := b.saving()
	if err != nil {
		return err
	}
	defer s.plain.Close()
	b.say("one writer")
	ours, plain, err := s.rounds(savesAlone, s.alone, s.plainAlone)
	if err != nil {
		return err
	}
	b.sheet.print(benchFigure{What: "one writer: its speed to plain bbolt's", Value: plain.Seconds() / ours.Seconds(), Unit: "x",
		Note: fmt.Sprintf("%.3f ms a form, plain bbolt %.3f ms; forms of %d B as batches", ms(ours)/savesAlone, ms(plain)/savesAlone,
			s.size())}.atLeast(0.8))
	b.say("%d writers", saveWriters)
	if ours, plain, err = s.rounds(savesShared, s.together, s.plainTogether); err != nil {
		return err
	}
	b.sheet.print(speed(fmt.Sprintf("%d writers", saveWriters), "forms/s", savesShared, ours, plain).atLeast(20_000))
	b.say("pages of %d", pageLines)
	if ours, plain, err = s.rounds(savePages*pageLines, s.pages, s.plainPages); err != nil {
		return err
	}
	b.sheet.print(speed(fmt.Sprintf("import in pages of %d", pageLines), "records/s", savePages*pageLines, ours, plain).atLeast(50_000))
	return nil
}

func (b *bench) saving() (*saving, error) {
	county, err := b.make()
	if err != nil {
		return nil, err
	}
	s := &saving{county: county, work: newGenerator(b.seed + 1)}
	if s.box, err = county.enrol("河口站"); err != nil {
		return nil, err
	}
	s.plain, err = store.OpenPlain(filepath.Join(b.dir, "plain.db"))
	return s, err
}

// prepare fills in the forms of a round, in the place of those of the last.
func (s *saving) prepare(n int) error {
	s.at, s.forms, s.bytes = nil, nil, nil
	for range n {
		v := s.work.visit(s.work.author(authors))
		form, err := s.county.fill(s.box, v)
		if err != nil {
			return err
		}
		s.at, s.forms = append(s.at, v.VisitedAt), append(s.forms, form)
		s.bytes = append(s.bytes, wire.AppendBatch(nil, s.box.batch(v.VisitedAt, form)))
	}
	return nil
}

// rounds does n forms in turn by both, and returns the median time of each.
func (s *saving) rounds(n int, ours, plain func() error) (time.Duration, time.Duration, error) {
	var times [2][]time.Duration
	for range saveRounds {
		if err := s.prepare(n); err != nil {
			return 0, 0, err
		}
		for i, work := range []func() error{ours, plain} {
			t, err := took(work)
			if err != nil {
				return 0, 0, err
			}
			times[i] = append(times[i], t)
		}
	}
	return median(times[0]), median(times[1]), nil
}

func (s *saving) alone() error {
	for i, form := range s.forms {
		if err := s.box.save(s.at[i], form); err != nil {
			return err
		}
	}
	return nil
}

func (s *saving) plainAlone() error {
	for _, b := range s.bytes {
		if err := s.plain.Put(b); err != nil {
			return err
		}
	}
	return nil
}

func (s *saving) together() error {
	s.box.now = s.at[0]
	return shared(len(s.forms), func(i int) error { return s.box.saveNow(s.forms[i]) })
}

func (s *saving) plainTogether() error {
	return shared(len(s.bytes), func(i int) error { return s.plain.Put(s.bytes[i]) })
}

// shared gives n pieces of work to the writers, who take one after the other.
func shared(n int, do func(i int) error) error {
	var g errgroup.Group
	var begun atomic.Int64
	for range saveWriters {
		g.Go(func() error {
			for {
				i := int(begun.Add(1)) - 1
				if i >= n {
					return nil
				}
				if err := do(i); err != nil {
					return err
				}
			}
		})
	}
	return g.Wait()
}

func (s *saving) pages() error {
	for page := range slices.Chunk(s.forms, pageLines) {
		if err := s.box.save(s.at[0], page...); err != nil {
			return err
		}
	}
	return nil
}

func (s *saving) plainPages() error {
	for page := range slices.Chunk(s.bytes, pageLines) {
		if err := s.plain.Put(page...); err != nil {
			return err
		}
	}
	return nil
}

func (s *saving) size() int {
	total := 0
	for _, b := range s.bytes {
		total += len(b)
	}
	return total / len(s.bytes)
}

func speed(what, unit string, n int, ours, plain time.Duration) benchFigure {
	return benchFigure{
		What: what, Unit: unit, Value: float64(n) / ours.Seconds(), Ratio: plain.Seconds() / ours.Seconds(),
		Note: fmt.Sprintf("%.3f ms each, plain bbolt %.3f ms", ms(ours)/float64(n), ms(plain)/float64(n)),
	}
}

func ms(d time.Duration) float64 { return d.Seconds() * 1000 }

// batches returns visits as their authors' batches.
func (b *bench) batches(visits []gridVisit) (all [][]byte, err error) {
	decoded, err := b.decoded(visits)
	for _, batch := range decoded {
		all = append(all, wire.AppendBatch(nil, batch))
	}
	return all, err
}

func (b *bench) decoded(visits []gridVisit) (all []crdt.Batch, err error) {
	county, err := b.make()
	if err != nil {
		return nil, err
	}
	box := &benchBox{}
	box.device.Index = 1
	for _, v := range visits {
		form, err := county.fill(box, v)
		if err != nil {
			return nil, err
		}
		all = append(all, box.batch(v.VisitedAt, form))
	}
	return all, nil
}
