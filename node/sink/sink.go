// Package sink keeps a PostgreSQL database in step with a county's records.
package sink

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/schema"
	"wangge/sync/wire"
)

// Source is what the sink reads. The store is one.
type Source interface {
	Log
	Records
}

// Log says what is new.
type Log interface {
	// Frontiers says how much is held of each space.
	Frontiers(about func(crdt.Space) bool) map[crdt.Space]crdt.Frontier
	// Run returns batches of a stream behind one; false where the log has them no more.
	Run(space crdt.Space, w crdt.Writer, after uint64, room int) (wire.Run, bool, error)
}

// Records says what there is.
type Records interface {
	// Record returns a record as it is.
	Record(space crdt.Space, id crdt.RecordID) (crdt.Record, error)
	// Among returns a space's records behind one, in order.
	Among(space crdt.Space, after *crdt.RecordID, yield func(store.Listed) bool) error
	// Recent returns a kind's records, the latest changed first, from behind a cursor on.
	Recent(kind string, cursor []byte, yield func(l store.Listed, cursor []byte) bool) error
	// Size returns how many records a space has.
	Size(space crdt.Space) uint64
}

// Options says what goes where.
type Options struct {
	URL    string // of the database, as libpq takes it; may hold a password, and is never shown
	Kinds  *schema.Registry
	Source Source
	// Key is the county's, by which persons whose names are masked are told apart; without
	// one they are not.
	Key []byte
	Log *slog.Logger
	Now func() time.Time
	// Told is told how far the database has come, as often as that changes; nil for nobody.
	Told func(Progress)
}

// Sink writes into one database. Its methods are for one goroutine.
//
// How far each space has come stands in the database, and changes in the transaction
// that writes the rows. What a row says is the record as it is, so a row written twice
// says the same: together that is once and no less, whenever either side dies.
type Sink struct {
	options  Options
	schema   string // that of the database in which it writes
	server   *pgx.ConnConfig
	tables   map[string]*table // by kind
	conn     *pgx.Conn         // nil while there is none
	written  map[crdt.Space]crdt.Frontier
	due      map[crdt.Space]*due
	progress Progress
	moved    func() // tells the watchdog that something went on
}

// New returns a sink. It reaches for the database when there is something to do.
func New(o Options) (*Sink, error) {
	server, err := pgx.ParseConfig(o.URL)
	if err != nil {
		return nil, errors.New("the database's address is none: want one such as postgres://user:password@host:5432/name or host=/run/postgresql dbname=name")
	}
	if server.ConnectTimeout == 0 {
		server.ConnectTimeout = connectMax
	}
	if o.Told == nil {
		o.Told = func(Progress) {}
	}
	return newSink(o, server, home), nil
}

// home is the database's schema in which all stands.
const home = "wangge"

func newSink(o Options, server *pgx.ConnConfig, in string) *Sink {
	s := &Sink{options: o, schema: in, server: server, tables: map[string]*table{}, due: map[crdt.Space]*due{}}
	looks := looksOf(o.Kinds)
	kinds := o.Kinds.Kinds()
	for i := range kinds {
		s.tables[kinds[i].Name] = newTable(&kinds[i], in, looks[kinds[i].Name], o.Key)
	}
	return s
}

// in returns the full name of a table or view.
func (s *Sink) in(name string) string { return pgx.Identifier{s.schema, name}.Sanitize() }

// Database returns which database it is, in words that anybody may read.
func (s *Sink) Database() string {
	return net.JoinHostPort(s.server.Host, strconv.Itoa(int(s.server.Port))) + "/" + s.server.Database
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

// patience is how long a database may do nothing at all before it is given up.
const patience = 5 * time.Minute

// errStuck says that the database does nothing.
var errStuck = fmt.Errorf("the database has done nothing for %s", patience)

// Once brings the database up to date. After an error it is as it was or further, and
// trying again goes on from there.
func (s *Sink) Once(ctx context.Context) (done Account, err error) {
	err = s.watched(ctx, func(ctx context.Context) error {
		if err := s.look(); err != nil { // first, so that it is known what waits while the database is away
			return err
		}
		if err := s.open(ctx); err != nil {
			return err
		}
		if done, err = s.bring(ctx); err != nil {
			return err
		}
		return s.current(ctx, done)
	})
	return done, err
}

// watched does something with the database, and gives it up when that does nothing at all.
// After an error the database is left.
func (s *Sink) watched(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	watchdog := time.AfterFunc(patience, func() { cancel(errStuck) })
	s.moved = func() { watchdog.Reset(patience) }
	err := do(ctx)
	watchdog.Stop()
	if err != nil {
		s.Close()
		if errors.Is(context.Cause(ctx), errStuck) {
			err = errStuck
		}
	}
	cancel(nil)
	return err
}

// bring writes what the tables lack.
func (s *Sink) bring(ctx context.Context) (done Account, err error) {
	if err := s.look(); err != nil {
		return done, err
	}
	for _, space := range slices.SortedFunc(maps.Keys(s.due), crdt.Space.Compare) {
		rows, err := s.space(ctx, space, s.due[space])
		if err != nil {
			return done, fmt.Errorf("%s: %w", space, err)
		}
		done.Spaces++
		done.Rows += rows
	}
	done.Behind = s.progress.Ahead
	return done, nil
}
