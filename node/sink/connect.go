package sink

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"wangge/crdt"
)

// ErrTaken says that another sink writes into the database.
var ErrTaken = errors.New("another sink writes into this database: one is enough")

const (
	// connectMax is how long a server may take to answer at all.
	connectMax = 10 * time.Second
	// lockTaken is PostgreSQL's code for a lock that did not come in time.
	lockTaken = "55P03"
)

// session is what a connection asks for: not to wait behind an analyst's open transaction
// for ever; that the server notices within two minutes that this machine has gone, for
// another replica waits for the lock; and not to wait for the server's disk, for what a
// crash takes it takes together with the position, and both are written again.
var session = []string{
	"set lock_timeout = '10s'",
	"set idle_in_transaction_session_timeout = '10min'",
	"set tcp_keepalives_idle = 60", "set tcp_keepalives_interval = 15", "set tcp_keepalives_count = 4",
	"set synchronous_commit = off",
	"set statement_timeout = 0",
}

// open connects, makes sure that nobody else writes, sets the tables up and reads how
// far they have come.
func (s *Sink) open(ctx context.Context) error {
	if s.conn != nil {
		return s.yields(ctx)
	}
	if err := s.connect(ctx, "set lock_timeout = '2s'"); err != nil {
		return err
	}
	if err := s.yields(ctx); err != nil {
		return err
	}
	if err := pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error { return s.furnish(ctx, tx) }); err != nil {
		return err
	}
	return s.resume(ctx)
}

// connect reaches the database and makes sure that nobody else writes into it.
func (s *Sink) connect(ctx context.Context, first string) error {
	conn, err := pgx.ConnectConfig(ctx, s.server.Copy()) // its errors leave the password out
	if err != nil {
		return fmt.Errorf("the database cannot be reached: %w", err)
	}
	s.conn = conn
	if _, err := conn.Exec(ctx, strings.Join(session, "; ")); err != nil {
		return err
	}
	// One that has just died leaves the lock as soon as the server notices.
	_, err = conn.Exec(ctx, first+"; select pg_advisory_lock(hashtext('wangge.sink')); set lock_timeout = '10s'")
	if coded(err, lockTaken) {
		return ErrTaken
	}
	return err
}

// yields gives way to a rebuild: it waits for the lock that this session has.
func (s *Sink) yields(ctx context.Context) error {
	var free bool
	err := s.conn.QueryRow(ctx, "select case when pg_try_advisory_lock_shared("+ofRebuild+") then pg_advisory_unlock_shared("+ofRebuild+") else false end").Scan(&free)
	if err == nil && !free {
		err = ErrTaken
	}
	return err
}

// resume reads how far the tables have come. What was found due before stays so where
// it began there.
func (s *Sink) resume(ctx context.Context) error {
	written, err := s.positions(ctx)
	if err != nil {
		return err
	}
	for space, d := range s.due {
		had, some := written[space]
		if some != (d.had != nil) || !maps.Equal(had, d.had) {
			delete(s.due, space)
		}
	}
	s.written = written
	at, err := s.moment(ctx)
	s.progress.Current = at
	return err
}

// positions reads how far each space has come.
func (s *Sink) positions(ctx context.Context) (map[crdt.Space]crdt.Frontier, error) {
	rows, err := s.conn.Query(ctx, "select space, writer, batch from "+s.in("sink_position"))
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
func (s *Sink) note(ctx context.Context, tx pgx.Tx, space crdt.Space, d *due) error {
	batch := &pgx.Batch{}
	for w, seq := range d.held {
		if d.had[w] != seq {
			batch.Queue("insert into "+s.in("sink_position")+" (space, writer, batch) values ($1, $2, $3) on conflict (space, writer) do update set batch = excluded.batch",
				space.String(), w.String(), int64(seq))
		}
	}
	return tx.SendBatch(ctx, batch).Close()
}

// stateEvery is how often the moment is written while nothing happens.
const stateEvery = time.Minute

// current notes when the tables had all that was here, so that who reads them can tell
// how old they are. It also notices that the tables are gone.
func (s *Sink) current(ctx context.Context, done Account) error {
	now := s.options.Now().UTC()
	if s.progress.Ahead > 0 || done.Spaces == 0 && now.Sub(s.progress.Current) < stateEvery {
		_, err := s.moment(ctx)
		return err
	}
	_, err := s.conn.Exec(ctx, "insert into "+s.in("sink_state")+" (one, at) values (true, $1) on conflict (one) do update set at = excluded.at", now)
	if err == nil {
		s.progress.Current = now
		s.options.Told(s.progress)
	}
	return err
}

func (s *Sink) moment(ctx context.Context) (at time.Time, err error) {
	err = s.conn.QueryRow(ctx, "select coalesce(max(at), 'epoch') from "+s.in("sink_state")).Scan(&at)
	if at.Unix() == 0 {
		at = time.Time{}
	}
	return at, err
}

// coded reports whether an error has one of PostgreSQL's codes.
func coded(err error, code string) bool {
	refused := new(pgconn.PgError)
	return errors.As(err, &refused) && refused.Code == code
}
