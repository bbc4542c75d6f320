package node

import (
	"wangge/crdt"
	"wangge/node/store"
	"wangge/node/web"
	"wangge/schema"
)

// within saves a form that an edit adds to a record's links, in the draft of the edit
// itself, so that neither is there without the other. It returns the edit that adds
// the record's id.
func (d desk) within(draft *store.Draft, kind *schema.Kind, id crdt.RecordID, rec crdt.Record, e web.Edit) (web.Edit, schema.Problems, error) {
	form, isForm := e.Add.(map[string]any)
	field, ok := kind.Field(e.Field)
	if !isForm || !ok || field.Type != schema.TypeLinks {
		return e, nil, nil
	}
	place, _ := kind.Field(kind.Area.Field)
	area, _ := place.Winner(rec.Cells[place.ID]).Text()
	records, problems := d.kinds.CheckWithin(field, id, area, form, d.id.IdentityKey, mintID)
	if len(problems) > 0 {
		return e, problems, nil
	}
	for _, r := range records {
		if !d.id.Device.MayWrite(r.Space) {
			return e, schema.Problems{{Field: e.Field, Text: d.elsewhere(r)}}, nil
		}
	}
	problems, err := hindered(draft, records)
	if len(problems) > 0 || err != nil {
		return e, problems, err
	}
	for _, r := range records {
		if err := write(draft, r); err != nil {
			return e, nil, err
		}
	}
	e.Add = records[len(records)-1].ID.String()
	return e, nil, nil
}
