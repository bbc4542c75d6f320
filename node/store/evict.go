package store

import (
	"errors"
	"io/fs"
	"slices"
	"time"

	"wangge/sync/wire"
)

// Spare is a whole original that this node may let go of once the county proves
// that it holds it.
type Spare struct {
	Root wire.Hash
	Size int64
	Last time.Time // when it was last written, offered or let go of
}

// Spares returns the originals that were last touched before a moment and to
// which only records refer that are all at the county, the oldest first. Of a
// record that is not there yet this may be the only copy. A file that is a preview
// too stays, and so does one to which nothing refers, which is SweepFiles' matter.
func (s *Store) Spares(before time.Time) ([]Spare, error) {
	var spares []Spare
	err := eachFile(s.files.dir, func(root wire.Hash, suffix string, info fs.FileInfo) error {
		size, ok := contentSize(info.Size())
		if suffix == "" && ok && info.ModTime().Before(before) {
			spares = append(spares, Spare{root, size, info.ModTime()})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var failed error
	spares = slices.DeleteFunc(spares, func(sp Spare) bool {
		spare, err := s.spare(sp.Root)
		failed = errors.Join(failed, err)
		return !spare
	})
	slices.SortFunc(spares, func(a, b Spare) int { return a.Last.Compare(b.Last) })
	return spares, failed
}

// spare reports whether the county has all that refers to a file, and that only
// as an original.
func (s *Store) spare(root wire.Hash) (bool, error) {
	var refs []Wanted
	if err := s.Referring(root, func(w Wanted) bool { refs = append(refs, w); return true }); err != nil {
		return false, err
	}
	for _, w := range refs {
		rec, err := s.Record(w.Space, w.Record)
		if err != nil || w.Preview || s.RecordLevel(w.Space, rec) < wire.AtCounty {
			return false, err
		}
	}
	return len(refs) > 0, nil
}

// Evict removes an original that is still spare and was not touched since before.
// The caller has it proven that the county holds it. It returns the bytes freed.
func (s *Store) Evict(root wire.Hash, before time.Time) (int64, error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	if spare, err := s.spare(root); !spare || err != nil {
		return 0, err
	}
	freed, err := s.files.remove(root, before)
	s.files.settled(fileChanges{any: true})
	return freed, err
}

// Room returns how many bytes the disk has left beside what is kept for records.
func (f *Files) Room() (left int64, known bool) {
	left, known = f.room(f.dir)
	return left - reserve, known
}
