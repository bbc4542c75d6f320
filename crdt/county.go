package crdt

import "strings"

// What the county alone writes is told by its name: all records of some kinds, and some
// fields of others. A name is the same on every machine and for ever. So an op shows by
// itself whether it is the county's, in whatever order ops come, to a machine that has no
// form for it too, and whatever kind the op claims to be of.

const (
	// CountyFields is the first of the numbers of fields that the county alone writes. The
	// last number of all, Alias, is everybody's.
	CountyFields FieldID = 60000
	// CountyKinds begins the name of every kind of which the county alone writes records.
	CountyKinds = "county_"
	// countyIDs begins the id of every such record. An id that is minted begins with a
	// moment, and so reaches it in the year 10889.
	countyIDs = "\xff\xff\xff\xff"
)

// County reports whether the county alone writes the field.
func (f FieldID) County() bool { return f >= CountyFields && f < Alias }

// County reports whether the county alone writes the record.
func (id RecordID) County() bool { return string(id[:len(countyIDs)]) == countyIDs }

// CountyKind reports whether the county alone writes records of the kind.
func CountyKind(kind string) bool { return strings.HasPrefix(kind, CountyKinds) }

// County reports whether nobody but the county may have written the op. Each part of its
// name is enough: who claims another kind names the record still, and who makes a record
// of the county's kind elsewhere names the kind.
func (op Op) County() bool {
	return op.Record.County() || op.Field.County() || CountyKind(op.Kind)
}
