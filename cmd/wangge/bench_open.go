package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/schema"
)

const (
	// bulkPage is how many records are saved in one commit when many are made.
	bulkPage = 1000
	openRuns = 5
	// pageSize is how many records a page of a list shows.
	pageSize = 50
)

// bulk makes a box with so many records of 40 authors' shape, saved as an import
// saves them.
func (b *bench) bulk(ctx context.Context, name string, records int) (*benchBox, error) {
	county, err := b.make()
	if err != nil {
		return nil, err
	}
	box, err := county.enrol(name)
	if err != nil {
		return nil, err
	}
	g := newGenerator(b.seed)
	now, told := time.Now().UnixMilli(), time.Now()
	for done := 0; done < records; {
		var page [][]schema.Filled
		for range min(bulkPage, records-done) {
			form, err := county.fill(box, g.visit(g.author(authors)))
			if err != nil {
				return nil, err
			}
			page = append(page, form)
		}
		now++
		if err := box.save(now, page...); err != nil {
			return nil, err
		}
		if done += len(page); time.Since(told) > 10*time.Second || done == records {
			told = time.Now()
			b.say("%s of %s records are there", thousands(float64(done)), thousands(float64(records)))
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
	return box, nil
}

// many is the large store, made once for P7 and P9.
func (b *bench) many(ctx context.Context) (*benchBox, error) {
	if b.large != nil {
		return b.large, nil
	}
	box, err := b.bulk(ctx, "大站", b.records)
	if err == nil {
		b.large = box
	}
	return box, err
}

func benchOpen(ctx context.Context, b *bench) error {
	box, err := b.many(ctx)
	if err != nil {
		return err
	}
	info, err := os.Stat(box.options.Path)
	if err != nil {
		return err
	}
	var latest store.Listed
	if err := box.page(nil, 1, func(l store.Listed) { latest = l }); err != nil {
		return err
	}
	var opening []time.Duration
	for range openRuns {
		if err := box.store.Close(); err != nil {
			return err
		}
		t, err := took(func() error { return box.openAndRead(latest) })
		if err != nil {
			return err
		}
		opening = append(opening, t)
	}
	b.sheet.print(benchFigure{What: fmt.Sprintf("%s records: open to first read", thousands(float64(b.records))), Unit: "s",
		Value: median(opening).Seconds(), Note: fmt.Sprintf("a file of %d MB, which the system has in memory; the middle of %d runs",
			info.Size()>>20, openRuns)}.atMost(1))
	return b.benchPages(box)
}

// openAndRead opens the store and reads a record.
func (box *benchBox) openAndRead(l store.Listed) error {
	if err := box.reopen(); err != nil {
		return err
	}
	rec, err := box.store.Record(l.Space, l.ID)
	if err == nil && rec.Kind == "" {
		err = errors.New("a record is not there any more")
	}
	return err
}

// page reads a page of the list of visits.
func (box *benchBox) page(cursor []byte, size int, each func(store.Listed)) error {
	n := 0
	return box.store.Recent("grid_visit", cursor, func(l store.Listed, _ []byte) bool {
		if n++; n <= size {
			each(l)
		}
		return n < size
	})
}

// benchPages reads pages all over the list, and single records.
func (b *bench) benchPages(box *benchBox) error {
	var cursors [][]byte
	var names []store.Listed
	n, step := 0, max(1, b.records/200)
	err := box.store.Recent("grid_visit", nil, func(l store.Listed, cursor []byte) bool {
		if n++; n%step == 0 {
			cursors, names = append(cursors, cursor), append(names, store.Listed{Space: l.Space, ID: l.ID})
		}
		return true
	})
	if err != nil {
		return err
	}
	rand.Shuffle(len(cursors), func(i, j int) { cursors[i], cursors[j] = cursors[j], cursors[i] })
	var pages, reads []time.Duration
	for i, cursor := range cursors {
		t, err := took(func() error { return box.page(cursor, pageSize, func(store.Listed) {}) })
		if err != nil {
			return err
		}
		pages = append(pages, t)
		var rec crdt.Record
		if t, err = took(func() (err error) { rec, err = box.store.Record(names[i].Space, names[i].ID); return err }); err != nil || rec.Kind == "" {
			return errors.Join(err, fmt.Errorf("record %s is not there", names[i].ID))
		}
		reads = append(reads, t)
	}
	b.sheet.print(benchFigure{What: fmt.Sprintf("a page of %d of the list, anywhere", pageSize), Value: ms(median(pages)), Unit: "ms",
		Note: "filtered and searched pages have no index yet, and are not offered"}.atMost(20))
	b.sheet.print(benchFigure{What: "one record", Value: ms(median(reads)), Unit: "ms"})
	return nil
}
