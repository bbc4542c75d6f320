package report

import (
	"slices"

	"wangge/crdt"
	"wangge/schema"
)

// facts is what the reports of one kind see of its living records: a row a record, a
// column for each thing that some report looks at. At a county's year it takes about a
// hundred bytes a record.
type facts struct {
	kind *schema.Kind
	rows map[crdt.RecordID]int32
	ids  []crdt.RecordID // of the rows
	free []int32         // rows of records that are gone

	areas        areas
	area         *schema.Field // nil where the kind has none
	dates        []dates
	combinations []*combinations
	members      []*members
	addends      []*addends
	blocks       map[*[]int32]*blocks // by a date, of kinds that are rolled up

	tallies    []*tally // of the kind's reports that count for themselves
	rolledFrom int      // of how many rows on they are rolled up
}

func newFacts(k *schema.Kind, rolledFrom int) *facts {
	area, _ := k.Field(k.Area.Field)
	return &facts{
		kind: k, rows: map[crdt.RecordID]int32{}, areas: areas{at: map[string]int32{}, levels: map[int]*level{}}, area: area,
		blocks: map[*[]int32]*blocks{}, rolledFrom: rolledFrom,
	}
}

// date returns the column of a date, nil of none.
func (fs *facts) date(name string) *[]int32 {
	if name == "" {
		return nil
	}
	for _, d := range fs.dates {
		if d.name == name {
			return d.of
		}
	}
	field, _ := fs.kind.Field(name)
	fs.dates = append(fs.dates, dates{name, field, new([]int32)})
	return fs.dates[len(fs.dates)-1].of
}

func (fs *facts) combination(by []string) *combinations {
	for _, c := range fs.combinations {
		if slices.Equal(c.fields, by) {
			return c
		}
	}
	c := newCombinations(by)
	for _, name := range by {
		field, _ := fs.kind.Field(name)
		c.asked = append(c.asked, field)
	}
	fs.combinations = append(fs.combinations, c)
	return c
}

func (fs *facts) member(of string) *members {
	for _, m := range fs.members {
		if m.name == of {
			return m
		}
	}
	m := &members{name: of, digits: schema.AreaDigits(of), at: map[crdt.Value]int32{}}
	m.field, _ = fs.kind.Field(of)
	fs.members = append(fs.members, m)
	return m
}

func (fs *facts) addend(of string) *addends {
	for _, a := range fs.addends {
		if a.name == of {
			return a
		}
	}
	a := &addends{name: of}
	a.field, _ = fs.kind.Field(of)
	fs.addends = append(fs.addends, a)
	return a
}

// put makes a record's row what the record is now, and takes it away where the record
// is of another kind or deleted. It reports whether a row names somebody for the first
// time.
func (fs *facts) put(id crdt.RecordID, rec crdt.Record) (fresh bool) {
	row, known := fs.rows[id]
	if known {
		for _, t := range fs.tallies {
			t.leave(int(row))
		}
		for _, m := range fs.members {
			m.clear(int(row))
		}
		for _, b := range fs.blocks {
			b.remove(row)
		}
	}
	if rec.Kind != fs.kind.Name || rec.Fate() == crdt.Dead {
		if known {
			for _, t := range fs.tallies {
				t.own.put(int(row), false) // nothing counts it again
			}
			delete(fs.rows, id)
			fs.free = append(fs.free, row)
		}
		return false
	}
	if !known {
		row = fs.place(id)
	}
	fresh = fs.fill(int(row), rec)
	for _, b := range fs.blocks {
		b.add(fs, row)
	}
	for _, t := range fs.tallies {
		t.own.put(int(row), t.meetsOwn(rec))
		t.retake(int(row))
	}
	return fresh
}

func (fs *facts) place(id crdt.RecordID) (row int32) {
	if n := len(fs.free); n > 0 {
		row, fs.free = fs.free[n-1], fs.free[:n-1]
		fs.ids[row] = id
	} else {
		row = int32(len(fs.ids))
		fs.ids = append(fs.ids, id)
	}
	fs.rows[id] = row
	return row
}

// fill writes into the columns what a record says. Which fields that is was found out once: a name
// is looked for among all of a kind's fields.
func (fs *facts) fill(row int, rec crdt.Record) (fresh bool) {
	area := areaIn(winner(fs.area, rec))
	fs.areas.set(row, area)
	for _, d := range fs.dates {
		*d.of = sized(*d.of, row)
		(*d.of)[row] = dayOf(winner(d.field, rec))
	}
	for _, c := range fs.combinations {
		c.fill(row, rec)
	}
	for _, m := range fs.members {
		member := winner(m.field, rec)
		if m.digits > 0 {
			member = beginning(area, m.digits)
		}
		fresh = m.set(row, member) || fresh
	}
	for _, a := range fs.addends {
		n, filled := addendIn(a.field, rec)
		a.set(row, n, filled)
	}
	return fresh
}

// ordered returns those of some records that have a row here, by their ids.
func (fs *facts) ordered(ids []crdt.RecordID) (rows []int32) {
	for _, id := range slices.SortedFunc(slices.Values(ids), crdt.RecordID.Compare) {
		if row, ok := fs.rows[id]; ok {
			rows = append(rows, row)
		}
	}
	return rows
}

// fieldsOf returns the groupings of a report that are the kind's own fields.
func fieldsOf(r *schema.Report) []string {
	return slices.DeleteFunc(slices.Clone(r.By), func(name string) bool {
		return name == schema.ByArea || schema.IsPeriod(name)
	})
}
