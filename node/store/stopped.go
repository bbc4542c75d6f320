package store

import (
	"encoding/binary"
	"errors"
	"os"

	"wangge/crdt"
)

// RecordsIn calls yield with the records of a space in a stopped node's file, in order of
// their ids, until it returns false. There is none of a space that is not held.
func RecordsIn(o Options, name crdt.Space, yield func(Listed) bool) error {
	return reserved(o.Path, func(file *os.File) error {
		p, err := openPages(file, func(string, error) {}, func(int64) {})
		if err != nil {
			return err
		}
		entry := p.get(spaceBucket, []byte(name.String()))
		if len(entry) < 4 {
			return nil
		}
		number := binary.BigEndian.Uint32(entry)
		from, to := spaceKeys(number)
		err = p.eachLayered(recordLayer, from, to, func(k, v []byte) error {
			l, err := listed(map[uint32]crdt.Space{number: name}, k, v)
			if err == nil && !yield(l) {
				err = errStop
			}
			return err
		})
		if errors.Is(err, errStop) {
			return nil
		}
		return err
	})
}

// Credential returns a writer's credential from a stopped node's file, or nil.
func Credential(path string, w crdt.Writer) (credential []byte, err error) {
	return credential, reserved(path, func(file *os.File) error {
		p, err := openPages(file, func(string, error) {}, func(int64) {})
		if err == nil {
			credential = p.get(writersBucket, writerKey(w))
		}
		return err
	})
}
