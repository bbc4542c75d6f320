package store

import (
	"errors"
	"os"
	"reflect"
	"slices"
	"unsafe"

	bolt "go.etcd.io/bbolt"
)

// FaultyDisk is a machine's disk in a simulation: real files, best in memory, of
// which it knows what no fsync has confirmed. It can refuse a write, and a crash
// of it loses, tears and reorders what was not confirmed. Files that were renamed
// or removed stay so; what a cut does to those is tried by this room's own tests.
// Only one goroutine may use it.
type FaultyDisk struct {
	// Refuse is asked before each write. With an error the disk fails, and the
	// fault says what it has written all the same.
	Refuse func() (fault WriteFault, err error)
	// Forgets has fsyncs do nothing, as a disk that lies.
	Forgets bool
	// Writes counts the writes that were asked for.
	Writes int

	unconfirmed []unconfirmed
	names       map[string]*named
}

// named is a file, by whatever name it has now.
type named struct{ path string }

// WriteFault says what a write that fails has left on the disk.
type WriteFault int

// The faults of a write.
const (
	Nothing WriteFault = iota
	FirstHalf
	All // and the fsync that was to confirm it failed
)

// unconfirmed is a write that no fsync has confirmed.
type unconfirmed struct {
	file        *named
	at          int64
	before, now []byte
	owed        bool // bbolt has synced it by the time it does anything else
}

// On returns the options of a store that lies on a disk.
func (o Options) On(d *FaultyDisk) Options {
	o.disk = d
	return o
}

// sector is what a disk writes whole or not at all, in bytes.
const sector = 512

// Crash leaves of what no fsync has confirmed the sectors for which keep says so.
// Whoever had the files open must have closed them.
func (d *FaultyDisk) Crash(keep func() bool) error {
	d.settle()
	lost := d.unconfirmed
	d.unconfirmed = nil
	for _, w := range slices.Backward(lost) {
		if err := patch(w.file.path, w.at, w.before); err != nil {
			return err
		}
	}
	for _, w := range lost {
		for from := 0; from < len(w.now); from += sector {
			if !keep() {
				continue
			}
			if err := patch(w.file.path, w.at+int64(from), w.now[from:min(from+sector, len(w.now))]); err != nil {
				return err
			}
		}
	}
	return nil
}

func patch(path string, at int64, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil // removed since
	}
	if err != nil {
		return err
	}
	_, err = f.WriteAt(b, at)
	return errors.Join(err, f.Close())
}

// settle confirms what bbolt has synced meanwhile.
func (d *FaultyDisk) settle() {
	for _, w := range d.unconfirmed {
		if w.owed {
			d.confirm(w.file)
			return
		}
	}
}

// confirm is an fsync of a file.
func (d *FaultyDisk) confirm(f *named) {
	if !d.Forgets {
		d.forget(f)
	}
}

func (d *FaultyDisk) forget(f *named) {
	d.unconfirmed = slices.DeleteFunc(d.unconfirmed, func(w unconfirmed) bool { return w.file == f })
}

func (d *FaultyDisk) named(path string) *named {
	f := d.names[path]
	if f == nil {
		f = &named{path}
		if d.names == nil {
			d.names = map[string]*named{}
		}
		d.names[path] = f
	}
	return f
}

// write writes, as far as the disk takes it.
func (d *FaultyDisk) write(f *os.File, name *named, b []byte, at int64) (w *unconfirmed, err error) {
	d.Writes++
	fault, refused := All, error(nil)
	if d.Refuse != nil {
		fault, refused = d.Refuse()
	}
	if refused != nil && fault == Nothing {
		return nil, refused
	}
	if refused != nil && fault == FirstHalf {
		b = b[:len(b)/2]
	}
	before := make([]byte, len(b))
	f.ReadAt(before, at) // beyond the end there were zeros
	d.unconfirmed = append(d.unconfirmed, unconfirmed{file: name, at: at, before: before, now: slices.Clone(b)})
	_, err = f.WriteAt(b, at)
	return &d.unconfirmed[len(d.unconfirmed)-1], errors.Join(refused, err)
}

// database opens a bbolt file whose writes come through here. Its list of free
// pages is kept in order, so that the same work makes the same file.
func (d *FaultyDisk) database(path string, readOnly bool) (*bolt.DB, error) {
	db, err := bolt.Open(path, 0o600, &bolt.Options{
		Timeout: lockTimeout, FreelistType: bolt.FreelistArrayType, PageSize: 4096, NoSync: true, NoGrowSync: true, ReadOnly: readOnly,
	})
	if err != nil || readOnly {
		return db, err
	}
	file, name, metas := *inside[*os.File](db, "file"), d.named(path), int64(2*db.Info().PageSize)
	*inside[func([]byte, int64) (int, error)](db, "ops", "writeAt") = func(b []byte, at int64) (int, error) {
		d.settle()
		if at < metas { // bbolt syncs the data before it, and the meta page after it
			d.confirm(name)
		}
		w, err := d.write(file, name, b, at)
		if err != nil {
			return 0, err
		}
		w.owed = at < metas
		return len(b), nil
	}
	return db, nil
}

// inside returns the place of a field of bbolt's that has no other door.
func inside[T any](db *bolt.DB, path ...string) *T {
	v := reflect.ValueOf(db).Elem()
	for _, name := range path {
		v = v.FieldByName(name)
	}
	return (*T)(unsafe.Pointer(v.UnsafeAddr()))
}

func (d *FaultyDisk) file(path string, flag int) (file, error) {
	f, err := os.OpenFile(path, flag, 0o600)
	if err != nil {
		return nil, err
	}
	return &faultyFile{File: f, disk: d, name: d.named(path)}, nil
}

func (d *FaultyDisk) rename(from, to string) error {
	d.settle()
	if err := os.Rename(from, to); err != nil {
		return err
	}
	d.forget(d.named(to))
	f := d.named(from)
	f.path, d.names[to] = to, f
	delete(d.names, from)
	return nil
}

func (d *FaultyDisk) remove(path string) error {
	d.forget(d.named(path))
	delete(d.names, path)
	return os.Remove(path)
}

// room is not known: it is the disk's on which the simulation lies.
func (d *FaultyDisk) room(string) (left int64, known bool) { return 0, false }

// faultyFile is a file that the store opened by itself.
type faultyFile struct {
	*os.File
	disk *FaultyDisk
	name *named
	end  int64 // of what was written so far
}

func (f *faultyFile) Write(b []byte) (int, error) {
	n, err := f.WriteAt(b, f.end)
	f.end += int64(n)
	return n, err
}

func (f *faultyFile) WriteAt(b []byte, at int64) (int, error) {
	f.disk.settle()
	if _, err := f.disk.write(f.File, f.name, b, at); err != nil {
		return 0, err
	}
	return len(b), nil
}

func (f *faultyFile) Sync() error {
	f.disk.settle()
	f.disk.confirm(f.name)
	return nil
}
