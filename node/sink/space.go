package sink

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

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
		return s.note(ctx, tx, space, d)
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

	aliases [][]any // what records name as the same
	parted  bool    // some had named others
	dead    [][]any // what conditions see of deleted records
}

// anew writes all records of the space in the place of what is there.
func (w *pageWriter) anew() error {
	if err := w.forget("space = $1", w.space.String()); err != nil {
		return err
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

// forget takes rows out of all tables of the space's class: a record that two kinds claim
// may have been the other's.
func (w *pageWriter) forget(which string, args ...any) error {
	batch := &pgx.Batch{}
	for _, t := range w.sink.tables {
		if t.kind.Class == w.space.Class {
			batch.Queue("delete from "+t.name+" where "+which, args...)
		}
	}
	batch.Queue("delete from "+w.sink.in("sink_dead")+" where "+which, args...)
	batch.Queue("delete from "+w.sink.in("sink_alias")+" where "+which, args...).Exec(func(tag pgconn.CommandTag) error {
		w.parted = tag.RowsAffected() > 0
		return nil
	})
	return w.tx.SendBatch(w.ctx, batch).Close()
}

// changed writes some records in the place of what is there of them.
func (w *pageWriter) changed(touched map[crdt.RecordID]bool) error {
	records, ids := map[crdt.RecordID]crdt.Record{}, make([]string, 0, len(touched))
	for id := range touched {
		rec, err := w.sink.options.Source.Record(w.space, id)
		if err != nil {
			return err
		}
		records[id] = rec
		ids = append(ids, id.String())
	}
	if err := w.forget("space = $1 and record = any($2)", w.space.String(), ids); err != nil {
		return err
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
	w.alias(id, rec)
	t, ok := w.sink.tables[rec.Kind]
	if !ok {
		return nil
	}
	if rec.Fate() == crdt.Dead {
		w.dead = append(w.dead, t.dead(w.space, id, rec)...)
		return nil
	}
	w.pages[rec.Kind] = append(w.pages[rec.Kind], t.row(w.space, id, rec))
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
	if err := w.sink.bury(w.ctx, w.tx, w.dead); err != nil {
		return err
	}
	return w.settle()
}

func (w *pageWriter) write(t *table) error {
	page := w.pages[t.kind.Name]
	w.sink.moved()
	_, err := w.tx.CopyFrom(w.ctx, t.path, t.columns, pgx.CopyFromRows(page))
	w.rows += len(page)
	w.pages[t.kind.Name] = page[:0]
	return err
}
