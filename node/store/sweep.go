package store

import (
	"errors"
	"io/fs"
	"os"
	"time"

	"wangge/sync/wire"
)

// SweepFiles removes files that no record refers to and that were not written,
// offered again or let go of for the grace time: an upload comes before the form
// that refers to it. It returns how many files went, and their bytes.
func (s *Store) SweepFiles(grace time.Duration) (files int, freed int64, err error) {
	before := s.options.Now().Add(-grace)
	for _, root := range s.files.older(before) {
		referred, err := s.referred(root)
		if err != nil {
			return files, freed, err
		}
		if referred {
			continue
		}
		bytes, err := s.sweep(root, before)
		if err != nil {
			return files, freed, err
		}
		if bytes > 0 {
			files, freed = files+1, freed+bytes
		}
	}
	return files, freed, nil
}

// sweep removes one file. It has the writer's turn, so that nothing comes to
// refer to the file between the look and the removal.
func (s *Store) sweep(root wire.Hash, before time.Time) (int64, error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	if referred, err := s.referred(root); referred || err != nil {
		return 0, err
	}
	return s.files.remove(root, before)
}

func (s *Store) referred(root wire.Hash) (referred bool, err error) {
	err = s.Referring(root, func(Wanted) bool { referred = true; return false })
	return referred, err
}

// older returns the files that were last touched before a moment, whole or not.
func (f *Files) older(before time.Time) (roots []wire.Hash) {
	eachFile(f.dir, func(root wire.Hash, suffix string, info fs.FileInfo) error {
		if (suffix == "" || suffix == partSuffix) && info.ModTime().Before(before) {
			roots = append(roots, root)
		}
		return nil
	}) // what cannot be looked at stays
	return roots
}

// renew makes all files young. The store's file is another than they came with, or has lost
// records: until peers have brought those again nothing refers to photos that may be nowhere else.
func (f *Files) renew() error {
	now := f.now()
	return eachFile(f.dir, func(root wire.Hash, suffix string, _ fs.FileInfo) error {
		if suffix != "" && suffix != partSuffix {
			return nil
		}
		return os.Chtimes(f.path(root)+suffix, now, now)
	})
}

// remove removes a file unless it was touched meanwhile, and returns its length.
func (f *Files) remove(root wire.Hash, before time.Time) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	path, size := f.path(root), f.whole[root]
	if size == 0 {
		path += partSuffix
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.ModTime().Before(before) {
		return 0, nil
	}
	if err == nil {
		err = os.Remove(path)
	}
	if err != nil {
		return 0, err
	}
	f.bytes -= size
	delete(f.whole, root)
	delete(f.parts, root)
	return info.Size(), f.heal(root)
}

// touch makes a file young. The caller holds mu. Should it fail, the file only
// goes sooner.
func (f *Files) touch(root wire.Hash) {
	if _, ok := f.whole[root]; ok {
		now := f.now()
		os.Chtimes(f.path(root), now, now)
	}
}
