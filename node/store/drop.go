package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"wangge/crdt"
)

// Drop rewrites a stopped node's file, as Compact does, without what it holds of some
// spaces: their streams, records and lists, and what is known of their forks. Whoever
// asks has made sure that the county holds all of it, and that the file's writer is
// one that has written in none of them (Succeed): its next batch there would have a
// number that it signed before. The file has a new epoch, for what peers know it
// to hold it holds no more. A crash leaves the old file or the new one.
func Drop(o Options, names []crdt.Space) error { return drop(o.files(), o.Path, names) }

func drop(d disk, path string, names []crdt.Space) error {
	if err := os.RemoveAll(filepath.Join(filepath.Dir(path), "checkpoints")); err != nil { // what may be deleted at any time
		return err
	}
	return rewriteFrom(d, path, path, func(r *rewriter, p *pages) error {
		x := dropping{names: names, numbers: map[uint32]bool{}}
		for _, name := range names {
			if v := p.get(spaceBucket, []byte(name.String())); v != nil {
				sp, err := decodeSpace(v)
				if err != nil {
					return err
				}
				x.numbers[sp.number] = true
			}
		}
		if err := r.compactBut(p, x); err != nil {
			return err
		}
		return x.tombs(r, p)
	})
}

// dropping names what a rewriting leaves out. Its zero value is nothing.
type dropping struct {
	names   []crdt.Space
	numbers map[uint32]bool
}

// drops reports whether a key of a space that goes, or one that speaks of such, is
// left out.
func (x dropping) drops(bucket, key []byte) bool {
	if len(x.numbers) == 0 {
		return false
	}
	switch string(bucket) {
	case string(metaBucket):
		return bytes.Equal(key, epochKey)
	case string(peerBucket): // what both remembered to hold
		return len(key) != 4
	case string(spaceBucket):
		return slices.ContainsFunc(x.names, func(s crdt.Space) bool { return s.String() == string(key) })
	case string(streamBucket):
		return x.numbered(key)
	case string(recentBucket), string(attachedBucket): // number and record id stand last
		return len(key) > keySize && x.numbered(key[len(key)-keySize:])
	case string(forkBucket), string(freezeBucket):
		return x.named(key, 8)
	case string(quarantineBucket):
		return x.named(key, 9)
	}
	return false
}

func (x dropping) numbered(key []byte) bool {
	return len(key) >= 4 && x.numbers[binary.BigEndian.Uint32(key)]
}

func (x dropping) named(key []byte, from int) bool {
	return len(key) > from && slices.ContainsFunc(x.names, func(s crdt.Space) bool { return s.String() == string(key[from:]) })
}

// tombs leaves the numbers of spaces that went with their names: a tree that this
// node's writer signed names its leaves by them, and no other space may come to be
// meant.
func (x dropping) tombs(r *rewriter, p *pages) error {
	for _, name := range x.names {
		v := p.get(spaceBucket, []byte(name.String()))
		if v == nil {
			continue
		}
		sp, err := decodeSpace(v)
		if err == nil {
			err = r.put(spaceBucket, []byte(name.String()), space{number: sp.number}.encode())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Succeed has another writer take the place of this node's present one if that has
// written in a space.
func (s *Store) Succeed(names []crdt.Space) error {
	me := s.self()
	if me == nil || !slices.ContainsFunc(names, func(name crdt.Space) bool { return s.Held(name, me.Name()) > 0 }) {
		return nil
	}
	if !s.doubt(me.Name()) {
		return fmt.Errorf("the writer %s has gone already", me.Name())
	}
	return s.commit(func(t *transaction) error {
		_, err := t.self()
		return err
	})
}
