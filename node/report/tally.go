package report

import (
	"wangge/crdt"
	"wangge/schema"
)

// tally is one report over the facts of its kind: which rows count, and rollups of
// these that answer without looking at rows.
type tally struct {
	facts  *facts
	report *schema.Report

	mine   []schema.Formula // the conditions on a record's own fields
	own    rowSet           // the rows that meet the conditions on their own fields
	hidden rowSet           // the rows of records that are one with a record which is counted already
	taken  rowSet           // the rows that count
	count  int              // how many those are
	looks  []*look

	day      *[]int32 // nil where the report has no days
	from, to *[]int32 // of what stands for a time
	fields   *combinations
	members  *members   // of a distinct count
	persons  []*members // of what goes up: the fields that say of whom a record is
	addends  *addends   // of a sum or an average

	rollups []*rollup
	rolled  int     // how many rows counted when they were made
	making  *making // those that will take their place; nil: none is on its way
	asked   bool    // somebody asked for what is not rolled up as it should be
}

// look is a condition on the record to which a link leads. That record may come after,
// and change without, those that link to it.
type look struct {
	link   *members
	to     *schema.Kind
	that   schema.Formula
	absent bool                       // whether it holds of a record that is not here
	others map[crdt.RecordID]struct{} // the linked records of which it is otherwise
}

func newTally(fs *facts, r *schema.Report, registry *schema.Registry) *tally {
	t := &tally{
		facts: fs, report: r, fields: fs.combination(fieldsOf(r)),
		day: fs.date(r.Dated(fs.kind)), from: fs.date(r.From), to: fs.date(r.To),
	}
	switch r.Count {
	case schema.Distinct:
		t.members = fs.member(r.Of)
	case schema.Sum, schema.Average:
		t.addends = fs.addend(r.Of)
	}
	if r.Standing() {
		t.day = nil
	}
	if len(r.Publish) > 0 {
		for _, name := range registry.Persons(fs.kind) {
			t.persons = append(t.persons, fs.member(name))
		}
	}
	for _, condition := range r.Where {
		link, that, _ := condition.Through()
		if link == "" {
			t.mine = append(t.mine, that)
			continue
		}
		field, _ := fs.kind.Field(link)
		to, _ := registry.Kind(field.To)
		t.looks = append(t.looks, &look{
			link: fs.member(link), to: to, that: that, absent: meets(to, that, crdt.Record{}), others: map[crdt.RecordID]struct{}{},
		})
	}
	return t
}

// meetsOwn reports whether a record meets the conditions on its own fields.
func (t *tally) meetsOwn(rec crdt.Record) bool {
	for _, that := range t.mine {
		if !meets(t.facts.kind, that, rec) {
			return false
		}
	}
	return true
}

// holds reports whether the condition holds of the record that a row links to.
func (l *look) holds(row int) bool {
	member := l.link.of[row]
	if member == none {
		return l.absent
	}
	id, _ := l.link.values[member].Ref()
	_, otherwise := l.others[id]
	return l.absent != otherwise
}

// see takes note of a record as it is now, and looks again at the rows that link to it.
func (t *tally) see(l *look, id crdt.RecordID, rec crdt.Record) {
	_, was := l.others[id]
	is := rec.Kind == l.to.Name && meets(l.to, l.that, rec) != l.absent
	if was == is {
		return
	}
	if is {
		l.others[id] = struct{}{}
	} else {
		delete(l.others, id)
	}
	if member, ok := l.link.at[crdt.Ref(id)]; ok {
		l.link.rows(member, func(row int) bool {
			t.retake(row)
			return true
		})
	}
}

// retake counts a row if it is to be counted, and only then.
func (t *tally) retake(row int) {
	counts := t.own.has(row) && !t.hidden.has(row)
	for _, l := range t.looks {
		counts = counts && l.holds(row)
	}
	switch {
	case !counts:
		t.leave(row)
	case !t.taken.has(row):
		t.taken.put(row, true)
		t.count++
		t.counted(row)
		if t.count == t.facts.rolledFrom && t.day != nil {
			t.facts.block(t.day)
		}
	}
}

// leave stops counting a row.
func (t *tally) leave(row int) {
	if !t.taken.has(row) {
		return
	}
	t.taken.put(row, false)
	t.count--
	t.uncounted(row)
}

// dayOf returns the day of a row.
func (t *tally) dayOf(row int) int32 {
	if t.day == nil {
		return noDay
	}
	return (*t.day)[row]
}

// stands reports whether what a row is about stands at the end of a day. What does not
// say since when has always stood.
func (t *tally) stands(row int, day int32) bool {
	if t.from != nil && (*t.from)[row] > day {
		return false
	}
	return t.to == nil || (*t.to)[row] == noDay || (*t.to)[row] > day
}
