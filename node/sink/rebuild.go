package sink

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"wangge/crdt"
)

const (
	beside = home + "_new" // where a rebuild writes
	before = home + "_old" // what it replaced, where others build upon that
	// ofRebuild is the lock that a rebuild holds. Sinks look at it every round and give way.
	ofRebuild = "hashtext('wangge.rebuild')"
)

// Rebuilt says what a rebuild has done.
type Rebuilt struct {
	Account
	// Builders are views of others that still read what was replaced, which is in
	// the schema wangge_old for their sake.
	Builders []string
}

// Rebuild writes all anew beside the tables that are there, and puts it into their place
// in one transaction: who reads meanwhile reads the old ones. Who was granted something
// has it afterwards. Dying in the midst does no harm.
func (s *Sink) Rebuild(ctx context.Context) (done Rebuilt, err error) {
	err = s.watched(ctx, func(ctx context.Context) error {
		if err := s.connect(ctx, "set lock_timeout = '2s'; select pg_advisory_lock("+ofRebuild+"); set lock_timeout = '5min'"); err != nil {
			return err
		}
		var old bool
		if err := s.conn.QueryRow(ctx, "select to_regnamespace($1) is not null", before).Scan(&old); err != nil || old {
			return errors.Join(err, told(old, "the schema "+before+" of an earlier rebuild is still there: have others' views read "+home+" again, and drop it"))
		}
		if _, err := s.conn.Exec(ctx, "drop schema if exists "+beside+" cascade"); err != nil {
			return err
		}
		fresh := newSink(s.options, s.server, beside)
		fresh.conn, fresh.moved = s.conn, s.moved
		if err := pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error { return fresh.furnish(ctx, tx) }); err != nil {
			return err
		}
		fresh.written = map[crdt.Space]crdt.Frontier{}
		if done.Account, err = fresh.bring(ctx); err != nil {
			return err
		}
		return pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) (err error) { done.Builders, err = swap(ctx, tx); return err })
	})
	s.Close()
	return done, err
}

func told(yes bool, what string) error {
	if yes {
		return errors.New(what)
	}
	return nil
}

// swap puts what was written beside into the place of what is there.
func swap(ctx context.Context, tx pgx.Tx) (builders []string, err error) {
	// The first time there is nothing to replace.
	if _, err := tx.Exec(ctx, "do $$ begin if to_regnamespace('"+home+"') is null then create schema "+home+"; end if; end $$"); err != nil {
		return nil, err
	}
	grants, err := texts(ctx, tx, `
select format('grant usage on schema %I to %s', $2::text, grantee_of(a.grantee)) from pg_namespace n, aclexplode(n.nspacl) a where n.nspname = $1 and a.grantee <> n.nspowner
union all
select format('grant %s on %I.%I to %s', a.privilege_type, $2::text, c.relname, grantee_of(a.grantee)) from pg_class c, aclexplode(c.relacl) a
where c.relnamespace = to_regnamespace($1) and a.grantee <> c.relowner and to_regclass(format('%I.%I', $2::text, c.relname)) is not null`, home, beside)
	if err != nil {
		return nil, err
	}
	builders, err = texts(ctx, tx, `
select distinct v.oid::regclass::text from pg_depend d join pg_rewrite r on r.oid = d.objid join pg_class v on v.oid = r.ev_class join pg_class c on c.oid = d.refobjid
where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass and c.relnamespace = to_regnamespace($1) and v.relnamespace <> c.relnamespace order by 1`, home)
	if err != nil {
		return nil, err
	}
	steps := append(grants, "alter schema "+home+" rename to "+before, "alter schema "+beside+" rename to "+home)
	if len(builders) == 0 {
		steps = append(steps, "drop schema "+before+" cascade")
	}
	if _, err := tx.Exec(ctx, strings.Join(steps, "; ")); err != nil {
		return nil, fmt.Errorf("putting the new tables into the place of the old: %w", err)
	}
	return builders, nil
}

// texts returns the one column of a query.
func texts(ctx context.Context, tx pgx.Tx, query string, args ...any) ([]string, error) {
	const grantee = "case when a.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end"
	rows, err := tx.Query(ctx, strings.ReplaceAll(query, "grantee_of(a.grantee)", grantee), args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
