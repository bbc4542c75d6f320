package store

import (
	"encoding/binary"
	"maps"
	"slices"

	"wangge/sync/wire"
)

// hear notes, for a device, when the county last heard it. An entry that comes late, or
// twice, changes nothing.
func (t *transaction) hear(h wire.Heard) error {
	t.store.mu.RLock()
	known := t.store.mirror.contacts[h.Device]
	t.store.mu.RUnlock()
	if h.At <= max(known.At, t.contacts[h.Device].At) {
		return nil
	}
	t.contacts[h.Device] = h
	return t.bolt.Bucket(heardBucket).Put(binary.BigEndian.AppendUint32(nil, h.Device), wire.Encode(h))
}

// Contacts returns when the county last heard each device, in order of devices. That it had
// all of a device's work at a moment says so too, and that it lacked nothing.
func (s *Store) Contacts() []wire.Heard {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := maps.Clone(s.mirror.contacts)
	for device, c := range s.mirror.completes {
		if h := all[device]; c.At > h.At {
			h.Device, h.Name, h.At, h.Greeted, h.Wants = device, c.Name, c.At, true, 0
			all[device] = h
		}
	}
	var list []wire.Heard
	for _, device := range slices.Sorted(maps.Keys(all)) {
		list = append(list, all[device])
	}
	return list
}

func (m *mirror) loadHeard(_, v []byte) error {
	entry, err := wire.Decode(v)
	if err != nil {
		return err
	}
	if h, ok := entry.(wire.Heard); ok {
		m.contacts[h.Device] = h
	}
	return nil
}
