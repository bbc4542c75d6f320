package store

import (
	"errors"
	"slices"
	"sync"
)

// waiting is the queue of those who want to write. Whoever gets the writer's
// turn commits for all who queued meanwhile, so that many writers share one
// fsync and nobody waits for a timer.
type waiting struct {
	mu    sync.Mutex
	queue []*request
}

type request struct {
	do   func(*transaction) error
	err  error
	done bool // guarded by Store.turn
}

// errAbandoned is what is left in a request when another one, in the same
// commit, panics: nothing of either was written.
var errAbandoned = errors.New("the write was given up because another one beside it broke off: try again")

// commit runs do in a write transaction and returns after its fsync. An error
// of do undoes do alone. do may run more than once.
func (s *Store) commit(do func(*transaction) error) error {
	r := &request{do: do}
	s.waiting.mu.Lock()
	s.waiting.queue = append(s.waiting.queue, r)
	s.waiting.mu.Unlock()

	s.turn.Lock()
	defer s.turn.Unlock()
	if r.done { // whoever had the turn before committed for us
		return r.err
	}
	s.waiting.mu.Lock()
	all := s.waiting.queue
	s.waiting.queue = nil
	s.waiting.mu.Unlock()
	s.commitAll(all)
	return r.err
}

// commitAll commits the requests together. One that fails is left out, so that
// one person's fault is not another's.
func (s *Store) commitAll(all []*request) {
	for _, r := range all { // first, so that no panic leaves one waiting or believing itself written
		r.done, r.err = true, errAbandoned
	}
	for len(all) > 0 {
		failed, err := s.together(all)
		switch {
		case failed != nil:
			failed.err = err
			all = slices.DeleteFunc(all, func(r *request) bool { return r == failed })
		case err != nil && len(all) > 1: // the file took no offence at one of them, but at what they came to
			for _, r := range all {
				_, r.err = s.together([]*request{r})
			}
			return
		default:
			for _, r := range all {
				r.err = err
			}
			return
		}
	}
}

// together commits the requests in one transaction, or nothing; failed is the
// one whose own error prevented it, if it was one.
func (s *Store) together(all []*request) (failed *request, err error) {
	err = s.transact(func(t *transaction) error {
		for _, r := range all {
			if err := r.do(t); err != nil {
				failed = r
				return err
			}
		}
		return nil
	})
	return failed, err
}
