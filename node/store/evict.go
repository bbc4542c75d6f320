package store

import (
	"errors"
	"io/fs"
	"slices"
	"time"

	"wangge/crdt"
	"wangge/sync/wire"
)

// Spare is a whole file that this node may let go of once the county proves that
// it holds it.
type Spare struct {
	Root   wire.Hash
	Size   int64
	Last   time.Time // when it was last written, offered or let go of
	before time.Time // it goes unless it was touched since
}

// Spares returns the files to which only records refer that are all at the county,
// the oldest first: originals that were last touched before a moment, and all of
// records in spaces that leave this node. Of a record that is not at the county
// this may be the only copy. A file to which nothing refers is SweepFiles' matter.
func (s *Store) Spares(before time.Time, leaves func(crdt.Space) bool) ([]Spare, error) {
	var spares []Spare
	err := eachFile(s.files.dir, func(root wire.Hash, suffix string, info fs.FileInfo) error {
		if size, ok := contentSize(info.Size()); suffix == "" && ok {
			spares = append(spares, Spare{root, size, info.ModTime(), before})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var failed error
	kept := spares[:0]
	for _, sp := range spares {
		spare, left, err := s.spare(sp.Root, leaves)
		failed = errors.Join(failed, err)
		if left {
			sp.before = time.Unix(1<<40, 0)
		}
		if spare && sp.Last.Before(sp.before) {
			kept = append(kept, sp)
		}
	}
	slices.SortFunc(kept, func(a, b Spare) int { return a.Last.Compare(b.Last) })
	return kept, failed
}

// spare reports whether the county has all that refers to a file, and that only as
// an original or only in spaces that leave; left says the latter.
func (s *Store) spare(root wire.Hash, leaves func(crdt.Space) bool) (spare, left bool, err error) {
	var refs []Wanted
	if err := s.Referring(root, func(w Wanted) bool { refs = append(refs, w); return true }); err != nil {
		return false, false, err
	}
	left, original := len(refs) > 0, len(refs) > 0
	for _, w := range refs {
		rec, err := s.Record(w.Space, w.Record)
		if err != nil || s.RecordLevel(w.Space, rec) < wire.AtCounty {
			return false, false, err
		}
		left, original = left && leaves(w.Space), original && !w.Preview
	}
	return left || original, left, nil
}

// Evict removes a file that is still spare and was not touched meanwhile. The
// caller has it proven that the county holds it. It returns the bytes freed.
func (s *Store) Evict(sp Spare, leaves func(crdt.Space) bool) (int64, error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	if spare, _, err := s.spare(sp.Root, leaves); !spare || err != nil {
		return 0, err
	}
	freed, err := s.files.remove(sp.Root, sp.before)
	s.files.settled(fileChanges{any: true})
	return freed, err
}

// Room returns how many bytes the disk has left beside what is kept for records.
func (f *Files) Room() (left int64, known bool) {
	left, known = f.room(f.dir)
	return left - reserve, known
}
