package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// disk is the machine's files as the store uses them. Tests put one in its place
// that can be cut off from power at every write.
type disk interface {
	// database opens a bbolt file and locks it, for readers together or for one writer.
	database(path string, readOnly bool) (*bolt.DB, error)
	file(path string, flag int) (file, error) // a folder too, for its Sync
	rename(from, to string) error
	remove(path string) error
	room(folder string) (left int64, known bool) // in bytes
}

type file interface {
	io.ReaderAt
	io.Writer
	io.WriterAt
	Sync() error
	Close() error
}

// files returns the disk on which the store lies.
func (o Options) files() disk {
	if o.disk == nil {
		return realDisk{}
	}
	return o.disk
}

type realDisk struct{}

// lockTimeout is how long a node waits for the one before it to let go of the
// file, as when a service is restarted.
const lockTimeout = 2 * time.Second

// database opens again when another file took the path while it waited for the
// lock, as compacting does: what is written into the old one would be gone.
func (realDisk) database(path string, readOnly bool) (*bolt.DB, error) {
	for {
		var opened os.FileInfo
		o := bolt.Options{Timeout: lockTimeout, FreelistType: bolt.FreelistMapType, ReadOnly: readOnly}
		o.OpenFile = func(path string, flag int, mode os.FileMode) (*os.File, error) {
			f, err := os.OpenFile(path, flag, mode)
			if err == nil {
				opened, err = f.Stat()
			}
			return f, err
		}
		db, err := bolt.Open(path, 0o600, &o)
		if err != nil {
			return nil, err
		}
		if now, err := os.Stat(path); err == nil && os.SameFile(opened, now) {
			return db, nil
		}
		if err := db.Close(); err != nil {
			return nil, err
		}
	}
}

func (realDisk) file(path string, flag int) (file, error) {
	f, err := os.OpenFile(path, flag, 0o600)
	if err != nil {
		return nil, err // and no file that is not nil
	}
	return f, nil
}

func (realDisk) rename(from, to string) error { return os.Rename(from, to) }

func (realDisk) remove(path string) error { return os.Remove(path) }

func (realDisk) room(folder string) (left int64, known bool) { return roomLeft(folder) }

// fresh is where the file that is to take a path's place is written.
func fresh(path string) string { return path + ".new" }

// clearFresh removes what an interrupted writer left of a fresh file, unless one
// is still at it.
func clearFresh(d disk, path string) error {
	db, err := d.database(fresh(path), true)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case errors.Is(err, berrors.ErrTimeout):
		return fmt.Errorf("%s is being written by another process: wait for it", fresh(path))
	case err == nil:
		if err := db.Close(); err != nil {
			return err
		}
	}
	return d.remove(fresh(path))
}

// writeFile writes a file and makes its content durable.
func writeFile(d disk, path string, r io.Reader) error {
	f, err := d.file(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY)
	if err != nil {
		return err
	}
	_, err = io.Copy(writer{f}, r)
	return errors.Join(err, f.Sync(), f.Close())
}

// writer hides from io.Copy what else a file can do, so that every disk is
// written alike.
type writer struct{ io.Writer }

// move puts a durable fresh file in a path's place, durably.
func move(d disk, path string) error {
	if err := d.rename(fresh(path), path); err != nil {
		return err
	}
	return syncDir(d, filepath.Dir(path))
}

func syncDir(d disk, path string) error {
	f, err := d.file(path, os.O_RDONLY)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func makeFolder(d disk, path string) error {
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	return syncDir(d, filepath.Dir(path))
}

// confirm makes durable what a bbolt file and its folder show, before anything
// builds on it. Of a commit whose last fsync failed, or was never made because
// the process was killed, the meta page may stand in the system's memory alone.
// The next commit writes over the pages of the state before it, which is then all
// that the disk has. So the meta pages are written once more as they are.
func confirm(d disk, path string, pageSize int) error {
	f, err := d.file(path, os.O_RDWR)
	if err != nil {
		return err
	}
	metas := make([]byte, 2*pageSize)
	if _, err = f.ReadAt(metas, 0); err == nil {
		_, err = f.WriteAt(metas, 0)
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close(), syncDir(d, filepath.Dir(path)))
}
