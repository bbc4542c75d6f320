package sink

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"wangge/crdt"
	"wangge/node/store"
)

// Compared says how the tables differ from the records.
type Compared struct {
	Rows    int    // that say what their records say
	Missing int    // records without a row
	Surplus int    // rows without a record
	Other   int    // rows that say something else
	Apart   int    // spaces of which the database has come less far, or further: they were not compared
	First   string // the first row that differs, by its table, space and record
}

// Equal reports whether the tables say what the records say.
func (c Compared) Equal() bool { return c.Missing+c.Surplus+c.Other+c.Apart == 0 }

// Compare holds every row against its record, and changes nothing. It reads the database
// as it is at one moment, and keeps some 100 bytes in memory for each record of one space.
func (s *Sink) Compare(ctx context.Context) (c Compared, err error) {
	err = s.watched(ctx, func(ctx context.Context) error {
		conn, err := pgx.ConnectConfig(ctx, s.server.Copy())
		if err != nil {
			return fmt.Errorf("the database cannot be reached: %w", err)
		}
		s.conn = conn
		one := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
		return pgx.BeginTxFunc(ctx, conn, one, func(tx pgx.Tx) error { return s.compare(ctx, tx, &c) })
	})
	s.Close()
	return c, err
}

func (s *Sink) compare(ctx context.Context, tx pgx.Tx, c *Compared) error {
	// A server that has not looked at its tables yet would read each of them whole for every space.
	if _, err := tx.Exec(ctx, "set local enable_seqscan = off"); err != nil {
		return err
	}
	var set bool
	if err := tx.QueryRow(ctx, "select to_regclass($1) is not null", s.in("sink_kind")).Scan(&set); err != nil || !set {
		return cmp.Or(err, errors.New("no sink has written into this database yet"))
	}
	prints, err := s.prints(ctx, tx)
	if err != nil {
		return err
	}
	for name, t := range s.tables {
		if prints[name] != t.print {
			return fmt.Errorf("the table of %s was made by another form than this node's: bring the database up to date first", name)
		}
	}
	written, err := s.positions(ctx)
	if err != nil {
		return err
	}
	held := s.options.Source.Frontiers(func(crdt.Space) bool { return true })
	spaces := maps.Clone(held)
	maps.Copy(spaces, written)
	for _, space := range slices.SortedFunc(maps.Keys(spaces), crdt.Space.Compare) {
		if had, some := written[space]; !some || !maps.Equal(had, held[space]) {
			c.Apart++
			continue
		}
		s.moved()
		if err := s.compareSpace(ctx, tx, space, c); err != nil {
			return fmt.Errorf("%s: %w", space, err)
		}
	}
	return nil
}

// compareSpace holds a space's rows against its records.
func (s *Sink) compareSpace(ctx context.Context, tx pgx.Tx, space crdt.Space, c *Compared) error {
	want, err := s.digests(space)
	if err != nil {
		return err
	}
	tables := s.compared(space.Class)
	names, batch := slices.Sorted(maps.Keys(tables)), &pgx.Batch{}
	for _, name := range names {
		batch.Queue("select "+tables[name]+" from "+s.in(name)+" where space = $1", space.String())
	}
	answers := tx.SendBatch(ctx, batch)
	defer answers.Close()
	for _, name := range names {
		rows, err := answers.Query()
		if err == nil {
			err = c.hold(name, space, want[name], rows)
		}
		if err != nil {
			return err
		}
	}
	return answers.Close()
}

// hold counts how the rows of a table agree with what a space's records make.
func (c *Compared) hold(table string, space crdt.Space, want map[string]digest, rows pgx.Rows) error {
	defer rows.Close()
	for rows.Next() {
		row, err := rows.Values()
		if err != nil {
			return err
		}
		key := keyOf(row)
		is, some := want[key]
		switch delete(want, key); {
		case !some:
			c.differs(&c.Surplus, table, space, key)
		case is != digestOf(row):
			c.differs(&c.Other, table, space, key)
		default:
			c.Rows++
		}
	}
	for _, key := range slices.Sorted(maps.Keys(want)) {
		c.differs(&c.Missing, table, space, key)
	}
	return rows.Err()
}

func (c *Compared) differs(count *int, table string, space crdt.Space, key string) {
	*count++
	c.First = cmp.Or(c.First, fmt.Sprintf("%s of %s in the table %s", strings.Fields(key)[0], space, table))
}

// Columns of the sink's own tables that are compared, what tells rows apart first.
const (
	aliasColumns = "record, other"
	deadColumns  = "record, kind, holds"
)

// compared returns the tables in which a class of spaces has rows, each with its columns.
func (s *Sink) compared(class crdt.Class) map[string]string {
	all := map[string]string{"sink_alias": aliasColumns, "sink_dead": deadColumns}
	for name, t := range s.tables {
		if t.kind.Class == class {
			columns := make([]string, len(t.columns))
			for i, column := range t.columns {
				columns[i] = quoted(column)
			}
			all[name] = strings.Join(columns, ", ")
		}
	}
	return all
}

// digest stands for a row.
type digest [16]byte

// digests returns what a space's records make of rows, by their table and key.
func (s *Sink) digests(space crdt.Space) (map[string]map[string]digest, error) {
	all := map[string]map[string]digest{}
	add := func(table string, row []any) {
		if all[table] == nil {
			all[table] = map[string]digest{}
		}
		all[table][keyOf(row)] = digestOf(row)
	}
	err := s.options.Source.Among(space, nil, func(l store.Listed) bool {
		for _, other := range l.Record.Aliases() {
			add("sink_alias", []any{l.ID.String(), other.String()})
		}
		t, known := s.tables[l.Record.Kind]
		switch {
		case !known:
		case l.Record.Fate() == crdt.Dead:
			for _, row := range t.dead(space, l.ID, l.Record) {
				add("sink_dead", slices.Delete(row, 1, 2)) // without the space
			}
		default:
			add(t.kind.Name, t.row(space, l.ID, l.Record))
		}
		return true
	})
	return all, err
}

// keyOf tells a space's rows of a table apart: by what their first two columns say.
func keyOf(row []any) string { return said(row[0]) + " " + said(row[1]) }

func digestOf(row []any) digest {
	sum := sha256.New()
	for _, value := range row {
		fmt.Fprintf(sum, "%q ", said(value))
	}
	return digest(sum.Sum(nil)[:16])
}

// said writes a value in one way, whether it was read from the database or made of a record.
func said(value any) string {
	switch v := value.(type) {
	case nil:
		return "\x00" // which no text in the database has
	case string:
		return v
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	case []any: // as the database's lists are read
		return fmt.Sprintf("%q", v)
	case []string:
		return fmt.Sprintf("%q", v)
	}
	return fmt.Sprint(value)
}
