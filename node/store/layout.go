package store

import (
	"errors"
	"maps"
	"slices"
)

// LayOut writes a stopped node's file anew for a simulation, so that what stands in it
// says on which page it stands: bbolt writes the buckets that a commit changed in the
// order of a map, and damage to a page would hit another thing in every run. So each
// commit here changes one bucket.
func LayOut(path string) error {
	return rewriteFrom(&FaultyDisk{}, path, path, func(r *rewriter, p *pages) error {
		for _, name := range slices.Sorted(maps.Keys(p.trees)) {
			bucket := []byte(name)
			err := errors.Join(r.room(bucket), p.each(bucket, nil, nil, func(k, v []byte) error { return r.put(bucket, k, v) }))
			if err == nil {
				err = errors.Join(r.commit(), r.begin())
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
