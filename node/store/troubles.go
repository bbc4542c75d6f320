package store

import (
	"encoding/binary"
	"slices"

	bolt "go.etcd.io/bbolt"

	"wangge/sync/wire"
)

// troubleBucket keeps what each replica said last that needs attention there.
var troubleBucket = []byte("troubles")

// tell notes what a replica says of itself, in place of what it said before: who says the
// later of two is the log's order, not the clocks'.
func (t *transaction) tell(m wire.Troubles) error {
	bucket, key := t.bolt.Bucket(troubleBucket), binary.BigEndian.AppendUint32(nil, m.Device)
	if len(m.All) == 0 {
		return bucket.Delete(key)
	}
	return bucket.Put(key, wire.Encode(m))
}

// Troubles returns what the replicas said last that needs attention there, in order of devices.
func (s *Store) Troubles() (all []wire.Troubles, err error) {
	return all, s.view(func(tx *bolt.Tx) error {
		return tx.Bucket(troubleBucket).ForEach(func(_, v []byte) error {
			entry, err := wire.Decode(slices.Clone(v)) // it is kept, and the file's pages are not
			if m, ok := entry.(wire.Troubles); ok {
				all = append(all, m)
			}
			return err
		})
	})
}
