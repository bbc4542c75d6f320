package store

import (
	"bytes"
	"fmt"

	"wangge/crdt"
)

// self is the writer in whose name this node's own work is saved. It is one as
// long as nobody holds more of its streams than this file does: who does tells
// that the file is a restored or copied one, and then the writer is given up,
// because its next batch may be signed already.
type self struct {
	Author
	Signatory
}

// self returns the writer that the file keeps, or a new one for nil.
func (o Options) self(kept []byte) (*self, error) {
	author, err := o.Author(kept)
	if err != nil {
		return nil, err
	}
	s, err := o.Signatory(author.Credential())
	if err != nil || s.Writer() != author.Name() {
		return nil, fmt.Errorf("the credential of writer %s proves nothing here, so no peer would take its work: enrol the device again", author.Name())
	}
	return &self{author, s}, nil
}

// self returns the present writer, nil at the hub.
func (s *Store) self() *self {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.mirror.self
}

// Writer returns the writer in whose name this node saves, 0 at the hub. It is
// another one after a save that found it doubted.
func (s *Store) Writer() crdt.Writer {
	if me := s.self(); me != nil {
		return me.Name()
	}
	return 0
}

// kept returns the writer that stands in the file, which may be another than the
// mirror knows after a commit whose end the disk did not confirm.
func (s *Store) kept(kept []byte) (*self, error) {
	if me := s.self(); me != nil && bytes.Equal(me.Keep(), kept) {
		return me, nil
	}
	return s.options.self(kept)
}

// doubt gives up a writer if it is this node's present one: from now on nothing
// is signed in its name. The next commit mints its successor.
func (s *Store) doubt(w crdt.Writer) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mirror.self == nil || s.mirror.self.Name() != w {
		return false
	}
	s.mirror.doubted = w
	return true
}

// self returns who signs in this transaction: a new writer where the old one
// was given up.
func (t *transaction) self() (*self, error) {
	if t.minted != nil {
		return t.minted, nil
	}
	t.store.mu.RLock()
	me, doubted := t.store.mirror.self, t.store.mirror.doubted
	t.store.mu.RUnlock()
	if me == nil || me.Name() != doubted {
		return me, nil
	}
	return t.minted, t.mint()
}

// mint makes a new writer, durable with the transaction.
func (t *transaction) mint() (err error) {
	if t.minted, err = t.store.options.self(nil); err != nil {
		return err
	}
	return t.bolt.Bucket(metaBucket).Put(authorKey, t.minted.Keep())
}

// giveUp mints a new writer if a stream that grew from outside is the present
// one's. What was saved into it before, in this very transaction, is signed: the
// head at the end is another's work.
func (t *transaction) giveUp(st stream) error {
	if s, ok := t.saved[st]; ok {
		if err := t.signHead(s.by, st); err != nil {
			return err
		}
		delete(t.saved, st)
	}
	me, err := t.self()
	if err != nil || me == nil || me.Name() != st.writer {
		return err
	}
	return t.mint()
}
