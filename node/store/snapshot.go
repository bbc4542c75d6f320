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
// one until it is whole; a crash leaves the one or the other, and so does an
// error.
func (s *Store) Restore(r io.Reader) error {
	s.turn.Lock()
	defer s.turn.Unlock()
	fresh := s.options.Path + ".new"
	defer os.Remove(fresh) // not there any more when all went well
	err := writeFile(fresh, r)
	for _, step := range []func(string) error{s.inspect, s.adopt, s.replace} {
		if err == nil {
			err = step(fresh)
		}
	}
	if err != nil {
		return fmt.Errorf("restoring the store %s: %w", s.options.Path, err)
	}
	if s.options.Reloaded != nil {
		s.options.Reloaded()
	}
	return nil
}

// inspect refuses a snapshot that is not whole or not for this node. It opens
// the file for reading, because only that touches no page beyond a torn end.
func (s *Store) inspect(path string) error {
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true})
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

// adopt makes another node's file this node's: the epoch is its own.
func (s *Store) adopt(path string) error {
	db, err := bolt.Open(path, 0o600, &bolt.Options{FreelistType: bolt.FreelistMapType})
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bolt.Tx) error {
		return tx.Bucket(metaBucket).Put(epochKey, binary.BigEndian.AppendUint64(nil, s.Epoch()))
	})
	return errors.Join(err, db.Close())
}

// replace puts the new file in the place of the old one. Should that fail, the
// old one is opened again.
func (s *Store) replace(path string) error {
	s.file.Lock()
	defer s.file.Unlock()
	err := s.db.Close()
	if err == nil {
		err = os.Rename(path, s.options.Path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(s.options.Path))
	}
	return errors.Join(err, s.open())
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
