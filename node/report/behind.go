package report

import (
	"slices"
	"strings"

	"wangge/crdt"
	"wangge/schema"
)

// The sides of a figure that is made of others, for Behind. One of them may itself be
// made of others: then.per.
const (
	SideOf   = "of"   // above the line of a ratio
	SidePer  = "per"  // below it
	SideNow  = "now"  // of a difference or growth
	SideThen = "then" // a period back
)

// Found is one of the records behind a figure.
type Found struct {
	ID   crdt.RecordID
	Area string // its code
}

// Behind returns the records that a figure counts, by their ids: those after one, and at
// most so many. side says which records of a figure that is made of others, by default
// those above the line, and now. By is not looked at: Cell makes a row's question of a
// table's. Errors are schema.Problems.
func (f *Figures) Behind(q Query, side string, after crdt.RecordID, limit int) (*schema.Kind, []Found, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.settle()
	q.By = nil
	asked, err := f.question(q)
	for err == nil && !counts(asked.report) {
		var first string
		first, side, _ = strings.Cut(side, ".")
		if q, err = asked.side(q, first, f.registry); err == nil {
			asked, err = f.question(q)
		}
	}
	if err == nil && side != "" {
		err = wrong("side", "这个数字没有这一侧：%s", "this figure has no such side: %s", side)
	}
	if err != nil {
		return nil, nil, err
	}
	return asked.kind, f.tally(asked).behind(asked, after, limit), nil
}

// side returns the query of one of the reports of which another is made.
func (q *question) side(asked Query, side string, registry *schema.Registry) (Query, error) {
	sides := []string{SideOf, SidePer}
	if q.report.Compares() {
		sides = []string{SideNow, SideThen}
	}
	name := q.report.Of
	switch {
	case side == "" || side == sides[0]:
	case side != sides[1]:
		return asked, wrong("side", "可选：%s", "this figure has the sides: %s", strings.Join(sides, ", "))
	case side == SidePer:
		name = q.report.Per
	default:
		asked = q.earlier(asked)
	}
	kind, report, _ := registry.Report(q.kind, name)
	asked.Report = kind.Name + "." + report.Name
	return asked, nil
}

// behind returns the first so many of the rows that a question counts, by their ids.
func (t *tally) behind(q *question, after crdt.RecordID, limit int) (found []Found) {
	codes, values := q.areaPlaces(t.facts.areas.names), q.fieldPlaces(t.fields)
	least := func() {
		slices.SortFunc(found, func(a, b Found) int { return a.ID.Compare(b.ID) })
		found = found[:min(len(found), limit)]
	}
	for row := range t.taken.all {
		area := t.facts.areas.of[row]
		if codes[area] == out || values[t.fields.of[row]] == out || !t.dated(q, row) || t.facts.ids[row].Compare(after) <= 0 {
			continue
		}
		if found = append(found, Found{t.facts.ids[row], t.facts.areas.names[area]}); len(found) >= 2*limit+100 {
			least()
		}
	}
	least()
	return found
}

// dated reports whether a row is of the days that a question asks for.
func (t *tally) dated(q *question, row int) bool {
	if t.report.Standing() {
		return t.stands(row, q.asOf)
	}
	day := t.dayOf(row)
	return day >= q.from && day <= q.to
}

// Cell returns the question of one row of a query's table, by the row's keys.
func (q Query) Cell(keys []string) (Query, error) {
	if len(keys) != len(q.By) {
		return q, wrong("row", "行的键应与分组一一对应：%s", "give a row's keys, one for each grouping: %s", strings.Join(q.By, ", "))
	}
	where := map[string]string{}
	for name, value := range q.Where {
		where[name] = value
	}
	for i, by := range q.By {
		base, _, _ := strings.Cut(by, ":")
		switch {
		case base == schema.ByArea:
			if len(keys[i]) > len(q.Area) {
				q.Area = keys[i]
			}
		case schema.IsPeriod(base):
			first, last, ok := parsePeriod(base, keys[i])
			if !ok {
				return q, wrong("row", "不是时段：%s", "this is no period: %s", keys[i])
			}
			q.From, q.To = max(q.From, dayText(first)), earliest(q.To, dayText(last))
			q.AsOf = ""
		default:
			where[base] = keys[i]
		}
	}
	if q.By, q.Where = nil, nil; len(where) > 0 {
		q.Where = where
	}
	return q, nil
}

// earliest returns the earlier of two days of which the first may be open.
func earliest(to, last string) string {
	if to == "" {
		return last
	}
	return min(to, last)
}
