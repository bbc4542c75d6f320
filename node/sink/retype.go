package sink

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// A day, a position or notes that a newer form masks are a text from then on, which a column
// of days does not take.

// oldColumn is a column whose field is now of another type in the tables.
type oldColumn struct{ table, name string }

// setAside renames the columns of a table that are of another type than its form now has,
// so that new ones can take their places. What stands in them is written anew with all rows.
func (s *Sink) setAside(ctx context.Context, tx pgx.Tx, t *table) (aside []oldColumn, err error) {
	is, err := s.types(ctx, tx, t)
	if err != nil {
		return nil, err
	}
	for _, c := range t.records.Table().Columns {
		if was := is[c.Name]; was == "" || was == typed(c) {
			continue
		}
		name := ""
		for n := 1; name == "" || is[name] != ""; n++ {
			name = short(fmt.Sprintf("_%d_%s", n, c.Name)) // no field's name begins so
		}
		is[name] = is[c.Name]
		if _, err := tx.Exec(ctx, fmt.Sprintf("alter table %s rename column %s to %s", t.name, quoted(c.Name), quoted(name))); err != nil {
			return nil, err
		}
		aside = append(aside, oldColumn{t.name, name})
	}
	return aside, nil
}

// types returns of which type each column of a table is; none where there is no table.
func (s *Sink) types(ctx context.Context, tx pgx.Tx, t *table) (map[string]string, error) {
	rows, err := tx.Query(ctx, "select attname, format_type(atttypid, atttypmod) from pg_attribute where attrelid = to_regclass($1) and attnum > 0 and not attisdropped", t.name)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string]string{}
	for rows.Next() {
		var name, is string
		if err := rows.Scan(&name, &is); err != nil {
			return nil, err
		}
		all[name] = is
	}
	return all, rows.Err()
}

// forget drops columns that were set aside. One that others' views read stays, and is empty.
func (s *Sink) forget(ctx context.Context, tx pgx.Tx, aside []oldColumn) error {
	for _, c := range aside {
		inner, err := tx.Begin(ctx) // a savepoint
		if err != nil {
			return err
		}
		_, err = inner.Exec(ctx, fmt.Sprintf("alter table %s drop column %s", c.table, quoted(c.name)))
		if err == nil {
			err = inner.Commit(ctx)
		} else if gone := inner.Rollback(ctx); gone != nil {
			return gone
		}
		switch {
		case coded(err, dependent):
			s.options.Log.Warn("a column that is not written any more stays: others' views read it", "table", c.table, "column", c.name)
		case err != nil:
			return err
		}
	}
	return nil
}
