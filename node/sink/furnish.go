package sink

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"wangge/crdt"
	"wangge/node/store"
)

// furnish makes what is missing: the schema, positions, each kind's table and its views.
// Columns come and are never taken away. Where a kind has changed its rows are written
// anew, in this very transaction: what a newer form wrote before it was known here has a
// column now.
func (s *Sink) furnish(ctx context.Context, tx pgx.Tx) error {
	// Whoever owns the schema need not be one who may make schemas.
	if _, err := tx.Exec(ctx, fmt.Sprintf("do $$ begin if to_regnamespace(%s) is null then create schema %s; end if; end $$", literal(s.schema), quoted(s.schema))); err != nil {
		return err
	}
	for _, make := range []string{
		"create table if not exists " + s.in("sink_position") + " (space text, writer text, batch bigint not null, primary key (space, writer))",
		"create table if not exists " + s.in("sink_kind") + " (kind text primary key, print text not null)",
		"create table if not exists " + s.in("sink_state") + " (one boolean primary key check (one), at timestamp with time zone not null)",
		"create table if not exists " + s.in("sink_alias") + " (space text, record text, other text, primary key (space, record, other))",
		"create table if not exists " + s.in("sink_dead") + " (record text, space text, kind text not null, holds text[] not null, primary key (record, space))",
		"create table if not exists " + s.in("sink_one") + " (record text, space text, one text not null, primary key (record, space))",
	} {
		if _, err := tx.Exec(ctx, make); err != nil {
			return err
		}
	}
	prints, err := s.prints(ctx, tx)
	if err != nil {
		return err
	}
	var fresh []*table
	for _, k := range s.options.Kinds.Kinds() {
		if t := s.tables[k.Name]; prints[k.Name] != t.print {
			fresh = append(fresh, t)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	var aside []oldColumn
	for _, t := range fresh {
		s.moved()
		old, err := s.setAside(ctx, tx, t)
		if err == nil {
			err = s.furnishTable(ctx, tx, t)
		}
		if err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
		aside = append(aside, old...)
	}
	if err := s.furnishViews(ctx, tx); err != nil {
		return err
	}
	if err := s.forget(ctx, tx, aside); err != nil {
		return err
	}
	if err := s.refill(ctx, tx, fresh); err != nil {
		return err
	}
	s.options.Log.Info("tables were set up in the database", "tables", len(fresh), "first", fresh[0].kind.Name)
	return nil
}

// prints returns by which form each table was made.
func (s *Sink) prints(ctx context.Context, tx pgx.Tx) (map[string]string, error) {
	rows, err := tx.Query(ctx, "select kind, print from "+s.in("sink_kind"))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string]string{}
	for rows.Next() {
		var kind, print string
		if err := rows.Scan(&kind, &print); err != nil {
			return nil, err
		}
		all[kind] = print
	}
	return all, rows.Err()
}

// furnishTable makes a kind's table, or gives it the columns that it lacks.
func (s *Sink) furnishTable(ctx context.Context, tx pgx.Tx, t *table) error {
	steps := []string{"create table if not exists " + t.name + " (record text, space text, primary key (space, record))"}
	for _, c := range t.records.Table().Columns {
		steps = append(steps,
			fmt.Sprintf("alter table %s add column if not exists %s %s", t.name, quoted(c.Name), typed(c)),
			fmt.Sprintf("comment on column %s.%s is %s", t.name, quoted(c.Name), literal(bilingual(c.Title))))
	}
	for _, c := range []string{whoColumn, countsColumn, holdsColumn} {
		if slices.Contains(t.columns, c) {
			steps = append(steps, fmt.Sprintf("alter table %s add column if not exists %s text[]", t.name, quoted(c)))
		}
	}
	if slices.ContainsFunc(s.options.Kinds.Kinds(), leadsTo(t.kind.Name)) {
		steps = append(steps, fmt.Sprintf("create index if not exists %s on %s (record)", quoted(short(t.kind.Name+"_record")), t.name))
	}
	steps = append(steps, fmt.Sprintf("comment on table %s is %s", t.name, literal(bilingual(t.kind.Title))))
	if _, err := tx.Exec(ctx, strings.Join(steps, ";\n")); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "insert into "+s.in("sink_kind")+" (kind, print) values ($1, $2) on conflict (kind) do update set print = excluded.print", t.kind.Name, t.print)
	return err
}

// refill writes all records of changed kinds in the place of their rows, as far as the
// tables have come. Spaces of which they have more than this node are written anew whole.
func (s *Sink) refill(ctx context.Context, tx pgx.Tx, fresh []*table) error {
	written, err := s.positions(ctx)
	if err != nil || len(written) == 0 {
		return err
	}
	held := s.options.Source.Frontiers(func(crdt.Space) bool { return true })
	filled, behind := map[crdt.Space]bool{}, []string{}
	for space, had := range written {
		filled[space] = held[space].Covers(had)
		if !filled[space] {
			behind = append(behind, space.String())
		}
	}
	if _, err := tx.Exec(ctx, "delete from "+s.in("sink_position")+" where space = any($1)", behind); err != nil {
		return err
	}
	for _, t := range fresh {
		if _, err := tx.Exec(ctx, "delete from "+t.name+" where space <> all($1)", behind); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "delete from "+s.in("sink_dead")+" where kind = $1 and space <> all($2)", t.kind.Name, behind); err != nil {
			return err
		}
		if err := s.refillTable(ctx, tx, t, filled); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sink) refillTable(ctx context.Context, tx pgx.Tx, t *table, filled map[crdt.Space]bool) error {
	for cursor, more := []byte(nil), true; more; {
		var page, dead [][]any
		more = false
		err := s.options.Source.Recent(t.kind.Name, cursor, func(l store.Listed, after []byte) bool {
			cursor, more = after, true
			switch {
			case !filled[l.Space]:
			case l.Record.Fate() == crdt.Dead:
				dead = append(dead, t.dead(l.Space, l.ID, l.Record)...)
			default:
				page = append(page, t.row(l.Space, l.ID, l.Record))
			}
			return len(page) < pageRows
		})
		if err != nil {
			return err
		}
		s.moved()
		if _, err := tx.CopyFrom(ctx, t.path, t.columns, pgx.CopyFromRows(page)); err != nil {
			return err
		}
		if err := s.bury(ctx, tx, dead); err != nil {
			return err
		}
	}
	return nil
}
