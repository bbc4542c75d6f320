package store

import (
	"encoding/binary"
	"maps"
	"slices"

	"wangge/sync/wire"
)

// complete notes, for the device, the latest moment at which the county had all
// of its work. An entry that comes late, or twice, changes nothing.
func (t *transaction) complete(c wire.Complete) error {
	if c.At <= t.completes[c.Device].At {
		return nil
	}
	t.store.mu.RLock()
	known := t.store.mirror.completes[c.Device]
	t.store.mu.RUnlock()
	if c.At <= known.At {
		return nil
	}
	t.completes[c.Device] = c
	key := binary.BigEndian.AppendUint32(nil, c.Device)
	return t.bolt.Bucket(completeBucket).Put(key, wire.Encode(c))
}

// Completes returns, for every device that the county has heard of, up to when
// it has all of its work, in order of devices.
func (s *Store) Completes() []wire.Complete {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var all []wire.Complete
	for _, device := range slices.Sorted(maps.Keys(s.mirror.completes)) {
		all = append(all, s.mirror.completes[device])
	}
	return all
}

func (m *mirror) loadComplete(_, v []byte) error {
	entry, err := wire.Decode(v)
	if err != nil {
		return err
	}
	if c, ok := entry.(wire.Complete); ok {
		m.completes[c.Device] = c
	}
	return nil
}
