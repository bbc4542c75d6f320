package sink

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"wangge/node/export"
	"wangge/schema"
)

// table is a kind's table: the columns that exports have, persons masked.
type table struct {
	kind    *schema.Kind
	records *export.Records
	path    pgx.Identifier
	name    string // that, quoted
	columns []string
	print   string // of the kind and the columns, by which a change is known
}

func newTable(k *schema.Kind) *table {
	t := &table{kind: k, records: export.Of(k, false, nil), path: pgx.Identifier{"wangge", k.Name}}
	t.name = t.path.Sanitize()
	declared := t.records.Table()
	for _, c := range declared.Columns {
		t.columns = append(t.columns, c.Name)
	}
	said, err := json.Marshal(map[string]any{"kind": k, "columns": declared.Columns})
	if err != nil {
		panic("sink: a kind that is no JSON: " + err.Error())
	}
	sum := sha256.Sum256(said)
	t.print = hex.EncodeToString(sum[:])
	return t
}

// typed returns the type of PostgreSQL for a column.
func typed(c export.Column) string {
	switch c.Type {
	case export.Whole:
		return "bigint"
	case export.Number:
		return "double precision"
	case export.Bool:
		return "boolean"
	case export.Moment:
		return "timestamp with time zone"
	case export.Day:
		return "date"
	case export.List:
		return "text[]"
	}
	return "text"
}

// furnish makes what is missing: the schema, positions, each kind's table and its view.
// Columns come and are never taken away. Where a kind has changed, the spaces of its
// class are written anew: what a newer form wrote before it was known here has a column
// now.
func (s *Sink) furnish(ctx context.Context, tx pgx.Tx) error {
	for _, make := range []string{
		"create schema if not exists wangge",
		"create table if not exists wangge.sink_position (space text, writer text, batch bigint not null, primary key (space, writer))",
		"create table if not exists wangge.sink_kind (kind text primary key, print text not null)",
		"create table if not exists wangge.sink_state (one boolean primary key check (one), at timestamp with time zone not null)",
	} {
		if _, err := tx.Exec(ctx, make); err != nil {
			return err
		}
	}
	var fresh []string
	for _, t := range s.tables {
		var print string
		err := tx.QueryRow(ctx, "select coalesce((select print from wangge.sink_kind where kind = $1), '')", t.kind.Name).Scan(&print)
		if err != nil || print == t.print {
			if err != nil {
				return err
			}
			continue
		}
		if err := t.furnish(ctx, tx); err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
		fresh = append(fresh, t.kind.Name)
	}
	if len(fresh) > 0 {
		s.options.Log.Info("tables were set up in the database", "kinds", strings.Join(fresh[:min(len(fresh), 5)], ", "), "tables", len(fresh))
	}
	return nil
}

func (t *table) furnish(ctx context.Context, tx pgx.Tx) error {
	steps := []string{"create table if not exists " + t.name + " (record text, space text, primary key (space, record))"}
	for _, c := range t.records.Table().Columns {
		steps = append(steps, fmt.Sprintf("alter table %s add column if not exists %s %s", t.name, quoted(c.Name), typed(c)))
	}
	for _, step := range steps {
		if _, err := tx.Exec(ctx, step); err != nil {
			return err
		}
	}
	if err := t.look(ctx, tx); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "delete from wangge.sink_position where space like $1", "%/"+t.kind.Class.String()); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "insert into wangge.sink_kind (kind, print) values ($1, $2) on conflict (kind) do update set print = excluded.print", t.kind.Name, t.print)
	return err
}

// look makes the view KIND_zh, whose columns are called as the form calls them. One
// that others build upon stays as it is.
func (t *table) look(ctx context.Context, tx pgx.Tx) error {
	var columns []string
	taken := map[string]bool{}
	for _, c := range t.records.Table().Columns {
		title := short(c.Title.Zh)
		if title == "" || taken[title] {
			title = c.Name
		}
		taken[title] = true
		columns = append(columns, quoted(c.Name)+" as "+quoted(title))
	}
	view := pgx.Identifier{"wangge", t.kind.Name + "_zh"}.Sanitize()
	body := view + " as select " + strings.Join(columns, ", ") + " from " + t.name
	for _, make := range []string{"create or replace view " + body, "drop view if exists " + view + "; create view " + body} {
		inner, err := tx.Begin(ctx) // a savepoint
		if err != nil {
			return err
		}
		if _, err := inner.Exec(ctx, make); err == nil {
			return inner.Commit(ctx)
		}
		if err := inner.Rollback(ctx); err != nil {
			return err
		}
	}
	return nil
}

func quoted(name string) string { return pgx.Identifier{name}.Sanitize() }

// nameMax is how many bytes PostgreSQL keeps of a name.
const nameMax = 63

func short(name string) string {
	for len(name) > nameMax {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	return name
}

// clean takes out of texts what PostgreSQL does not store: a zero byte, and bytes that
// are no text.
func clean(row []any) {
	mended := func(s string) string {
		if utf8.ValidString(s) && !strings.Contains(s, "\x00") {
			return s
		}
		return strings.ReplaceAll(strings.ToValidUTF8(s, "�"), "\x00", "�")
	}
	for i, value := range row {
		switch v := value.(type) {
		case string:
			row[i] = mended(v)
		case []string:
			for j := range v {
				v[j] = mended(v[j])
			}
		}
	}
}
