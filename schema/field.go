package schema

import (
	"encoding/json"

	"wangge/crdt"
)

// FieldType says what a field holds, and so how its value is checked, stored
// and asked for.
type FieldType string

// The field types. The comment gives the form's JSON, and the stored value where
// it differs.
const (
	TypeText       FieldType = "text"        // a text
	TypeInt        FieldType = "int"         // a whole number
	TypeDecimal    FieldType = "decimal"     // a number, stored as a float
	TypeBool       FieldType = "bool"        // true or false
	TypeInstant    FieldType = "instant"     // milliseconds since 1970, or a text such as 2026-11-22T09:30
	TypeDate       FieldType = "date"        // a calendar day such as 2026-11-22, stored as text
	TypeChoice     FieldType = "choice"      // the value of one option
	TypeChoices    FieldType = "choices"     // a list of options' values, stored as a set
	TypeCounty     FieldType = "county"      // 6 digits
	TypeDistrict   FieldType = "district"    // a county's 6 digits, a township's 9, or a community's 12
	TypeArea       FieldType = "area"        // a community's 12 digits
	TypeGrid       FieldType = "grid"        // a community's 12 digits and 2 to 5 more
	TypeHousehold  FieldType = "household"   // a grid's digits and 4 more
	TypeResidentID FieldType = "resident_id" // GB 11643
	TypeMobile     FieldType = "mobile"      // 11 digits
	TypeCreditCode FieldType = "credit_code" // GB 32100
	TypeLink       FieldType = "link"        // a record's id, or the linked form itself when inline
	TypeLinks      FieldType = "links"       // a list of either, stored as a set of references
	TypePhoto      FieldType = "photo"       // a list of files, stored as attachments
	TypeFile       FieldType = "file"        // likewise
	TypeLadder     FieldType = "ladder"      // a rung, a step, or a list of steps, stored as a log of steps
)

// FieldTypes returns every field type.
func FieldTypes() []FieldType {
	return []FieldType{
		TypeText, TypeInt, TypeDecimal, TypeBool, TypeInstant, TypeDate, TypeChoice, TypeChoices, TypeLadder, TypeCounty, TypeDistrict, TypeArea, TypeGrid,
		TypeHousehold, TypeResidentID, TypeMobile, TypeCreditCode, TypeLink, TypeLinks, TypePhoto, TypeFile,
	}
}

// Merges returns every way in which a field may merge.
func Merges() []crdt.Type {
	return []crdt.Type{crdt.Register, crdt.Set, crdt.Counter, crdt.Bounded, crdt.MergedText, crdt.Attachments, crdt.Log}
}

// Field is one question of a form and one field of a record.
type Field struct {
	ID        crdt.FieldID `json:"id"` // from 1; never used again for another field
	Name      string       `json:"name"`
	Section   Text         `json:"section,omitzero"` // the heading above this question, where a part of the form begins
	Title     Text         `json:"title"`
	Hint      Text         `json:"hint,omitzero"`
	Type      FieldType    `json:"type"`
	Merge     crdt.Type    `json:"merge"`              // never changes
	Required  bool         `json:"required,omitempty"` // of a bool: it must be true, as a ticked box
	Guarded   bool         `json:"guarded,omitempty"`  // marks a person: lists show it masked
	Sealed    bool         `json:"sealed,omitempty"`   // sensitive: shown in the record itself and nowhere else
	Office    bool         `json:"office,omitempty"`   // names an office or who acts in it: shown as it is
	Multiline bool         `json:"multiline,omitempty"`
	Range     Range        `json:"range,omitzero"`
	Options   []Option     `json:"options,omitempty"`
	To        string       `json:"to,omitempty"`     // the kind that a link points at
	Parent    string       `json:"parent,omitempty"` // of inline links: that kind's field which links back here
	Inline    bool         `json:"inline,omitempty"` // the form asks for the linked kind's fields
	Files     Files        `json:"files,omitzero"`   // of a photo or file
	Ask       Formula      `json:"ask,omitzero"`     // asked only where this holds of the fields before it
	Must      []Must       `json:"must,omitempty"`   // what has to hold where it is filled in
	Is        Formula      `json:"is,omitzero"`      // what it comes to: never asked, never stored
	Decide    Decide       `json:"decide,omitzero"`  // how the county gives it: never asked
}

// Range bounds a number's value or a text's length in code points. The zero
// Range leaves numbers free and texts at textMax.
type Range struct {
	Min float64 `json:"min"`
	Max float64 `json:"max"`
}

// textMax is how many code points a text may have unless its field says
// otherwise: a page of Chinese, and at most 8 KB on the wire.
const textMax = 2000

// Option is one value that a choice offers, or a rung of a ladder.
type Option struct {
	Value string `json:"value"`
	Title Text   `json:"title"`

	After  []string `json:"after,omitempty"`  // of a rung: those from which a case goes on to it; none: a case begins here
	Begins bool     `json:"begins,omitempty"` // of a rung that comes after others: a case may begin here too
	Ends   bool     `json:"ends,omitempty"`   // of a rung: the case is closed
	Asks   []string `json:"asks,omitempty"`   // of a rung: fields that must be filled in by then
}

// begins reports whether a case may begin at the rung.
func (o Option) begins() bool { return o.Begins || len(o.After) == 0 }

// DefaultMerge returns how a field of type t merges unless its kind says
// otherwise.
func (t FieldType) DefaultMerge() crdt.Type {
	switch {
	case t == TypeChoices || t == TypeLinks:
		return crdt.Set
	case t.holdsFiles():
		return crdt.Attachments
	case t == TypeLadder:
		return crdt.Log
	}
	return crdt.Register
}

// MarshalJSON writes the merge type by its name.
func (f Field) MarshalJSON() ([]byte, error) {
	type plain Field
	return json.Marshal(struct {
		plain
		Merge string `json:"merge"`
	}{plain(f), f.Merge.String()})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (f *Field) UnmarshalJSON(data []byte) error {
	type plain Field
	var read struct {
		plain
		Merge string `json:"merge"`
	}
	if err := json.Unmarshal(data, &read); err != nil {
		return err
	}
	merge, err := crdt.ParseType(read.Merge)
	if err != nil {
		return err
	}
	*f = Field(read.plain)
	f.Merge = merge
	return nil
}
