package node

import (
	"encoding/json"
	"slices"
	"time"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/store"
	"wangge/node/web"
)

const (
	// writtenKind is the kind of the records that say who wrote something by hand in the
	// county's name. No registry has it; they stand in the space of the county alone,
	// since an official's reason may tell of a person.
	writtenKind  = crdt.CountyKinds + "written_by_hand"
	writtenField = crdt.FieldID(1)
	// namesMax is of how many records written at once the names are noted.
	namesMax = 20
)

// written is what such a record says.
type written struct {
	web.Signed
	At      int64      `json:"at"` // milliseconds since 1970
	Replica string     `json:"replica"`
	Kind    string     `json:"kind"`
	Field   string     `json:"field,omitempty"`
	Value   any        `json:"value,omitempty"`
	Records []web.Name `json:"records"`
	Count   int        `json:"count"`
}

// note returns the op by which something that was written is noted.
func (o official) note(w written, names []web.Name) (crdt.Op, error) {
	w.Signed, w.At, w.Replica = o.Signed, time.Now().UnixMilli(), o.id.Device.Name
	w.Records, w.Count = names[:min(namesMax, len(names))], len(names)
	said, err := json.Marshal(w)
	return crdt.Record{}.Assign(mintID().Of(writtenKind), writtenKind, writtenField, crdt.Text(string(said))), err
}

// Written lists what was written by hand, the latest first. A value of a field that is
// guarded, sealed or no more there is left out.
func (o officials) Written(limit int) ([]web.Written, error) {
	all := []web.Written{}
	err := o.store.Recent(writtenKind, nil, func(l store.Listed, _ []byte) bool {
		text, _ := l.Record.Cells[writtenField].Winner().Text()
		var w written
		if l.Space == policy.CountyAlone() && json.Unmarshal([]byte(text), &w) == nil {
			all = append(all, o.shown(w))
		}
		return len(all) < limit
	})
	return all, err
}

func (o officials) shown(w written) web.Written {
	out := web.Written{Signed: w.Signed, At: time.UnixMilli(w.At), Replica: w.Replica, Kind: w.Kind, Field: w.Field, Records: slices.Clip(w.Records), Count: w.Count}
	kind, ok := o.kinds.Kind(w.Kind)
	if !ok {
		return out
	}
	out.Title = kind.Title
	if f, ok := kind.Field(w.Field); ok {
		out.Asked = f.Title
		if !f.Guarded && !f.Sealed && kind.Class != crdt.Confidential {
			out.Value = w.Value
		}
	}
	return out
}
