package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"wangge/sync/wire"
)

// Meet looks at a checkpoint that a peer offers, keeps what it says, and returns
// the first page that is lacking. It is not wanted where its seal is not the
// county's, or where it and the streams held here do not go together: then the
// streams must say what is true.
func (s *Store) Meet(c wire.Checkpoint) (next uint64, wanted bool, err error) {
	if s.options.Sealed == nil || sound(c.Space) != nil || s.options.Sealed(c.Content(s.options.County), c.Seal) != nil {
		return 0, false, nil
	}
	if !s.suits(c) {
		return 0, false, nil
	}
	defer s.incoming.lock(c.Space)()
	f := s.pageFile(c.Space, "incoming")
	if known, err := f.checkpoint(); err != nil || known.Name() != c.Name() {
		if err := errors.Join(f.remove(), os.MkdirAll(filepath.Dir(f.path), 0o700), f.seal(c)); err != nil {
			return 0, false, err
		}
	}
	return s.progress(c, f, f.held(c))
}

// suits tells before any page comes whether a checkpoint would fit now.
func (s *Store) suits(c wire.Checkpoint) bool {
	s.mu.RLock()
	sp := s.mirror.spaces[c.Space]
	s.mu.RUnlock()
	return s.fits(c, sp, s.headOf)
}

// Take keeps a page of the checkpoint that was met last of its space, and joins
// it once all pages are there. A false page makes it unwanted.
func (s *Store) Take(p wire.Page) (next uint64, wanted bool, err error) {
	defer s.incoming.lock(p.Space)()
	f := s.pageFile(p.Space, "incoming")
	c, err := f.checkpoint()
	if err != nil || c.Name() != p.Checkpoint || p.Number >= uint64(len(c.Pages)) || uint64(len(p.Data)) != c.Pages[p.Number].Size {
		return 0, false, nil
	}
	if err := f.put(c, p.Number, p.Data); err != nil {
		return 0, false, err
	}
	if _, err := f.page(c, p.Number); err != nil {
		return 0, false, f.remove()
	}
	return s.progress(c, f, p.Number+1)
}

// progress joins a checkpoint of which all pages are there.
func (s *Store) progress(c wire.Checkpoint, f pageFile, held uint64) (next uint64, wanted bool, err error) {
	if held < uint64(len(c.Pages)) {
		return held, true, nil
	}
	err = s.commit(func(t *transaction) error { return t.join(c, f) })
	if errors.Is(err, errApart) {
		return 0, false, f.remove()
	}
	if err != nil {
		return 0, false, fmt.Errorf("joining a checkpoint of %s: %w", c.Space, err)
	}
	marks := make([]wire.Mark, len(c.Heads))
	for i, h := range c.Heads {
		marks[i] = wire.Mark{Space: c.Space, Writer: h.Writer, Seq: h.Seq, Level: wire.AtCounty}
	}
	s.Reached(marks)
	return held, true, f.remove()
}
