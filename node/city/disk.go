package city

import (
	"errors"
	"os"
)

// disk is how the folder writes. Tests put one in its place that loses its power.
type disk interface {
	// write makes a file whose content is on the disk once it returns.
	write(path string, b []byte) error
	// link gives a file another name, which must be free.
	link(from, to string) error
	remove(path string) error
	// sync makes the names in a folder durable.
	sync(dir string) error
}

type realDisk struct{}

func (realDisk) write(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Sync(), f.Close())
}

func (realDisk) link(from, to string) error { return os.Link(from, to) }

func (realDisk) remove(path string) error { return os.Remove(path) }

func (realDisk) sync(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
