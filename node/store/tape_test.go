package store

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"

	bolt "go.etcd.io/bbolt"
)

// tape is a disk that records, in order, what a store does to the files of one
// folder, and can refuse any of it. From it any moment's power cut can be played.
//
// What bbolt writes is caught in its own writeAt. Its fsyncs follow from its
// source (tx.go, Commit): one between the data pages and the meta page, one after
// the meta page, and one when the file is made longer. That it makes the first
// two is shown by having each of them fail (faults_test.go).
type tape struct {
	folder string
	// refuse is asked before each write, fsync and rename; an error is the disk's.
	refuse func(act) error
	half   bool // a refused write leaves its first half, else nothing

	mu     sync.Mutex
	steps  []step
	inodes map[string]int // by name in the folder
	files  []*taped       // by inode
}

// step is one thing that happened to the folder.
type step struct {
	act   act
	inode int
	at    int64 // of a write; the new size of a growth
	data  []byte
	name  string
	to    string // of a rename
	state string // of an answer: what was acknowledged by then
}

type act int

const (
	didCreate act = iota
	didWrite
	didGrow
	didFsync
	didLose // an fsync failed: what it should have brought to the disk may never come
	didRename
	didRemove
	didFsyncFolder
	didAnswer // the writers were answered
	didShow   // the file shows a state that nobody was promised
)

// taped is one file of the folder.
type taped struct {
	tape  *tape
	inode int
	size  int64
	db    *bolt.DB // nil unless it is open as one
	disk  *os.File // of db
	shut  *os.File // what stands in disk's place while it takes nothing
	owed  bool     // db's meta page is written, and its fsync comes before all else
	data  bool     // data pages of the commit under way are written
}

func newTape(folder string) *tape { return &tape{folder: folder, inodes: map[string]int{}} }

func (t *tape) mine(path string) bool { return filepath.Dir(path) == t.folder }

// add notes a step, and before it the fsyncs that bbolt has made meanwhile.
func (t *tape) add(s step) {
	for _, f := range t.files {
		if f.owed && !f.db.NoSync {
			t.steps = append(t.steps, step{act: didFsync, inode: f.inode})
		}
		f.owed = false
	}
	t.steps = append(t.steps, s)
}

func (t *tape) asked(a act) error {
	if t.refuse == nil {
		return nil
	}
	return t.refuse(a)
}

// note notes a state: one that is acknowledged from now on, or one that is
// possible.
func (t *tape) note(a act, state string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.add(step{act: a, state: state})
}

// named returns the file of a name, which may be new.
func (t *tape) named(name string) *taped {
	if i, ok := t.inodes[name]; ok {
		return t.files[i]
	}
	f := &taped{tape: t, inode: len(t.files)}
	t.inodes[name], t.files = f.inode, append(t.files, f)
	t.add(step{act: didCreate, inode: f.inode, name: name})
	return f
}

func (t *tape) database(path string, readOnly bool) (*bolt.DB, error) {
	before, _ := os.ReadFile(path)
	db, err := realDisk{}.database(path, readOnly)
	if err != nil || readOnly || !t.mine(path) {
		return db, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.named(filepath.Base(path))
	if len(before) == 0 { // bbolt has made it
		before, err = os.ReadFile(path)
		t.add(step{act: didWrite, inode: f.inode, data: before})
		t.add(step{act: didFsync, inode: f.inode})
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	f.size, f.owed, f.data = int64(len(before)), false, false
	f.db, f.disk = db, *inside[*os.File](db, "file")
	*inside[func([]byte, int64) (int, error)](db, "ops", "writeAt") = f.page
	return db, nil
}

// page is bbolt's way to write.
func (f *taped) page(b []byte, at int64) (int, error) {
	t := f.tape
	t.mu.Lock()
	defer t.mu.Unlock()
	f.grown()
	meta := at < int64(2*f.db.Info().PageSize)
	if meta && !f.db.NoSync {
		t.add(step{act: didFsync, inode: f.inode})
	}
	if (meta || !f.data) && t.asked(didFsync) != nil { // the one that ends the data pages, or the commit
		f.breakFsync()
	}
	f.data = !meta
	n, err := f.put(b, at)
	f.owed = meta && err == nil
	return n, err
}

// breakFsync has bbolt's next fsync fail: of a pipe there is none.
func (f *taped) breakFsync() {
	r, w, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	w.Close()
	f.shut = r
	*inside[*os.File](f.db, "file") = r
}

// freeze lets no open database grow until mend.
func (t *tape) freeze() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, f := range t.files {
		if f.db != nil && *inside[*os.File](f.db, "file") == f.disk {
			readOnly, err := os.Open(filepath.Join(t.folder, "store.db"))
			if err != nil {
				panic(err)
			}
			f.shut = readOnly
			*inside[*os.File](f.db, "file") = readOnly
		}
	}
}

// mend lets fsyncs succeed again after one was refused.
func (t *tape) mend() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, f := range t.files {
		f.data = false
		if f.shut == nil {
			continue
		}
		if info, err := f.shut.Stat(); err == nil && !info.Mode().IsRegular() {
			f.owed = false
			t.add(step{act: didLose, inode: f.inode})
		}
		if file := inside[*os.File](f.db, "file"); *file == nil { // it was closed meanwhile
			f.disk.Close()
		} else {
			*file = f.disk
		}
		f.shut.Close()
		f.shut = nil
	}
}

// grown notes that bbolt has made its file longer, and synced that.
func (f *taped) grown() {
	info, err := f.disk.Stat()
	if err != nil || info.Size() <= f.size {
		return
	}
	f.size = info.Size()
	f.tape.add(step{act: didGrow, inode: f.inode, at: f.size})
	f.tape.add(step{act: didFsync, inode: f.inode})
}

// put writes into the file, and as much as that into the record.
func (f *taped) put(b []byte, at int64) (int, error) {
	refused := f.tape.asked(didWrite)
	if refused != nil {
		b = b[:len(b)/2]
		if !f.tape.half {
			b = nil
		}
	}
	f.tape.add(step{act: didWrite, inode: f.inode, at: at, data: slices.Clone(b)})
	f.size = max(f.size, at+int64(len(b)))
	n, err := f.disk.WriteAt(b, at)
	return n, errors.Join(refused, err)
}

func (t *tape) file(path string, flag int) (file, error) {
	real, err := os.OpenFile(path, flag, 0o600)
	if err != nil {
		return nil, err
	}
	if path == t.folder {
		return tapedFolder{real, t}, nil
	}
	if !t.mine(path) {
		return real, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if flag&os.O_TRUNC != 0 {
		delete(t.inodes, filepath.Base(path)) // as good as another file
	}
	f := t.named(filepath.Base(path))
	return &handle{File: real, file: &taped{tape: t, inode: f.inode, disk: real}}, nil
}

// handle is a file that the store opened by itself.
type handle struct {
	*os.File
	file *taped
	at   int64
}

func (h *handle) Write(b []byte) (int, error) {
	n, err := h.WriteAt(b, h.at)
	h.at += int64(n)
	return n, err
}

func (h *handle) WriteAt(b []byte, at int64) (int, error) {
	h.file.tape.mu.Lock()
	defer h.file.tape.mu.Unlock()
	return h.file.put(b, at)
}

func (h *handle) Sync() error {
	t := h.file.tape
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.asked(didFsync); err != nil {
		t.add(step{act: didLose, inode: h.file.inode})
		return err
	}
	t.add(step{act: didFsync, inode: h.file.inode})
	return h.File.Sync()
}

type tapedFolder struct {
	*os.File
	tape *tape
}

func (f tapedFolder) Sync() error {
	f.tape.mu.Lock()
	defer f.tape.mu.Unlock()
	if err := f.tape.asked(didFsyncFolder); err != nil {
		return err
	}
	f.tape.add(step{act: didFsyncFolder})
	return f.File.Sync()
}

func (t *tape) rename(from, to string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.asked(didRename); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	a, b := filepath.Base(from), filepath.Base(to)
	t.inodes[b] = t.inodes[a]
	delete(t.inodes, a)
	t.add(step{act: didRename, name: a, to: b})
	return nil
}

func (t *tape) room(string) (left int64, known bool) { return 0, false }

func (t *tape) remove(path string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := os.Remove(path); err != nil {
		return err
	}
	delete(t.inodes, filepath.Base(path))
	t.add(step{act: didRemove, name: filepath.Base(path)})
	return nil
}
