package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"wangge/crdt"
	"wangge/sync/wire"
)

// attachedBucket says which records refer to a file: who may have it, who waits
// for it, and that nobody does any more.
var attachedBucket = []byte("attached")

// Wanted is a file and a record that refers to it.
type Wanted struct {
	Root    wire.Hash
	Size    int64
	Preview bool
	Space   crdt.Space
	Record  crdt.RecordID
}

// The first byte of a key: whoever goes through the bucket meets previews first.
const (
	keyPreview  = 0
	keyOriginal = 1
)

// attachedKeys returns the bucket's keys for a record, in order.
func attachedKeys(space uint32, id crdt.RecordID, rec crdt.Record) (keys [][]byte) {
	previews, originals := rec.Files()
	for sort, files := range [][]crdt.File{keyPreview: previews, keyOriginal: originals} {
		for _, f := range files {
			keys = append(keys, append(attachedKey(byte(sort), f.Root, f.Size), recordKey(space, id)...))
		}
	}
	slices.SortFunc(keys, bytes.Compare)
	return slices.CompactFunc(keys, bytes.Equal)
}

func attachedKey(sort byte, root wire.Hash, size int64) []byte {
	return binary.BigEndian.AppendUint64(append([]byte{sort}, root[:]...), uint64(size))
}

// attachedKeySize is one byte, a root, a size, a space's number and a record.
const attachedKeySize = 1 + 32 + 8 + 4 + 16

// wanted reads a key. names are the spaces by their numbers.
func wanted(k []byte, names map[uint32]crdt.Space) (w Wanted, ok bool) {
	if len(k) != attachedKeySize {
		return w, false
	}
	size, record := k[33:41], k[41:]
	return Wanted{
		Root: wire.Hash(k[1:33]), Size: int64(binary.BigEndian.Uint64(size)), Preview: k[0] == keyPreview,
		Space: names[binary.BigEndian.Uint32(record)], Record: crdt.RecordID(record[4:]),
	}, true
}

// fileChanges is what a transaction changed in who refers to which file.
type fileChanges struct {
	any      bool
	dropped  []wire.Hash
	loosened [][]byte // what was dropped, by its key among the receipts
}

// flushAttached writes which files a changed record refers to now.
func (t *transaction) flushAttached(space uint32, id crdt.RecordID, c *change) error {
	before, after := attachedKeys(space, id, c.before), attachedKeys(space, id, c.after)
	bucket := t.bolt.Bucket(attachedBucket)
	for _, k := range before {
		if slices.ContainsFunc(after, func(a []byte) bool { return bytes.Equal(a, k) }) {
			continue
		}
		if err := bucket.Delete(k); err != nil {
			return err
		}
		t.files.any = true
		t.files.dropped = append(t.files.dropped, wire.Hash(k[1:33]))
		t.files.loosened = append(t.files.loosened, k[1:41])
	}
	for _, k := range after {
		t.files.any = true
		if err := bucket.Put(k, nil); err != nil {
			return err
		}
	}
	return nil
}

// settled takes note of a commit. A file that a record let go of is young again:
// another machine may ask for it until it hears of that.
func (f *Files) settled(c fileChanges) {
	if !c.any {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.changed()
	for _, root := range c.dropped {
		f.touch(root)
	}
}

// Files returns what records have attached.
func (s *Store) Files() *Files { return s.files }

// filed refuses ops that attach a file which is not whole here. It is asked in
// the transaction that writes them, during which no file goes.
func (t *transaction) filed(ops []crdt.Op) error {
	for _, op := range ops {
		if a, ok := op.Value.Attachment(); ok && !t.store.files.hasAll(a) {
			root := a.Root
			return fmt.Errorf("the file %x of this form is not on this node's disk: add it again", root[:8])
		}
	}
	return nil
}

// Filed reports whether all of an attachment is on this node's disk, where it
// stays until the form is saved or given up, and whether its files begin like
// what they are said to be: sniff tells the media type of a beginning.
func (d *Draft) Filed(a crdt.Attachment, sniff func(head []byte) string) bool {
	f := d.tx.store.files
	return f.hasAll(a) && f.is(a.File, sniff) && (a.Preview == crdt.File{} || f.is(a.Preview, sniff))
}

func (f *Files) is(file crdt.File, sniff func(head []byte) string) bool {
	c, err := f.Open(file.Root)
	if err != nil {
		return false
	}
	defer c.Close()
	head, err := c.Piece(0)
	return err == nil && sniff(head) == file.Media
}

func (f *Files) hasAll(a crdt.Attachment) bool {
	return f.Has(a.Root, a.Size) && (a.Preview == crdt.File{} || f.Has(a.Preview.Root, a.Preview.Size))
}

// Missing calls yield with every reference to a file that is not whole here,
// those to previews first, until it returns false. yield must not call methods
// that read the store's file.
func (s *Store) Missing(yield func(Wanted) bool) error {
	return s.Attached(func(w Wanted) bool { return s.files.Has(w.Root, w.Size) || yield(w) })
}

// Attached calls yield with every reference to a file, until it returns false. yield
// must not call methods that read the store's file.
func (s *Store) Attached(yield func(Wanted) bool) error {
	return s.view(func(tx *bolt.Tx) error {
		names, err := names(tx)
		if err != nil {
			return err
		}
		c := tx.Bucket(attachedBucket).Cursor()
		for k, _ := c.First(); k != nil; k, _ = c.Next() {
			if w, ok := wanted(k, names); ok && !yield(w) {
				return nil
			}
		}
		return nil
	})
}

// Referring calls yield with every reference to a file, until it returns false.
// Who holds the space of one may have the file. yield must not call methods that
// read the store's file.
func (s *Store) Referring(root wire.Hash, yield func(Wanted) bool) error {
	return s.view(func(tx *bolt.Tx) error {
		names, err := names(tx)
		if err != nil {
			return err
		}
		c := tx.Bucket(attachedBucket).Cursor()
		for _, sort := range []byte{keyPreview, keyOriginal} {
			prefix := append([]byte{sort}, root[:]...)
			for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
				if w, ok := wanted(k, names); ok && !yield(w) {
					return nil
				}
			}
		}
		return nil
	})
}

// FileStatus is how a store's files are doing.
type FileStatus struct {
	Files   int
	Bytes   int64
	Missing int // files that records refer to and that are not whole here
}

// FileStatus counts the files. It reads the store's file only after changes.
func (s *Store) FileStatus() (FileStatus, error) {
	f := s.files
	f.mu.Lock()
	status, count := FileStatus{Files: len(f.whole), Bytes: f.bytes, Missing: f.count.missing}, f.count
	f.count.known = true // what changes while we count makes it unknown again
	f.mu.Unlock()
	if count.known {
		return status, nil
	}
	missing, last := 0, Wanted{}
	err := s.Missing(func(w Wanted) bool {
		if w.Root != last.Root || w.Size != last.Size || w.Preview != last.Preview {
			missing, last = missing+1, w
		}
		return true
	})
	f.mu.Lock()
	defer f.mu.Unlock()
	status.Missing, f.count.missing = missing, missing
	if err != nil {
		f.count.known = false
	}
	return status, err
}
