package sink

import (
	"context"

	"github.com/jackc/pgx/v5"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/sync/wire"
)

const (
	// pageRows is how many rows are written by one COPY.
	pageRows = 5000
	// touchedMax is up to how many changed records are written one by one; of more
	// the space is written anew, which is quicker.
	touchedMax = 20_000
	runRoom    = 1 << 20 // bytes of the log that are read at a time
)

// space writes what a space has new, in one transaction with how far it has come.
// held was read before any record is: a record may be ahead of it and never behind.
func (s *Sink) space(ctx context.Context, space crdt.Space, had, held crdt.Frontier) (rows int, err error) {
	touched, some, err := s.touched(space, had, held)
	if err != nil {
		return 0, err
	}
	err = pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error {
		w := &pageWriter{ctx: ctx, tx: tx, sink: s, space: space, pages: map[string][][]any{}}
		var err error
		if some {
			err = w.changed(touched)
		} else {
			err = w.anew()
		}
		if err != nil {
			return err
		}
		rows = w.rows
		return note(ctx, tx, space, had, held)
	})
	return rows, err
}

// touched returns the records that batches between two frontiers are about; false
// where that is not known or where it is better to write the whole space.
func (s *Sink) touched(space crdt.Space, had, held crdt.Frontier) (map[crdt.RecordID]bool, bool, error) {
	if had == nil {
		return nil, false, nil
	}
	touched := map[crdt.RecordID]bool{}
	for w, last := range held {
		for after := had[w]; after < last; {
			run, ok, err := s.options.Source.Run(space, w, after, runRoom)
			if err != nil || !ok || len(touched) > touchedMax {
				return nil, false, err
			}
			for _, b := range run.Batches {
				batch, err := wire.DecodeBatch(b)
				if err != nil {
					return nil, false, err
				}
				for _, op := range batch.Ops {
					touched[op.Record] = true
				}
			}
			after = run.Last()
		}
	}
	return touched, true, nil
}

// pageWriter gathers rows, kind by kind, and writes them in pages.
type pageWriter struct {
	ctx   context.Context
	tx    pgx.Tx
	sink  *Sink
	space crdt.Space
	pages map[string][][]any // by kind
	rows  int
}

// anew writes all records of the space in the place of what is there.
func (w *pageWriter) anew() error {
	for _, t := range w.sink.tables {
		if t.kind.Class != w.space.Class {
			continue
		}
		if _, err := w.tx.Exec(w.ctx, "delete from "+t.name+" where space = $1", w.space.String()); err != nil {
			return err
		}
	}
	for after := (*crdt.RecordID)(nil); ; {
		page := make([]store.Listed, 0, pageRows)
		err := w.sink.options.Source.Among(w.space, after, func(l store.Listed) bool {
			page = append(page, l)
			return len(page) < pageRows
		})
		if err != nil {
			return err
		}
		for _, l := range page {
			if err := w.add(l.ID, l.Record); err != nil {
				return err
			}
		}
		if len(page) < pageRows {
			return w.flush()
		}
		after = &page[len(page)-1].ID
	}
}

// changed writes some records in the place of what is there of them.
func (w *pageWriter) changed(touched map[crdt.RecordID]bool) error {
	gone := map[string][]string{}
	records := map[crdt.RecordID]crdt.Record{}
	for id := range touched {
		rec, err := w.sink.options.Source.Record(w.space, id)
		if err != nil {
			return err
		}
		records[id] = rec
		gone[rec.Kind] = append(gone[rec.Kind], id.String())
	}
	for kind, ids := range gone {
		t, ok := w.sink.tables[kind]
		if !ok {
			continue
		}
		if _, err := w.tx.Exec(w.ctx, "delete from "+t.name+" where space = $1 and record = any($2)", w.space.String(), ids); err != nil {
			return err
		}
	}
	for id, rec := range records {
		if err := w.add(id, rec); err != nil {
			return err
		}
	}
	return w.flush()
}

// add takes a record into its kind's page. A deleted one has no row, and one of a kind
// that is not known here waits for its form.
func (w *pageWriter) add(id crdt.RecordID, rec crdt.Record) error {
	t, ok := w.sink.tables[rec.Kind]
	if !ok || rec.Fate() == crdt.Dead {
		return nil
	}
	row := t.records.Row(w.space, id, rec)
	clean(row)
	w.pages[rec.Kind] = append(w.pages[rec.Kind], row)
	if len(w.pages[rec.Kind]) < pageRows {
		return nil
	}
	return w.write(t)
}

func (w *pageWriter) flush() error {
	for kind, page := range w.pages {
		if len(page) == 0 {
			continue
		}
		if err := w.write(w.sink.tables[kind]); err != nil {
			return err
		}
	}
	return nil
}

func (w *pageWriter) write(t *table) error {
	page := w.pages[t.kind.Name]
	_, err := w.tx.CopyFrom(w.ctx, t.path, t.columns, pgx.CopyFromRows(page))
	w.rows += len(page)
	w.pages[t.kind.Name] = page[:0]
	return err
}
