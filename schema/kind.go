// Package schema says what records mean: kinds, fields, what a valid form is, what reports count, and the national codes.
package schema

import (
	"encoding/json"

	"wangge/crdt"
)

// Text is a wording in the two languages that every screen speaks.
type Text struct {
	Zh string `json:"zh"`
	En string `json:"en"`
}

// Empty reports whether nothing is said. Checks return an empty text for a
// value that they accept.
func (t Text) Empty() bool { return t == Text{} }

// Kind is the compiled form of one sort of record, such as a visit. It is data
// only: the tablet is handed kinds as JSON, and builds its forms from them.
type Kind struct {
	Name     string     `json:"name"` // what ops carry; never changes
	Title    Text       `json:"title"`
	System   Text       `json:"system,omitzero"` // the work that the kind is part of; menus group kinds by it
	Class    crdt.Class `json:"class"`
	Area     Area       `json:"area"`
	Identity []string   `json:"identity,omitempty"` // fields that make two records the same one
	When     string     `json:"when,omitempty"`     // the instant or date field that dates a record
	Names    *Naming    `json:"names,omitempty"`    // its records give areas their names
	Alike    *Alike     `json:"alike,omitempty"`    // by what two of its records may be the same one
	Decide   bool       `json:"decide,omitempty"`   // the county alone makes its records, and changes them
	Fields   []Field    `json:"fields"`
	Tasks    []Task     `json:"tasks,omitempty"` // the work that its records cause
	Reports  []Report   `json:"reports,omitempty"`

	// Retired are the numbers of fields that there were: never used again.
	Retired []crdt.FieldID `json:"retired,omitempty"`
}

// Area says where a kind's records live: the space is named by the first Level
// digits of the code in Field.
type Area struct {
	Field string `json:"field"`
	Level int    `json:"level"` // County, Township or Community
}

// Field returns the field of that name.
func (k *Kind) Field(name string) (*Field, bool) {
	for i := range k.Fields {
		if k.Fields[i].Name == name {
			return &k.Fields[i], true
		}
	}
	return nil, false
}

// FieldByID returns the field of that number. A record may hold numbers that
// the kind does not know: they come from a newer form.
func (k *Kind) FieldByID(id crdt.FieldID) (*Field, bool) {
	if i := int(id) - 1; i >= 0 && i < len(k.Fields) && k.Fields[i].ID == id { // where a form was only ever added to at its end
		return &k.Fields[i], true
	}
	for i := range k.Fields {
		if k.Fields[i].ID == id {
			return &k.Fields[i], true
		}
	}
	return nil, false
}

// MarshalJSON writes the class by its name, since numbers mean nothing to a
// page and may not be read by a person.
func (k Kind) MarshalJSON() ([]byte, error) {
	type plain Kind
	return json.Marshal(struct {
		plain
		Class string `json:"class"`
	}{plain(k), k.Class.String()})
}

// UnmarshalJSON reads what MarshalJSON wrote. Keys of a newer program are
// passed over.
func (k *Kind) UnmarshalJSON(data []byte) error {
	type plain Kind
	var read struct {
		plain
		Class string `json:"class"`
	}
	if err := json.Unmarshal(data, &read); err != nil {
		return err
	}
	class, err := crdt.ParseClass(read.Class)
	if err != nil {
		return err
	}
	*k = Kind(read.plain)
	k.Class = class
	return nil
}
