// Package sink keeps a PostgreSQL database in step with a county's records.
package sink

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/schema"
	"wangge/sync/wire"
)

// Source is what the sink reads. The store is one.
type Source interface {
	// Frontiers says how much is held of each space.
	Frontiers(about func(crdt.Space) bool) map[crdt.Space]crdt.Frontier
	// Run returns batches of a stream behind one; false where the log has them no more.
	Run(space crdt.Space, w crdt.Writer, after uint64, room int) (wire.Run, bool, error)
	// Record returns a record as it is.
	Record(space crdt.Space, id crdt.RecordID) (crdt.Record, error)
	// Among returns a space's records behind one, in order.
	Among(space crdt.Space, after *crdt.RecordID, yield func(store.Listed) bool) error
}

// Options says what goes where.
type Options struct {
	URL    string // of the database, as libpq takes it; may hold a password, and is never shown
	Kinds  *schema.Registry
	Source Source
	Log    *slog.Logger
}

// Sink writes into one database. Its methods are for one goroutine.
//
// How far each space has come stands in the database, and changes in the transaction
// that writes the rows. What a row says is the record as it is, so a row written twice
// says the same: together that is once and no less, whenever either side dies.
type Sink struct {
	options Options
	tables  map[string]*table // by kind
	conn    *pgx.Conn         // nil while there is none
}

// ErrTaken says that another sink writes into the database.
var ErrTaken = errors.New("another sink writes into this database: one is enough")

// New returns a sink. It reaches for the database when there is something to do.
func New(o Options) (*Sink, error) {
	if _, err := pgx.ParseConfig(o.URL); err != nil {
		return nil, errors.New("the database's address is none: want one such as postgres://user:password@host:5432/name or host=/run/postgresql dbname=name")
	}
	s := &Sink{options: o, tables: map[string]*table{}}
	kinds := o.Kinds.Kinds()
	for i := range kinds {
		s.tables[kinds[i].Name] = newTable(&kinds[i])
	}
	return s, nil
}

// Close leaves the database.
func (s *Sink) Close() {
	if s.conn != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		s.conn.Close(ctx) // what was not committed was not written
		s.conn = nil
	}
}

// Account says what a round has done.
type Account struct {
	Spaces int // that had something new
	Rows   int
	Behind int // spaces of which the database has more than this node: they wait
}

// Once brings the database up to date. After an error it is as it was or further, and
// trying again goes on from there.
func (s *Sink) Once(ctx context.Context) (done Account, err error) {
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	if s.conn == nil {
		if err := s.open(ctx); err != nil {
			return done, err
		}
	}
	written, err := s.positions(ctx)
	if err != nil {
		return done, err
	}
	held := s.options.Source.Frontiers(func(crdt.Space) bool { return true })
	for _, space := range slices.SortedFunc(maps.Keys(held), crdt.Space.Compare) {
		had, some := written[space]
		switch {
		case some && maps.Equal(had, held[space]):
			continue
		case some && !held[space].Covers(had):
			done.Behind++
			continue
		}
		rows, err := s.space(ctx, space, had, held[space])
		if err != nil {
			return done, fmt.Errorf("%s: %w", space, err)
		}
		done.Spaces++
		done.Rows += rows
	}
	return done, nil
}

// lockTaken is PostgreSQL's code for a lock that did not come in time.
const lockTaken = "55P03"

// open connects, makes sure that nobody else writes, and sets the tables up.
func (s *Sink) open(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.options.URL) // its errors leave the password out
	if err != nil {
		return fmt.Errorf("the database cannot be reached: %w", err)
	}
	s.conn = conn
	// One that has just died leaves the lock as soon as the server notices.
	_, err = conn.Exec(ctx, "set lock_timeout = '2s'; select pg_advisory_lock(hashtext('wangge.sink')); set lock_timeout = 0")
	if refused := new(pgconn.PgError); errors.As(err, &refused) && refused.Code == lockTaken {
		return ErrTaken
	}
	if err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { return s.furnish(ctx, tx) })
}

// positions reads how far each space has come.
func (s *Sink) positions(ctx context.Context) (map[crdt.Space]crdt.Frontier, error) {
	rows, err := s.conn.Query(ctx, "select space, writer, batch from wangge.sink_position")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[crdt.Space]crdt.Frontier{}
	for rows.Next() {
		var name, writer string
		var batch int64
		if err := rows.Scan(&name, &writer, &batch); err != nil {
			return nil, err
		}
		space, err := crdt.ParseSpace(name)
		w, wrong := crdt.ParseWriter(writer)
		if err := errors.Join(err, wrong); err != nil {
			return nil, fmt.Errorf("the database's positions are damaged: drop its schema wangge, and all is written anew: %w", err)
		}
		if all[space] == nil {
			all[space] = crdt.Frontier{}
		}
		all[space][w] = uint64(batch)
	}
	return all, rows.Err()
}

// note writes how far a space has come.
func note(ctx context.Context, tx pgx.Tx, space crdt.Space, had, held crdt.Frontier) error {
	batch := &pgx.Batch{}
	for w, seq := range held {
		if had[w] != seq {
			batch.Queue("insert into wangge.sink_position (space, writer, batch) values ($1, $2, $3) on conflict (space, writer) do update set batch = excluded.batch",
				space.String(), w.String(), int64(seq))
		}
	}
	return tx.SendBatch(ctx, batch).Close()
}
