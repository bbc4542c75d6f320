package sink

import (
	"context"

	"github.com/jackc/pgx/v5"

	"wangge/crdt"
)

// Which records are one follows from what each names (crdt.Resolve). Few do, so what
// they name is kept, and who is one worked out anew whenever that changes.

// alias notes what a record names as the same.
func (w *pageWriter) alias(id crdt.RecordID, rec crdt.Record) {
	for _, other := range rec.Aliases() {
		w.aliases = append(w.aliases, []any{w.space.String(), id.String(), other.String()})
	}
}

// settle writes what records name as the same, and which are one.
func (w *pageWriter) settle() error {
	if len(w.aliases) == 0 && !w.parted {
		return nil
	}
	_, err := w.tx.CopyFrom(w.ctx, pgx.Identifier{w.sink.schema, "sink_alias"}, []string{"space", "record", "other"}, pgx.CopyFromRows(w.aliases))
	if err != nil {
		return err
	}
	return w.sink.resolve(w.ctx, w.tx)
}

// resolve works out which records are one: those that name each other, and those that are
// one with these; each goes by the smallest of their ids.
func (s *Sink) resolve(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, "delete from "+s.in("sink_one")); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `insert into `+s.in("sink_one")+` (record, space, one)
with recursive pair as (
  select distinct a.record, a.other from `+s.in("sink_alias")+` a join `+s.in("sink_alias")+` b on b.record = a.other and b.other = a.record
  where a.record <> a.other
), reached (record, other) as (
  select record, other from pair
  union
  select r.record, p.other from reached r join pair p on p.record = r.other
), first as (
  select record, least(record, min(other collate "C")) as one from reached group by record
)
select distinct f.record, a.space, f.one from first f join `+s.in("sink_alias")+` a on a.record = f.record`)
	return err
}
