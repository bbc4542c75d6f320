package sink

import (
	"context"

	"github.com/jackc/pgx/v5"

	"wangge/crdt"
	"wangge/node/store"
)

// pageRows is how many rows are written by one COPY.
const pageRows = 5000

// space writes what a space has new, in one transaction with how far it has come.
// What is due was read before any record is: a record may be ahead of it and never behind.
func (s *Sink) space(ctx context.Context, space crdt.Space, d *due) (rows int, err error) {
	err = pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error {
		w := &pageWriter{ctx: ctx, tx: tx, sink: s, space: space, pages: map[string][][]any{}}
		var err error
		if d.anew {
			err = w.anew()
		} else {
			err = w.changed(d.records)
		}
		if err != nil {
			return err
		}
		rows = w.rows
		return note(ctx, tx, space, d)
	})
	if err == nil {
		s.written[space] = d.held
		delete(s.due, space)
		s.progress.Rows += uint64(rows)
		s.sum()
	}
	return rows, err
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
	w.sink.moved()
	_, err := w.tx.CopyFrom(w.ctx, t.path, t.columns, pgx.CopyFromRows(page))
	w.rows += len(page)
	w.pages[t.kind.Name] = page[:0]
	return err
}
