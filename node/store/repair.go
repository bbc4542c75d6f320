package store

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"

	"wangge/sync/wire"
)

// Repair writes a stopped node's file anew from what its log proves, and puts it
// in the old one's place, which stays until the new one is durable. A stream is
// cut behind its last proven batch; if it was this node's own, the new file has
// no author, because a writer that went on from there would sign a second batch
// under a number that peers may hold. A hub's file is mended only where it
// follows from its log. The findings are those before the repair.
func Repair(o Options, progress func(done, of int64)) (found Findings, err error) {
	return found, reserved(o.Path, func(file *os.File) error {
		var bad []wire.Hash
		var cut bool
		err := rewrite(o.files(), o.Path, func(r *rewriter) error {
			x := newExamination(o, &found, mender{r})
			err := x.run(file, progress)
			if err == nil {
				bad, err = x.files()
			}
			cut = x.cut
			return err
		})
		if err == nil && cut {
			err = newFiles(o.files(), o.Path, o.Now).renew()
		}
		if err != nil {
			return err
		}
		return mendFiles(o, bad)
	})
}

// mender writes what an examination proves.
type mender struct{ *rewriter }

func (m mender) batch(l logged) error { return m.put(logBucket, l.key, l.entry) }

func (m mender) space(f *fold) error {
	number := f.space.number
	err := m.put(spaceBucket, []byte(f.name.String()), f.space.encode())
	for _, w := range f.space.frontier.Writers() {
		key := streamKey(number, w)
		err = errors.Join(err, m.put(streamBucket, key, f.heads[w].encode(key)))
	}
	for _, id := range f.ids() {
		rec := f.records[id]
		err = errors.Join(err, m.put(recordBucket, recordKey(number, id), wire.AppendRecord(nil, rec)))
	}
	var recent, attached [][]byte
	for id, rec := range f.records {
		recent = append(recent, recentKey(number, id, rec))
		attached = append(attached, attachedKeys(number, id, rec)...)
	}
	return errors.Join(err, m.keys(recentBucket, recent), m.keys(attachedBucket, attached))
}

// keys puts keys without values, in their order.
func (m mender) keys(bucket []byte, keys [][]byte) (err error) {
	slices.SortFunc(keys, slices.Compare)
	for _, key := range keys {
		err = errors.Join(err, m.put(bucket, key, nil))
	}
	return err
}

// end writes what does not follow from the log.
func (m mender) end(x *examination) error {
	if x.found.Worst() == Replace {
		return fmt.Errorf("%s cannot be mended: %s", x.options.Path, Replace.Advice())
	}
	copyOf := func(bucket []byte) error {
		return x.pages.each(bucket, nil, nil, func(k, v []byte) error { return m.put(bucket, k, v) })
	}
	var err error
	for _, name := range x.untouched() {
		err = errors.Join(err, m.room(name), copyOf(name))
	}
	err = errors.Join(err, m.room(receiptBucket), x.pages.each(receiptBucket, nil, nil, func(k, v []byte) error {
		if _, good := receiptOf(k, v); !good {
			return nil
		}
		return m.put(receiptBucket, k, v)
	}))
	err = errors.Join(err,
		m.put(metaBucket, formatKey, []byte{formatVersion}), m.put(metaBucket, countyKey, x.options.County[:]))
	for w, t := range x.trees {
		err = errors.Join(err, m.put(treeBucket, writerKey(w), t.encode()))
	}
	for w, v := range x.vouchers {
		err = errors.Join(err, m.put(writersBucket, writerKey(w), v.credential))
	}
	meta := m.tx.Bucket(metaBucket)
	for _, key := range metaNumbers() {
		if _, ok := numberOf(meta.Get, key); !ok {
			err = errors.Join(err, meta.Delete(key))
		}
	}
	if x.cut || meta.Get(epochKey) == nil { // peers must not think that what was cut is still here
		err = errors.Join(err, putNumber(meta.Put, epochKey, x.options.newEpoch()))
	}
	if x.doubtful {
		err = errors.Join(err, meta.Delete(authorKey))
	}
	return err
}

func (o Options) newEpoch() uint64 {
	epoch := rand.Uint64
	if o.Epoch != nil {
		epoch = o.Epoch
	}
	return epoch()
}
