package report

import (
	"slices"
	"strings"

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
	dates        map[string]*[]int32 // of a field, the day's number or noDay
	combinations map[string]*combinations
	members      map[string]*members
	addends      map[string]*addends
	blocks       map[*[]int32]*blocks // by a date, of kinds that are rolled up

	tallies    []*tally // of the kind's reports that count for themselves
	rolledFrom int      // of how many rows on they are rolled up
}

func newFacts(k *schema.Kind, rolledFrom int) *facts {
	return &facts{
		kind: k, rows: map[crdt.RecordID]int32{}, areas: areas{at: map[string]int32{}, levels: map[int]*level{}},
		dates: map[string]*[]int32{}, combinations: map[string]*combinations{}, members: map[string]*members{}, addends: map[string]*addends{},
		blocks: map[*[]int32]*blocks{}, rolledFrom: rolledFrom,
	}
}

// date returns the column of a date, nil of none.
func (fs *facts) date(name string) *[]int32 {
	if name != "" && fs.dates[name] == nil {
		fs.dates[name] = new([]int32)
	}
	return fs.dates[name]
}

func (fs *facts) combination(by []string) *combinations {
	key := strings.Join(by, ",")
	if fs.combinations[key] == nil {
		fs.combinations[key] = newCombinations(by)
	}
	return fs.combinations[key]
}

func (fs *facts) member(of string) *members {
	if fs.members[of] == nil {
		fs.members[of] = &members{at: map[crdt.Value]int32{}}
	}
	return fs.members[of]
}

func (fs *facts) addend(of string) *addends {
	if fs.addends[of] == nil {
		fs.addends[of] = &addends{}
	}
	return fs.addends[of]
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

func (fs *facts) fill(row int, rec crdt.Record) (fresh bool) {
	k := fs.kind
	fs.areas.set(row, areaOf(k, rec))
	for name, column := range fs.dates {
		*column = sized(*column, row)
		(*column)[row] = dayNumber(schema.Day(shown(k, rec, name)))
	}
	for _, c := range fs.combinations {
		values := make([]string, len(c.fields))
		for i, name := range c.fields {
			values[i] = written(shown(k, rec, name))
		}
		c.set(row, values)
	}
	for of, m := range fs.members {
		fresh = m.set(row, memberOf(k, rec, of)) || fresh
	}
	for of, a := range fs.addends {
		n, filled := addendOf(k, rec, of)
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
