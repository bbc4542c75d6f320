package crdt

import (
	"bytes"
	"encoding/hex"
	"fmt"
)

// RecordID names a record: unique for ever, or a keyed hash of the record's
// identity fields, so that two centres that write down the same person offline
// write the same record.
type RecordID [16]byte

// String returns the id in hex.
func (id RecordID) String() string { return hex.EncodeToString(id[:]) }

// Compare orders ids by their bytes.
func (id RecordID) Compare(o RecordID) int { return bytes.Compare(id[:], o[:]) }

// ParseRecordID reads what String wrote.
func ParseRecordID(s string) (id RecordID, err error) {
	if len(s) != 2*len(id) {
		return id, fmt.Errorf("%q is not a record id: want %d hex digits", s, 2*len(id))
	}
	if _, err := hex.Decode(id[:], []byte(s)); err != nil {
		return id, fmt.Errorf("%q is not a record id: want %d hex digits", s, 2*len(id))
	}
	return id, nil
}

// FieldID is a field's number within its kind. Numbers are never used again for
// another field. The first and the last are the record's own: Deleted and Alias.
type FieldID uint16

// Type says how a field merges. It travels with every op, so that a node that
// does not know the kind merges, keeps and forwards it all the same. All types
// share one rule (see Cell.Apply); they differ in what they make of the visible
// entries, so an unknown type merges as well as a known one.
type Type uint8

// The merge types.
const (
	Register Type = 1 // one value; values written apart are all kept and shown
	Set      Type = 2 // a set of values; an addition wins over a removal that did not see it
	Counter  Type = 3 // a sum of what each writer added

	MergedText  Type = 4 // "text": characters, each where its writer put it, whatever others wrote around it
	Attachments Type = 5 // "attachment": a set of files, see Attachment
	Bounded     Type = 6 // a stock that never falls below zero: each writer spends what it has the right to
	Log         Type = 7 // entries that are only ever added to
)

var typeNames = [...]string{
	Register: "register", Set: "set", Counter: "counter", MergedText: "text",
	Attachments: "attachment", Bounded: "bounded", Log: "log",
}

// String returns the merge type's name as kinds declare it.
func (t Type) String() string {
	if t != 0 && int(t) < len(typeNames) {
		return typeNames[t]
	}
	return fmt.Sprintf("type%d", uint8(t))
}

// ParseType reads a merge type's name.
func ParseType(s string) (Type, error) {
	for t, name := range typeNames {
		if s == name && s != "" {
			return Type(t), nil
		}
	}
	return 0, fmt.Errorf("%q is not a merge type: want register, set, counter, text, attachment, bounded or log", s)
}

// Op is one change of one field of one record. Its value, if any, becomes
// visible; the dots in Replaces stop being visible. They are what the author
// saw, which makes cause and effect independent of every clock.
type Op struct {
	Record   RecordID
	Kind     string
	Field    FieldID
	Type     Type
	Value    Value // "" when the op only takes away
	Replaces []Dot
}

// Batch is what a writer signs: the ops of one saved form or import page, saved
// at one moment.
type Batch struct {
	Stamp Stamp
	Ops   []Op
}
