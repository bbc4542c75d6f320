package store

import (
	"encoding/binary"
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
// one until it is whole; a crash leaves the one or the other.
func (s *Store) Restore(r io.Reader) error {
	s.turn.Lock()
	defer s.turn.Unlock()
	fresh := s.options.Path + ".new"
	if err := writeFile(fresh, r); err != nil {
		return err
	}
	if err := s.adopt(fresh); err != nil {
		return err
	}
	s.file.Lock()
	err := errors.Join(s.db.Close(), os.Rename(fresh, s.options.Path), syncDir(filepath.Dir(s.options.Path)))
	if err == nil {
		err = s.open()
	}
	s.file.Unlock()
	if err != nil {
		return fmt.Errorf("restoring the store %s: %w", s.options.Path, err)
	}
	if s.options.Reloaded != nil {
		s.options.Reloaded()
	}
	return nil
}

// adopt makes another node's file this node's: the epoch is its own.
func (s *Store) adopt(path string) error {
	db, err := bolt.Open(path, 0o600, &bolt.Options{FreelistType: bolt.FreelistMapType})
	if err != nil {
		return fmt.Errorf("the snapshot is no store: %w", err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		meta := tx.Bucket(metaBucket)
		if meta == nil || string(meta.Get([]byte("county"))) != string(s.options.County[:]) {
			return errors.New("the snapshot is not of this county")
		}
		return meta.Put([]byte("epoch"), binary.BigEndian.AppendUint64(nil, s.epoch))
	})
	return errors.Join(err, db.Close())
}

func writeFile(path string, r io.Reader) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Sync(), f.Close())
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
