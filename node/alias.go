package node

import (
	"wangge/crdt"
	"wangge/node/store"
	"wangge/node/web"
	"wangge/schema"
)

// alias writes that two records are one, or that they are not, into both: each
// names the other, so that either's page shows it and nobody merges away what
// this box may not write.
func (d desk) alias(draft *store.Draft, space crdt.Space, id crdt.RecordID, e web.Edit) (schema.Text, error) {
	name := e.Same
	if name == nil {
		name = e.Apart
	}
	otherSpace, other, theirs, err := d.find(*name)
	mine, wrong := draft.Record(space, id)
	switch {
	case wrong != nil:
		return schema.Text{}, wrong
	case e.Apart != nil:
		draft.Write(space, mine.NotSameAs(id, other))
		if err == nil && d.id.Device.MayWrite(otherSpace) {
			draft.Write(otherSpace, theirs.NotSameAs(other, id))
		}
	case err != nil || theirs.Kind != mine.Kind:
		return schema.Text{Zh: "本站没有这条记录，或者它不是同一种记录", En: "that record is not at this box, or is of another kind"}, nil
	case other == id:
		return schema.Text{Zh: "这就是这条记录本身", En: "that is this very record"}, nil
	case !d.id.Device.MayWrite(otherSpace):
		return schema.Text{Zh: "本站无权修改那条记录", En: "this box may not change that record"}, nil
	default:
		draft.Write(space, mine.SameAs(id, other))
		draft.Write(otherSpace, theirs.SameAs(other, id))
	}
	return schema.Text{}, nil
}

// twins returns the records that one names as the same, as far as they are here.
func (d desk) twins(id crdt.RecordID, rec crdt.Record) (twins []web.Twin) {
	for _, other := range rec.Aliases() {
		for _, s := range d.store.Spaces() {
			theirs, err := d.store.Record(s.Space, other)
			if err != nil || theirs.Kind == "" {
				continue
			}
			both := crdt.Resolve(map[crdt.RecordID][]crdt.RecordID{id: rec.Aliases(), other: theirs.Aliases()})
			twins = append(twins, web.Twin{
				Name:   web.Name{Kind: theirs.Kind, Space: s.Space.String(), ID: other.String()},
				Agreed: len(both) > 0,
			})
		}
	}
	return twins
}
