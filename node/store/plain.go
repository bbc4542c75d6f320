package store

import (
	"encoding/binary"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// Plain is bbolt alone: no order, no proof, no merge. It is what the disk asks
// for the same bytes, and the yardstick that the store's speed is given by.
type Plain struct{ db *bolt.DB }

// OpenPlain opens or makes the file.
func OpenPlain(path string) (*Plain, error) {
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: lockTimeout, FreelistType: bolt.FreelistMapType})
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	return &Plain{db}, db.Update(func(tx *bolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(logBucket)
		return err
	})
}

// Put makes entries durable, one behind the other: one transaction, one fsync.
func (p *Plain) Put(entries ...[]byte) error {
	return p.db.Update(func(tx *bolt.Tx) error {
		log := tx.Bucket(logBucket)
		for _, e := range entries {
			n, err := log.NextSequence()
			if err != nil {
				return err
			}
			if err := log.Put(binary.BigEndian.AppendUint64(nil, n), e); err != nil {
				return err
			}
		}
		return nil
	})
}

// Close closes the file.
func (p *Plain) Close() error { return p.db.Close() }
