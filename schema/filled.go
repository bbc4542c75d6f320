package schema

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"

	"wangge/crdt"
)

// Filled is a form that passed its checks: what is to be written, and where.
type Filled struct {
	Kind   *Kind
	ID     crdt.RecordID // as the form or Records gave it; zero when nobody did
	Space  crdt.Space
	Area   string                        // the full code of which the space's is the beginning
	Values map[crdt.FieldID][]crdt.Value // only what was filled in; a set may have several
	Links  map[crdt.FieldID][]Filled     // the inline forms, and what names a record by its identity, by the field that links to them
}

// RecordID returns the record that the form writes: by the kind's identity
// fields if it has any, else by the id that the form carried. It returns false
// when the caller must mint one.
//
// The hash is keyed because identity numbers are few enough to try them all.
// Each part is led by its length, so that no two lists of values give the same
// bytes.
func (f Filled) RecordID(key []byte) (id crdt.RecordID, ok bool) {
	if len(f.Kind.Identity) == 0 {
		return f.ID.Of(f.Kind.Name), f.ID != crdt.RecordID{}
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(append([]byte(f.Kind.Name), 0))
	for _, name := range f.Kind.Identity {
		field, _ := f.Kind.Field(name)
		values := f.Values[field.ID]
		if len(values) != 1 {
			return id, false
		}
		mac.Write(binary.AppendUvarint(nil, uint64(len(values[0]))))
		mac.Write([]byte(values[0]))
	}
	return crdt.RecordID(mac.Sum(nil)[:len(id)]).Of(f.Kind.Name), true
}

// Records returns every record that the form writes, the linked ones first, each
// with its id, and with references in place of the links. Mint is asked for the
// ids that neither identity nor the form gives; the key is the county's.
func (f Filled) Records(key []byte, mint func() crdt.RecordID) []Filled {
	id, ok := f.RecordID(key)
	if !ok {
		id = mint().Of(f.Kind.Name)
	}
	var records []Filled
	values := maps.Clone(f.Values)
	for _, field := range slices.Sorted(maps.Keys(f.Links)) {
		link, _ := f.Kind.FieldByID(field)
		children := make([]crdt.Value, 0, len(f.Links[field]))
		alike := map[crdt.RecordID]int64{}
		for _, child := range f.Links[field] {
			if !link.Inline { // it only names a record
				if id, ok := child.RecordID(key); ok {
					children = append(children, crdt.Ref(id))
				}
				continue
			}
			linked := child.of(id, link, key, alike).Records(key, mint)
			records = append(records, linked...)
			children = append(children, crdt.Ref(linked[len(linked)-1].ID))
		}
		values[field] = slices.Concat(values[field], children)
	}
	return append(records, Filled{Kind: f.Kind, ID: id, Space: f.Space, Area: f.Area, Values: values})
}

// of makes the form one of those that a record's field of links asks for: it links
// back, and is the same record again when the form around it is sent again. Without
// an id of its own it is named by where it stands and by what it says; of those that
// say the same, by which of them it is.
func (f Filled) of(parent crdt.RecordID, link *Field, key []byte, alike map[crdt.RecordID]int64) Filled {
	if link.Type != TypeLinks {
		return f
	}
	if _, named := f.RecordID(key); !named {
		place := crdt.ChildID(parent, link.ID, f.digest(key))
		f.ID = crdt.ChildID(place, link.ID, crdt.Int(alike[place]))
		alike[place]++
	}
	return f.backTo(parent, link)
}

// backTo returns the form with its link to the record around it, if it has one.
func (f Filled) backTo(parent crdt.RecordID, link *Field) Filled {
	if back, ok := f.Kind.Field(link.Parent); ok {
		f.Values = maps.Clone(f.Values)
		f.Values[back.ID] = []crdt.Value{crdt.Ref(parent)}
	}
	return f
}

// digest is a keyed hash of what a form says, so that an id made of it tells nobody.
func (f Filled) digest(key []byte) crdt.Value {
	mac := hmac.New(sha256.New, key)
	for _, field := range slices.Sorted(maps.Keys(f.Values)) {
		mac.Write(binary.BigEndian.AppendUint16(nil, uint16(field)))
		mac.Write(binary.AppendUvarint(nil, uint64(len(f.Values[field]))))
		for _, v := range f.Values[field] {
			mac.Write(binary.AppendUvarint(nil, uint64(len(v))))
			mac.Write([]byte(v))
		}
	}
	return crdt.Value(mac.Sum(nil))
}
