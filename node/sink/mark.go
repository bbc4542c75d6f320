package sink

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"wangge/crdt"
	"wangge/schema"
)

// Whether a report counts a record is judged here and not in the database: conditions
// speak of fields as they are, and the tables have them masked.

// Columns beside those of exports. No field's name begins so.
const (
	whoColumn    = "_who"    // tokens of masked fields by which the kind's reports tell persons apart
	countsColumn = "_counts" // the kind's reports whose conditions on its own fields the record meets
	holdsColumn  = "_holds"  // the conditions of other kinds' reports that look at it through a link
)

// look is a condition that reports have on a record to which a link leads.
type look struct {
	name string // the condition as it is written
	that schema.Formula
}

// looksOf returns the conditions that look at each kind.
func looksOf(kinds *schema.Registry) map[string][]look {
	all := map[string][]look{}
	for _, k := range kinds.Kinds() {
		for i := range k.Reports {
			for _, condition := range k.Reports[i].Where {
				link, that, _ := condition.Through()
				f, ok := k.Field(link)
				if !ok {
					continue
				}
				known := slices.ContainsFunc(all[f.To], func(l look) bool { return l.name == that.String() })
				if !known {
					all[f.To] = append(all[f.To], look{that.String(), that})
				}
			}
		}
	}
	return all
}

// judged are the reports of a kind that have conditions on its own fields.
func judged(k *schema.Kind) map[string][]schema.Formula {
	all := map[string][]schema.Formula{}
	for i := range k.Reports {
		for _, condition := range k.Reports[i].Where {
			if link, that, _ := condition.Through(); link == "" {
				all[k.Reports[i].Name] = append(all[k.Reports[i].Name], that)
			}
		}
	}
	return all
}

// marks returns what stands in the columns beside those of exports.
func (t *table) marks(stored crdt.Record) (marks []any) {
	if len(t.judged) == 0 && len(t.looks) == 0 {
		return nil
	}
	rec := t.kind.Calculate(stored)
	meets := func(that schema.Formula) bool { return meets(t.kind, that, rec) }
	if len(t.judged) > 0 {
		counts := []string{}
		for _, name := range t.judgedNames {
			if !slices.ContainsFunc(t.judged[name], func(that schema.Formula) bool { return !meets(that) }) {
				counts = append(counts, name)
			}
		}
		marks = append(marks, counts)
	}
	if len(t.looks) > 0 {
		holds := []string{}
		for _, l := range t.looks {
			if meets(l.that) {
				holds = append(holds, l.name)
			}
		}
		marks = append(marks, holds)
	}
	return marks
}

// meets reports whether a condition holds of a record, as reports judge it.
func meets(k *schema.Kind, that schema.Formula, rec crdt.Record) bool {
	return k.Meets(that, func(id crdt.FieldID) []crdt.Value {
		if f, ok := k.FieldByID(id); ok {
			return f.Shown(rec.Cells[id])
		}
		return nil
	})
}

// dead returns what conditions through links see of a deleted record: to reports its fields
// are what they were.
func (t *table) dead(space crdt.Space, id crdt.RecordID, rec crdt.Record) [][]any {
	if len(t.looks) == 0 {
		return nil
	}
	marks := t.marks(rec)
	return [][]any{{id.String(), space.String(), t.kind.Name, marks[len(marks)-1]}}
}

// bury writes what dead returned.
func (s *Sink) bury(ctx context.Context, tx pgx.Tx, dead [][]any) error {
	if len(dead) == 0 {
		return nil
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{s.schema, "sink_dead"}, []string{"record", "space", "kind", "holds"}, pgx.CopyFromRows(dead))
	return err
}
