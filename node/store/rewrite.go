package store

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// rewrite writes a new file beside path and puts it in path's place once it is
// durable: a crash leaves the one or the other, and so does an error.
func rewrite(d disk, path string, write func(*rewriter) error) error {
	if err := clearFresh(d, path); err != nil {
		return err
	}
	fresh := fresh(path)
	db, err := d.database(fresh, false)
	if err != nil {
		return fmt.Errorf("writing %s: %w", fresh, err)
	}
	defer d.remove(fresh) // not there any more when all went well
	db.AllocSize = 0      // no room ahead: the file is as long as what is in it
	r := &rewriter{db: db}
	err = r.begin()
	if err == nil {
		err = errors.Join(write(r), r.commit())
	}
	if err = errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", fresh, err)
	}
	return move(d, path)
}

// rewriter fills a new file in transactions of a bounded size.
type rewriter struct {
	db   *bolt.DB
	tx   *bolt.Tx
	size int
}

const (
	rewriteSize = 8 << 20 // bytes of a transaction
	// rewriteFill leaves a little room in every page, or the next save would
	// split as many pages as it touches.
	rewriteFill = 0.97
)

func (r *rewriter) begin() (err error) {
	if r.tx, err = r.db.Begin(true); err != nil {
		return err
	}
	for _, name := range buckets {
		if err := r.room(name); err != nil {
			return err
		}
	}
	return nil
}

func (r *rewriter) room(bucket []byte) error {
	b, err := r.tx.CreateBucketIfNotExists(bucket)
	if err == nil {
		b.FillPercent = rewriteFill
	}
	return err
}

func (r *rewriter) commit() error {
	r.size = 0
	return r.tx.Commit()
}

func (r *rewriter) put(bucket, key, value []byte) error {
	if r.size += len(key) + len(value); r.size > rewriteSize {
		if err := errors.Join(r.commit(), r.begin()); err != nil {
			return err
		}
	}
	return r.tx.Bucket(bucket).Put(key, value)
}

// copyFile rewrites one file into another without its free pages. A key that drop
// names is left out.
func copyFile(d disk, from, to string, drop func(bucket, key []byte) bool) error {
	return rewriteFrom(d, from, to, func(r *rewriter, p *pages) error { return r.copy(p, drop) })
}

// rewriteFrom writes one file from another, or from itself. It refuses a file
// with damaged pages, which a copy would hide.
func rewriteFrom(d disk, from, to string, write func(*rewriter, *pages) error) error {
	return reserved(from, func(file *os.File) error {
		var damage error
		damaged := func(part string, err error) { damage = errors.Join(damage, fmt.Errorf("%s: %w", part, err)) }
		p, err := openPages(file, damaged, func(int64) {})
		if err != nil {
			return err
		}
		return rewrite(d, to, func(r *rewriter) error {
			err := write(r, p)
			if damage != nil {
				err = fmt.Errorf("%s is damaged, look at it with wangge verify: %w", from, damage)
			}
			return err
		})
	})
}

func (r *rewriter) copy(p *pages, drop func(bucket, key []byte) bool) (err error) {
	for _, name := range slices.Sorted(maps.Keys(p.trees)) {
		bucket := []byte(name)
		err = errors.Join(err, r.room(bucket), p.each(bucket, nil, nil, func(k, v []byte) error {
			if drop(bucket, k) {
				return nil
			}
			return r.put(bucket, k, v)
		}))
	}
	return err
}
