package node

import (
	"cmp"
	"encoding/binary"
	"slices"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/node/web"
)

// Waiting returns a page of those records of a kind of which something has not
// reached the county, the latest changed first. They are found by the batches
// and the files that wait, so they are quick to find among a million.
func (d desk) Waiting(kind string, cursor []byte, limit int) (web.List, error) {
	list := web.List{Items: []web.Item{}}
	k, ok := d.kinds.Kind(kind)
	if !ok {
		if !slices.Contains(d.newer(), kind) {
			return list, web.ErrMissing
		}
		k = stranger(kind)
	}
	all, err := d.unsentOf(kind)
	if err != nil {
		return list, err
	}
	for _, l := range all {
		key := waitingKey(l)
		if slices.Compare(key, cursor) <= 0 {
			continue
		}
		if len(list.Items) == limit {
			return list, nil
		}
		list.Items, list.Next = append(list.Items, d.item(k, l)), key
	}
	list.Next = nil
	return list, nil
}

func (d desk) unsentOf(kind string) (all []store.Listed, err error) {
	u, err := d.store.Unsent()
	if err != nil {
		return nil, err
	}
	for _, o := range d.owed() {
		d.addRecord(u.Records, o)
	}
	for space, records := range u.Records {
		for id, of := range records {
			if of != kind {
				continue
			}
			rec, err := d.store.Record(space, id)
			if err != nil {
				return nil, err
			}
			all = append(all, store.Listed{Space: space, ID: id, Record: rec})
		}
	}
	slices.SortFunc(all, func(a, b store.Listed) int {
		return cmp.Or(-cmp.Compare(a.Record.Stamp(), b.Record.Stamp()), a.Space.Compare(b.Space), slices.Compare(a.ID[:], b.ID[:]))
	})
	return all, nil
}

// waitingKey goes on behind a record: the moment, the latest first, and the name.
func waitingKey(l store.Listed) []byte {
	b := binary.BigEndian.AppendUint64(nil, ^uint64(l.Record.Stamp()))
	return append(append(b, spaceKey(l.Space)...), l.ID[:]...)
}

// spaceKey sorts as spaces do.
func spaceKey(s crdt.Space) []byte { return append([]byte(s.Area), 0, byte(s.Class)) }
