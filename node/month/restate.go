package month

import (
	"context"
	"encoding/json"
	"reflect"
	"strconv"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/web"
)

// RestatedKind is the kind of the record that says how a closed month was restated: what
// goes up of it was counted anew. Each restatement has a record, and a number, of its own.
const RestatedKind = crdt.CountyKinds + "restated_month"

// statement is the closing of a month, which is number 1, or one of its restatements.
type statement struct {
	closing
	number int
}

// statementID names the record of a statement.
func statementID(month string, number int) crdt.RecordID {
	if number == 1 {
		return ClosedID(month)
	}
	return recordID("restated", month, strconv.Itoa(number))
}

// statements returns the closing of a month and its restatements, in their order; none
// while it is open.
func (m Months) statements(month string) (all []statement, err error) {
	for number := 1; ; number++ {
		rec, err := m.Store.Record(policy.CountyAlone(), statementID(month, number))
		if err != nil {
			return nil, err
		}
		c, ok, err := readClosing(rec)
		if err != nil || !ok {
			return all, err
		}
		all = append(all, statement{c, number})
	}
}

// restate has the county count anew what goes up of a closed month, and returns the
// statement that stands then: the last one, if the same would be published, and another's,
// if that was first.
func (m Months) restate(ctx context.Context, month, by string) (statement, error) {
	if err := m.County.Current(ctx); err != nil {
		return statement{}, err
	}
	before, err := m.statements(month)
	if err != nil || len(before) == 0 {
		return statement{}, orMissing(err)
	}
	last := before[len(before)-1]
	was, err := m.upwardOf(last)
	if err != nil {
		return statement{}, err
	}
	w, err := m.ID.NewWriter()
	if err != nil {
		return statement{}, err
	}
	f, err := m.freeze(month, by)
	if err != nil {
		return statement{}, err
	}
	f.Writer = w.Name().String()
	same, err := m.sameFigures(was, f.upward)
	if err != nil || same {
		return last, err
	}
	if err := m.writeFrozen(ctx, w, f.closing, map[string]any{upwardPart: f.upward}); err != nil {
		return statement{}, err
	}
	return m.decideRestated(ctx, w, statement{f.closing, last.number + 1})
}

// sameFigures reports whether two counts of a month come to the same publication.
func (m Months) sameFigures(was, now upward) (bool, error) {
	if was.Tables == nil || was.Least != now.Least {
		return false, nil
	}
	before, err := m.figuresOf(was)
	if err != nil {
		return false, err
	}
	after, err := m.figuresOf(now)
	return reflect.DeepEqual(before, after), err
}

// decideRestated says that a month is restated by what was written. Another who was first
// has taken the number.
func (m Months) decideRestated(ctx context.Context, w *policy.Writer, s statement) (statement, error) {
	said, err := json.Marshal(s.closing)
	if err != nil {
		return s, err
	}
	op := crdt.Record{}.Append(statementID(s.Month, s.number), RestatedKind, closingField, crdt.Text(string(said)))
	mine, err := m.County.First(ctx, w, op, func() (bool, error) {
		all, err := m.statements(s.Month)
		return len(all) >= s.number, err
	})
	if err != nil {
		return s, err
	}
	if mine {
		m.Log.Info("a month was restated", "month", s.Month, "number", s.number, "by", s.By, "commit", s.Commit)
	}
	all, err := m.statements(s.Month)
	if err == nil && len(all) >= s.number {
		s = all[s.number-1]
	}
	return s, err
}

// Restate has the county count anew what goes up of a closed month.
func (m Months) Restate(ctx context.Context, month, by string) (web.Statement, error) {
	s, err := m.restate(ctx, month, by)
	return s.shown(), err
}

func (s statement) shown() web.Statement {
	return web.Statement{Number: s.number, By: s.By, At: s.At, Complete: s.Complete}
}
