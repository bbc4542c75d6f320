package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"
)

// Snapshot writes a consistent copy of the file; commits go on meanwhile.
func (s *Store) Snapshot(w io.Writer) error {
	return s.view(func(tx *bolt.Tx) error {
		_, err := tx.WriteTo(w)
		return err
	})
}

// Restore replaces everything by a snapshot. The new file stands beside the old
// one until it is whole; a crash leaves the one or the other, and so does an
// error.
func (s *Store) Restore(r io.Reader) error {
	s.turn.Lock()
	defer s.turn.Unlock()
	d, fresh := s.options.files(), fresh(s.options.Path)
	defer d.remove(fresh) // not there any more when all went well
	err := writeFile(d, fresh, r)
	if err == nil {
		err = s.inspect(d, fresh)
	}
	if err == nil {
		err = s.adopt(d, fresh)
	}
	if err != nil {
		err = fmt.Errorf("restoring the store %s: %w", s.options.Path, err)
	}
	return err
}

// inspect refuses a snapshot that is not whole or not for this node. It opens
// the file for reading, because only that touches no page beyond a torn end.
func (s *Store) inspect(d disk, path string) error {
	db, err := d.database(path, true)
	if err != nil {
		return fmt.Errorf("the snapshot is no store: %v", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	err = db.View(func(tx *bolt.Tx) error {
		if info.Size() < tx.Size() {
			return fmt.Errorf("the snapshot is torn: %d bytes of %d: take it again", info.Size(), tx.Size())
		}
		meta := tx.Bucket(metaBucket)
		if meta == nil {
			return errors.New("the snapshot is no store of this program")
		}
		return s.options.ours(meta.Get)
	})
	return errors.Join(err, db.Close())
}

// adopt makes another node's file this node's, with its own epoch and author, and
// goes on with it. It is open and read before it takes the old one's place, so
// that nothing is left which could fail then.
func (s *Store) adopt(d disk, path string) error {
	db, err := d.database(path, false)
	if err != nil {
		return err
	}
	var m mirror
	err = db.Update(func(tx *bolt.Tx) error {
		meta := tx.Bucket(metaBucket)
		err := putNumber(meta.Put, epochKey, s.Epoch())
		if s.options.Author == nil {
			err = errors.Join(err, meta.Delete(authorKey))
		}
		return errors.Join(err, s.prepare(tx))
	})
	if err == nil {
		err = db.View(func(tx *bolt.Tx) (err error) {
			m, err = s.read(tx)
			return err
		})
	}
	if err == nil {
		err = d.rename(path, s.options.Path)
	}
	if err != nil {
		return errors.Join(err, db.Close())
	}
	old := s.exchange(db, m)
	err = syncDir(d, filepath.Dir(s.options.Path))
	if err != nil { // after a cut the folder may name the old one still
		err = s.rest(err, false)
	}
	if s.options.Reloaded != nil {
		s.options.Reloaded()
	}
	return errors.Join(err, old.Close())
}

func (s *Store) exchange(db *bolt.DB, m mirror) (old *bolt.DB) {
	s.file.Lock()
	defer s.file.Unlock()
	old, s.db = s.db, db
	s.packs.clear()
	s.show(m)
	return old
}

// Room returns the size of the file, and how much of it is free for what comes
// next, in bytes.
func (s *Store) Room() (size, free int64) {
	s.view(func(tx *bolt.Tx) error {
		size = tx.Size()
		free = int64(tx.DB().Stats().FreePageN+tx.DB().Stats().PendingPageN) * int64(tx.DB().Info().PageSize)
		return nil
	})
	return size, free
}
