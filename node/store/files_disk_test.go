package store

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"wangge/sync/wire"
)

// watched is a disk that notes what is done to the files beside a store, and can
// refuse one of it.
type watched struct {
	realDisk
	acts   []string
	refuse int // the place of the act that fails; -1 is none
}

func (w *watched) act(what, path string) error {
	w.acts = append(w.acts, what+" "+path)
	if len(w.acts)-1 == w.refuse {
		return syscall.ENOSPC
	}
	return nil
}

func (w *watched) file(path string, flag int) (file, error) {
	f, err := w.realDisk.file(path, flag)
	if err != nil || !strings.Contains(path, filesFolder) {
		return f, err
	}
	return watchedFile{f, w, path}, nil
}

func (w *watched) rename(from, to string) error {
	if err := w.act("rename", from); err != nil {
		return err
	}
	return w.realDisk.rename(from, to)
}

type watchedFile struct {
	file
	disk *watched
	path string
}

func (f watchedFile) Write(b []byte) (int, error) {
	if err := f.disk.act("write", f.path); err != nil {
		n, _ := f.file.Write(b[:len(b)/2])
		return n, err
	}
	return f.file.Write(b)
}

func (f watchedFile) WriteAt(b []byte, at int64) (int, error) {
	if err := f.disk.act("write", f.path); err != nil {
		n, _ := f.file.WriteAt(b[:len(b)/2], at)
		return n, err
	}
	return f.file.WriteAt(b, at)
}

func (f watchedFile) Sync() error { return errors.Join(f.disk.act("fsync", f.path), f.file.Sync()) }

// ways are the ways in which a file comes in.
func ways(content []byte) map[string]func(*Store) error {
	return map[string]func(*Store) error{
		"sent":      func(s *Store) error { _, _, err := s.Files().Write(bytes.NewReader(content)); return err },
		"in pieces": func(s *Store) error { return inPieces(s, content, func() {}) },
	}
}

// onWatched returns a store on a watched disk.
func onWatched(t *testing.T) (*Store, *watched) {
	w := &watched{refuse: -1}
	o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	o.disk = w
	s := open(t, o)
	w.acts = nil
	return s, w
}

// A power cut may lose what was not synced, in any order. So a file has its name
// only once its bytes are on the disk, and is told of only once its name is.
func TestAFileIsSyncedBeforeItIsNamedAndItsNameBeforeItIsToldOf(t *testing.T) {
	for way, bring := range ways(noise(1, 3*wire.PieceSize+7)) {
		s, w := onWatched(t)
		if err := bring(s); err != nil {
			t.Fatal(err)
		}
		renames := 0
		for i, act := range w.acts {
			path, renamed := strings.CutPrefix(act, "rename ")
			if !renamed {
				continue
			}
			renames++
			last := func(a string) int {
				for j := i - 1; j >= 0; j-- {
					if w.acts[j] == a+" "+path {
						return j
					}
				}
				return -1
			}
			if last("fsync") < 0 || last("fsync") < last("write") {
				t.Errorf("%s: %s is named before it is synced: %q", way, path, w.acts)
			}
		}
		if last := w.acts[len(w.acts)-1]; renames == 0 || !strings.HasPrefix(last, "fsync ") || len(filepath.Base(last)) != 2 {
			t.Errorf("%s: the last is %q, want the sync of the folder", way, last)
		}
		if made := slices.Index(w.acts, "fsync "+s.files.dir); made < 0 {
			t.Errorf("%s: the folder's own name is not synced: %q", way, w.acts)
		}
	}
}

func TestAFileOfWhichAnyWriteFailsIsNotHereAndComesNextTime(t *testing.T) {
	content := noise(2, 3*wire.PieceSize+7)
	root := wire.FileRoot(int64(len(content)), listOf(content))
	for way, bring := range ways(content) {
		for n := 0; ; n++ {
			s, w := onWatched(t)
			w.refuse = n
			err := bring(s)
			if err == nil {
				if n < 5 {
					t.Errorf("%s: only %d acts can fail", way, n)
				}
				break
			}
			what := fmt.Sprintf("%s, without %s", way, w.acts[n])
			if !errors.Is(err, ErrReadOnly) || !strings.Contains(err.Error(), "the disk is full") {
				t.Errorf("%s: %v", what, err)
			}
			if _, err := readFile(s, root); !errors.Is(err, ErrNoFile) {
				t.Errorf("%s: it is here: %v", what, err)
			}
			for _, name := range fileNames(t, s) {
				if strings.HasPrefix(name, freshName) {
					t.Errorf("%s: %s is left", what, name)
				}
			}
			w.refuse = -1
			if err := bring(s); err != nil {
				t.Errorf("%s, and then with: %v", what, err)
			}
			if got, err := readFile(s, root); err != nil || !bytes.Equal(got, content) {
				t.Errorf("%s, and then with: it reads as %d bytes, %v", what, len(got), err)
			}
		}
	}
}

// The same photo is sent again, and the disk fails meanwhile: the one that was
// told of stays.
func TestAFileThatIsHereOutlivesItsOwnRepetition(t *testing.T) {
	content := noise(3, 2*wire.PieceSize)
	for n, failed := 0, true; failed; n++ {
		s, w := onWatched(t)
		f := filed(t, s, content)
		w.acts, w.refuse = nil, n
		_, _, err := s.Files().Write(bytes.NewReader(content))
		failed = err != nil
		if got, again := readFile(s, f.Root); again != nil || !bytes.Equal(got, content) {
			t.Errorf("after %q: %v", w.acts, again)
		}
	}
}

func TestWhatIsLeftOfTheDiskIsKeptForForms(t *testing.T) {
	s := newStore(t, 1)
	content := noise(1, 100)
	s.files.room = func(string) (int64, bool) { return reserve - 1, true }
	for way, bring := range ways(content) {
		if err := bring(s); !errors.Is(err, ErrReadOnly) || !strings.Contains(err.Error(), "255 MB are left, which are kept for forms") {
			t.Errorf("%s: %v", way, err)
		}
	}
	save(t, s, village, recordID(1), "a form")
	for _, known := range []bool{true, false} { // nobody knows is no reason
		s.files.room = func(string) (int64, bool) { return map[bool]int64{true: reserve}[known], known }
		filed(t, s, content)
	}
}

func TestTheHolesOfABegunFileTakeNoRoomThatIsKeptForForms(t *testing.T) {
	s := newStore(t, 1)
	content := noise(1, 2*wire.PieceSize)
	list := []wire.Hash{wire.PieceHash(content[:wire.PieceSize]), wire.PieceHash(content[wire.PieceSize:])}
	root := wire.FileRoot(int64(len(content)), list)
	put := func(i int) error {
		_, err := s.Files().Put(root, i, content[i*wire.PieceSize:(i+1)*wire.PieceSize])
		return err
	}
	s.files.room = func(string) (int64, bool) { return reserve, true }
	if err := errors.Join(s.Files().Begin(root, int64(len(content)), list), put(0)); err != nil {
		t.Fatal(err)
	}
	s.files.room = func(string) (int64, bool) { return reserve - 1, true }
	if err := put(1); !errors.Is(err, ErrReadOnly) || s.Files().Has(root, int64(len(content))) {
		t.Errorf("a piece that takes of what is kept for forms: %v", err)
	}
	s.files.room = func(string) (int64, bool) { return reserve, true }
	if err := put(1); err != nil || !s.Files().Has(root, int64(len(content))) {
		t.Errorf("with room again: %v", err)
	}
}
