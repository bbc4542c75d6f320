package store

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
)

// ErrReadOnly is what every write comes to while the disk takes nothing. Reads
// go on, and the store heals by itself.
var ErrReadOnly = errors.New("nothing can be saved now")

// retryAfter is how long after a failed write the next one is tried.
const retryAfter = time.Second

// trouble is what keeps the store from writing.
type trouble struct {
	err   error     // nil when all is well
	until time.Time // no write is tried before
}

// ReadOnly returns why nothing can be written and what to do, or nil.
func (s *Store) ReadOnly() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.trouble.err
}

// refuseWrite returns why no write is tried now, or nil. Only the writer calls it.
func (s *Store) refuseWrite() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.options.Now().Before(s.trouble.until) {
		return s.trouble.err
	}
	return nil
}

// settle notes how a commit ended on the disk, and returns what its writers are
// told. A commit whose very last write failed may stand in the file all the
// same; then the mirror is read anew, so that nothing is written twice under one
// number.
func (s *Store) settle(commit int, failed error) error {
	if failed == nil {
		s.note(trouble{})
		return nil
	}
	err := fmt.Errorf("%w: %s; reading goes on", ErrReadOnly, inWords(failed))
	s.note(trouble{err, s.options.Now().Add(retryAfter)})
	return errors.Join(err, s.view(func(tx *bolt.Tx) error {
		if tx.ID() < commit {
			return nil
		}
		return s.load(tx)
	}))
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
