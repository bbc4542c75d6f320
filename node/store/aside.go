package store

import (
	"errors"
	"slices"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"wangge/sync/wire"
)

// asideBucket keeps what people said of troubles that they have dealt with.
var asideBucket = []byte("asides")

const (
	// asideKept is for how long at least what was dealt with is kept.
	asideKept = 366 * 24 * time.Hour
	// asideMax bounds how many are kept.
	asideMax = 1000
)

// PutAside notes, at a box, that a person has dealt with a trouble, or takes that back.
func (s *Store) PutAside(a wire.Aside) error {
	return s.commit(func(t *transaction) error { return t.putAside(a) })
}

// AsideFits reports whether there is room to put another trouble aside.
func (s *Store) AsideFits(a wire.Aside) (fits bool, err error) {
	return fits, s.view(func(tx *bolt.Tx) error {
		bucket := tx.Bucket(asideBucket)
		_, kept, err := staleAsides(bucket, a.At)
		fits = a.Reason == "" || bucket.Get([]byte(a.ID)) != nil || kept < asideMax
		return err
	})
}

// putAside notes it. Like all that is committed it follows from the file and the entry
// alone, so what is older than a year goes by the entry's moment.
func (t *transaction) putAside(a wire.Aside) error {
	bucket := t.bolt.Bucket(asideBucket)
	old, kept, err := staleAsides(bucket, a.At)
	for _, key := range old {
		err = errors.Join(err, bucket.Delete(key))
	}
	switch {
	case err != nil || a.ID == "":
		return err
	case a.Reason == "":
		return bucket.Delete([]byte(a.ID))
	case bucket.Get([]byte(a.ID)) == nil && kept >= asideMax:
		return nil // who asked has looked before; it stands
	}
	return bucket.Put([]byte(a.ID), wire.Encode(a))
}

// staleAsides returns the keys of those that were put aside more than a year before a
// moment in ms since 1970, and how many others there are.
func staleAsides(bucket *bolt.Bucket, at int64) (keys [][]byte, kept int, err error) {
	err = bucket.ForEach(func(k, v []byte) error {
		if a, ok := asideOf(v); !ok || at-a.At > asideKept.Milliseconds() {
			keys = append(keys, slices.Clone(k))
		} else {
			kept++
		}
		return nil
	})
	return keys, kept, err
}

// asideOf reads an entry. One that cannot be read puts nothing aside.
func asideOf(v []byte) (wire.Aside, bool) {
	m, err := wire.Decode(slices.Clone(v)) // it is kept, and the file's pages are not
	a, ok := m.(wire.Aside)
	return a, ok && err == nil
}

// Asides returns what people have dealt with, the latest first.
func (s *Store) Asides() (all []wire.Aside, err error) {
	err = s.view(func(tx *bolt.Tx) error {
		return tx.Bucket(asideBucket).ForEach(func(_, v []byte) error {
			if a, ok := asideOf(v); ok {
				all = append(all, a)
			}
			return nil
		})
	})
	slices.SortFunc(all, func(a, b wire.Aside) int {
		if a.At != b.At {
			return int(min(max(b.At-a.At, -1), 1))
		}
		return strings.Compare(a.ID, b.ID)
	})
	return all, err
}
