package store

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// ErrReadOnly is what every write comes to while the disk takes nothing. Reads
// go on, and the store heals by itself.
var ErrReadOnly = errors.New("nothing can be saved now")

// retryAfter is how long after a failed write the next one is tried.
const retryAfter = time.Second

// trouble is what keeps the store from writing.
type trouble struct {
	err    error     // nil when all is well
	until  time.Time // no write is tried before
	behind bool      // the file may show a commit that the mirror does not
}

// ReadOnly returns why nothing can be written and what to do, or nil.
func (s *Store) ReadOnly() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.trouble.err
}

// refuseWrite returns why no write is tried now, or nil. After a failed one the
// disk must first take what the file shows; peers are told of it then and not
// before. Only the writer calls it.
func (s *Store) refuseWrite() error {
	s.mu.RLock()
	trouble := s.trouble
	s.mu.RUnlock()
	if left := trouble.until.Sub(s.options.Now()); left > 0 && left <= retryAfter { // more is a clock that was set back
		return trouble.err
	}
	if trouble.err == nil {
		return nil
	}
	err := s.view(func(tx *bolt.Tx) error {
		return confirm(s.options.files(), s.options.Path, tx.DB().Info().PageSize)
	})
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return err
	}
	if err != nil {
		return s.rest(err, trouble.behind)
	}
	if trouble.behind { // or something would be written twice under one number
		return s.view(s.catchUp)
	}
	return nil
}

// catchUp fills the mirror from a file that shows a commit which the mirror does not. What was heard since of the
// county and of how far streams have come is in the mirror alone: the file would raise what has fallen.
func (s *Store) catchUp(tx *bolt.Tx) error {
	m, err := s.read(tx)
	if err != nil {
		return err
	}
	s.mu.RLock()
	m.heard = s.mirror.heard
	for st, h := range m.heads {
		if old, known := s.mirror.heads[st]; known && h.level(old) != h {
			m.heads[st], m.unflushed[st] = h.level(old), true
		}
	}
	s.mu.RUnlock()
	s.show(m)
	return nil
}

// rest notes that the disk took nothing, and returns what its writers are told.
func (s *Store) rest(failed error, behind bool) error {
	err := fmt.Errorf("%w: %s; reading goes on", ErrReadOnly, inWords(failed))
	s.note(trouble{err, s.options.Now().Add(retryAfter), behind})
	return err
}

// settle notes how a commit ended on the disk, and returns what its writers are
// told. A commit whose very last fsync failed may stand in the file all the same.
func (s *Store) settle(commit int, failed error) error {
	if failed == nil {
		s.note(trouble{})
		return nil
	}
	behind := false
	err := s.view(func(tx *bolt.Tx) error {
		behind = tx.ID() >= commit
		return nil
	})
	return errors.Join(s.rest(failed, behind), err)
}

func (s *Store) note(t trouble) {
	s.mu.Lock()
	s.trouble = t
	s.mu.Unlock()
}

// inWords says what the disk said, and what to do. bbolt hands on some errors as
// words only.
func inWords(err error) string {
	for _, full := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		if errors.Is(err, full) || strings.Contains(err.Error(), full.Error()) {
			return "the disk is full (" + err.Error() + "): make room, and saving goes on by itself"
		}
	}
	return "the disk does not take it (" + err.Error() + "): look after the disk, and saving goes on by itself once it does"
}
