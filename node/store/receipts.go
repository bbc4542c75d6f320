package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"

	"wangge/crdt"
	"wangge/sync/wire"
)

// receiptBucket says of files that records here refer to whether the county has
// said that it has them. Who took a photo in owes it to the county until then.
var receiptBucket = []byte("receipts")

// How a file came to be owed: one that this node's own forms name is owed from
// the moment that the form is saved, another's once the county has said that it
// lacks it.
const (
	fileOwn   = 'o'
	fileOther = 'h'
)

// receipt is what is known of one file: the moment of the county's word in ms
// since 1970, 0 while there is none.
type receipt struct {
	sort byte
	at   uint64
}

func (r receipt) encode(key []byte) []byte {
	return summed(key, binary.BigEndian.AppendUint64([]byte{r.sort}, r.at))
}

// receiptOf reads an entry. One that cannot be read, or is damaged, is no receipt.
func receiptOf(key, b []byte) (r receipt, known bool) {
	v, ok := unsummed(key, b)
	if !ok || len(v) != 9 {
		return receipt{}, false
	}
	return receipt{v[0], binary.BigEndian.Uint64(v[1:])}, true
}

func receiptKey(root wire.Hash, size int64) []byte { return attachedKey(0, root, size)[1:] }

// Owed is a file that this node has to bring to the county, and one of the records
// that refer to it.
type Owed struct {
	Wanted
	Here bool // whole; false: it was here, and cannot be sent from here any more
}

// owed remembers what was read of files that are owed.
type owed struct {
	mu      sync.Mutex
	known   bool
	changes uint64 // of the files, when it was read
	files   []Owed
}

// owe notes what a form of this node's refers to, in the transaction that saves it:
// until the county has said that it has each of these files, they are owed.
func (t *transaction) owe(ops []crdt.Op) error {
	if t.store.options.Author == nil { // the hub owes nobody
		return nil
	}
	bucket := t.bolt.Bucket(receiptBucket)
	for _, op := range ops {
		a, ok := op.Value.Attachment()
		for _, f := range []crdt.File{a.File, a.Preview} {
			if !ok || f == (crdt.File{}) {
				continue
			}
			key := receiptKey(f.Root, f.Size)
			r, known := receiptOf(key, bucket.Get(key))
			if known && r.sort == fileOwn {
				continue
			}
			r.sort = fileOwn
			if err := bucket.Put(key, r.encode(key)); err != nil {
				return err
			}
			t.files.any = true
		}
	}
	return nil
}

// flushReceipts forgets what is known of files to which no record refers any more.
func (t *transaction) flushReceipts() error {
	bucket, attached := t.bolt.Bucket(receiptBucket), t.bolt.Bucket(attachedBucket)
	for _, key := range t.files.loosened {
		if !isAttached(attached, key) {
			if err := bucket.Delete(key); err != nil {
				return err
			}
		}
	}
	return nil
}

// isAttached reports whether a record refers to a file, by its key here.
func isAttached(attached *bolt.Bucket, key []byte) bool {
	_, ok := firstReference(attached.Cursor(), key)
	return ok
}

// firstReference returns the key of a reference to a file, one to a preview if there is any.
func firstReference(c *bolt.Cursor, key []byte) (ref []byte, ok bool) {
	for _, sort := range []byte{keyPreview, keyOriginal} {
		prefix := append([]byte{sort}, key...)
		if k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix) {
			return k, true
		}
	}
	return nil, false
}

// Owed returns what this node has to bring to the county, in order of roots. It
// follows from the records and the county's receipts alone, and is read again only
// after a change of either, or of the files. The caller must not change it.
func (s *Store) Owed() ([]Owed, error) {
	s.owed.mu.Lock()
	defer s.owed.mu.Unlock()
	changes := s.files.changes() // what changes while we look has us look again
	if s.owed.known && s.owed.changes == changes {
		return s.owed.files, nil
	}
	files, err := s.readOwed()
	s.owed.files, s.owed.changes, s.owed.known = files, changes, err == nil
	return files, err
}

func (s *Store) readOwed() (owed []Owed, err error) {
	return owed, s.view(func(tx *bolt.Tx) error {
		names, err := names(tx)
		if err != nil {
			return err
		}
		refs := tx.Bucket(attachedBucket).Cursor()
		return tx.Bucket(receiptBucket).ForEach(func(k, v []byte) error {
			r, known := s.receipt(k, v)
			if known && r.at > 0 || !known && r.sort == fileOther { // the county has it, or is asked about it anew
				return nil
			}
			ref, _ := firstReference(refs, k)
			w, ok := wanted(ref, names)
			if !ok {
				return nil
			}
			o := Owed{w, s.files.Has(w.Root, w.Size)}
			if o.Here || r.sort == fileOwn || s.files.IsHurt(w.Root) {
				owed = append(owed, o)
			}
			return nil
		})
	})
}

// Unasked returns files that are here whole and about which the county was never
// asked, previews first, at most max: other people's, and those of a file of before
// there were receipts.
func (s *Store) Unasked(max int) (files []Wanted, err error) {
	return files, s.view(func(tx *bolt.Tx) error {
		names, err := names(tx)
		if err != nil {
			return err
		}
		receipts, c := tx.Bucket(receiptBucket), tx.Bucket(attachedBucket).Cursor()
		for k, _ := c.First(); k != nil && len(files) < max; k, _ = c.Next() {
			w, ok := wanted(k, names)
			key := receiptKey(w.Root, w.Size)
			if _, asked := s.receipt(key, receipts.Get(key)); !ok || asked || !s.files.Has(w.Root, w.Size) {
				continue
			}
			if n := len(files); n == 0 || files[n-1].Root != w.Root {
				files = append(files, w)
			}
		}
		return nil
	})
}

// Answered notes what the county said at a moment: which files it has, and which it
// lacks. Nothing is written where that was known.
func (s *Store) Answered(has, lacks []Wanted, at time.Time) error {
	if len(has)+len(lacks) == 0 {
		return nil
	}
	return s.commit(func(t *transaction) error {
		return errors.Join(t.answered(has, uint64(at.UnixMilli())), t.answered(lacks, 0))
	})
}

// answered notes it of files to which a record refers still.
func (t *transaction) answered(files []Wanted, at uint64) error {
	bucket, attached := t.bolt.Bucket(receiptBucket), t.bolt.Bucket(attachedBucket)
	for _, f := range files {
		key := receiptKey(f.Root, f.Size)
		r, known := receiptOf(key, bucket.Get(key))
		if !isAttached(attached, key) || known && r.at == at {
			continue
		}
		if !known {
			r.sort = fileOther
		}
		r.at, t.files.any = at, true
		if err := bucket.Put(key, r.encode(key)); err != nil {
			return err
		}
	}
	return nil
}

// Confirmed reports whether the county has said that it has a file.
func (s *Store) Confirmed(root wire.Hash, size int64) bool { return s.ConfirmedAt(root, size) > 0 }

// ConfirmedAt returns when the county said last that it has a file, in ms since 1970, and 0
// where it has not said so, or has taken it back.
func (s *Store) ConfirmedAt(root wire.Hash, size int64) (at int64) {
	err := s.view(func(tx *bolt.Tx) error {
		key := receiptKey(root, size)
		if r, known := s.receipt(key, tx.Bucket(receiptBucket).Get(key)); known {
			at = int64(r.at)
		}
		return nil
	})
	if err != nil {
		return 0
	}
	return at
}

// recant has the county's word count for no file from now on, whatever the disk takes: it
// greeted from another file than before, or holds less than it held.
func (s *Store) recant() {
	s.mu.Lock()
	s.mirror.recants.times++
	s.mu.Unlock()
	s.files.settled(fileChanges{any: true})
}

// recants counts how often the county's word for files came to count for nothing, and of how
// many of these times the file knows: the next commit writes down the others.
type recants struct{ times, written uint64 }

func (s *Store) recanted() (r recants, unwritten bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.mirror.recants, s.mirror.recants.times > s.mirror.recants.written
}

// receipt returns what is known of a file, by its key here.
func (s *Store) receipt(key, b []byte) (r receipt, known bool) {
	r, known = receiptOf(key, b)
	if _, unwritten := s.recanted(); unwritten && known {
		return receipt{sort: r.sort}, r.sort == fileOwn
	}
	return r, known
}

// doubtReceipts writes down that what the county said of files counts for nothing, where that
// is so. What others brought is asked about anew.
func (t *transaction) doubtReceipts() error {
	recants, unwritten := t.store.recanted()
	if t.recants = recants.times; !unwritten {
		return nil
	}
	bucket := t.bolt.Bucket(receiptBucket)
	var all [][]byte
	err := bucket.ForEach(func(k, _ []byte) error { all = append(all, bytes.Clone(k)); return nil })
	for _, k := range all {
		if r, known := receiptOf(k, bucket.Get(k)); known && r.sort == fileOwn {
			err = errors.Join(err, bucket.Put(k, receipt{sort: fileOwn}.encode(k)))
		} else {
			err = errors.Join(err, bucket.Delete(k))
		}
	}
	t.files.any = true
	return err
}
