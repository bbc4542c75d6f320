package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"iter"
	"slices"
	"sort"

	bolt "go.etcd.io/bbolt"
)

// layer is a bucket and the packs under it. What is written stands in the bucket,
// key by key; a compaction moves it into packs, many keys in one value, which take
// a tenth of the room. A key that stands in both is read from the bucket. Packs
// are never changed: a file with other packs is another file.
type layer struct {
	fresh, packs []byte // the buckets
	spans        bool   // a pack may have keys of several spaces
	unpack       func(number uint32, body []byte) ([]pair, error)
}

// pair is a key and its value as they would stand in the bucket.
type pair struct{ key, value []byte }

// The layers. Keys of both begin with a space's number and have 20 bytes.
var (
	logLayer    = layer{logBucket, logPackBucket, true, unpackLog}
	recordLayer = layer{recordBucket, recordPackBucket, false, unpackRecords}
)

const keySize = 20

// A pack's key is its first key. Its value begins with its last key and a print
// of two bytes of each key, which tell mostly without unpacking that a key is not
// in it.

func appendPack(pairs []pair, body []byte) []byte {
	b := slices.Clone(pairs[len(pairs)-1].key)
	b = binary.AppendUvarint(b, uint64(len(pairs)))
	for _, p := range pairs {
		b = binary.BigEndian.AppendUint16(b, print(p.key))
	}
	return append(b, body...)
}

// pack is a pack's value taken apart.
type pack struct {
	last, prints, body []byte
}

func splitPack(v []byte) (p pack, ok bool) {
	if len(v) < keySize {
		return p, false
	}
	n, size := binary.Uvarint(v[keySize:])
	rest := v[keySize:]
	if size <= 0 || n == 0 || n > uint64(len(rest)-size)/2 {
		return p, false
	}
	rest = rest[size:]
	return pack{v[:keySize], rest[:2*n], rest[2*n:]}, true
}

// print returns two bytes that depend on all of a key.
func print(key []byte) uint16 {
	h := uint32(2166136261) // FNV-1a
	for _, c := range key {
		h = (h ^ uint32(c)) * 16777619
	}
	return uint16(h ^ h>>16)
}

func (p pack) mayHold(key []byte) bool {
	if bytes.Compare(key, p.last) > 0 {
		return false
	}
	want := print(key)
	for i := 0; i < len(p.prints); i += 2 {
		if binary.BigEndian.Uint16(p.prints[i:]) == want {
			return true
		}
	}
	return false
}

// open returns a pack's pairs in order, all of them or an error.
func (l layer) open(first, v []byte) ([]pair, error) {
	p, ok := splitPack(v)
	if !ok || len(first) != keySize {
		return nil, fmt.Errorf("pack %x of %s is damaged", first, l.packs)
	}
	pairs, err := l.unpack(binary.BigEndian.Uint32(first), p.body)
	if err != nil {
		return nil, fmt.Errorf("pack %x of %s is damaged: %v", first, l.packs, err)
	}
	if !bytes.Equal(pairs[0].key, first) || !bytes.Equal(appendPack(pairs, p.body), v) {
		return nil, fmt.Errorf("pack %x of %s holds other keys than it says", first, l.packs)
	}
	return pairs, nil
}

// find returns a key's value among pairs in order, or nil.
func find(pairs []pair, key []byte) []byte {
	i := sort.Search(len(pairs), func(i int) bool { return bytes.Compare(pairs[i].key, key) >= 0 })
	if i < len(pairs) && bytes.Equal(pairs[i].key, key) {
		return pairs[i].value
	}
	return nil
}

// layers reads both layers within one transaction.
type layers struct {
	tx    *bolt.Tx
	packs *packCache
}

func (s *Store) layers(tx *bolt.Tx) layers { return layers{tx, &s.packs} }

// get returns a key's value, or nil.
func (r layers) get(l layer, key []byte) ([]byte, error) { return r.look(l).get(key) }

// seeker looks for many keys of a layer with the same cursors: bbolt makes one anew for each key that is
// asked for without.
type seeker struct {
	layers
	layer
	fresh, packs *bolt.Cursor // packs is nil until a key is not in fresh
}

func (r layers) look(l layer) *seeker {
	return &seeker{layers: r, layer: l, fresh: r.tx.Bucket(l.fresh).Cursor()}
}

func (u *seeker) get(key []byte) ([]byte, error) {
	if k, v := u.fresh.Seek(key); bytes.Equal(k, key) {
		return v, nil
	}
	if u.packs == nil {
		u.packs = u.tx.Bucket(u.layer.packs).Cursor()
	}
	k, v := packFor(u.packs, key)
	if k == nil || bytes.Compare(k, key) > 0 {
		return nil, nil
	}
	if p, ok := splitPack(v); ok && !p.mayHold(key) {
		return nil, nil
	}
	pairs, err := u.layers.packs.open(u.layer, k, v)
	return find(pairs, key), err
}

// packFor puts a cursor on the pack in which a key may lie, or else on the first
// behind it.
func packFor(c *bolt.Cursor, key []byte) (first, v []byte) {
	switch first, v = c.Seek(key); {
	case first == nil:
		return c.Last()
	case bytes.Equal(first, key):
		return first, v
	}
	if first, v = c.Prev(); first == nil {
		return c.First()
	}
	return first, v
}

// each calls yield with the keys from from on and below to, in order; nil is no
// bound. yield must not write into the bucket.
func (r layers) each(l layer, from, to []byte, yield func(k, v []byte) error) error {
	var damage error
	unpacked := func(yield func(k, v []byte) bool) {
		c := r.tx.Bucket(l.packs).Cursor()
		k, v := packFor(c, from)
		for ; k != nil && (to == nil || bytes.Compare(k, to) < 0); k, v = c.Next() {
			pairs, err := r.packs.open(l, k, v)
			if err != nil {
				damage = err
				return
			}
			for _, p := range pairs {
				if !yield(p.key, p.value) {
					return
				}
			}
		}
	}
	fresh := func(yield func(k, v []byte) bool) {
		c := r.tx.Bucket(l.fresh).Cursor()
		for k, v := c.Seek(from); k != nil && yield(k, v); k, v = c.Next() {
		}
	}
	for k, v := range overlaid(fresh, unpacked) {
		if bytes.Compare(k, from) < 0 {
			continue
		}
		if to != nil && bytes.Compare(k, to) >= 0 {
			break
		}
		if err := yield(k, v); err != nil {
			return err
		}
	}
	return damage
}

// overlaid merges two walks in key order; of a key that both have, the fresh
// value is told.
func overlaid(fresh, packed iter.Seq2[[]byte, []byte]) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, v []byte) bool) {
		next, stop := iter.Pull2(packed)
		defer stop()
		pk, pv, more := next()
		for k, v := range fresh {
			for more && bytes.Compare(pk, k) < 0 {
				if !yield(pk, pv) {
					return
				}
				pk, pv, more = next()
			}
			if more && bytes.Equal(pk, k) {
				pk, pv, more = next()
			}
			if !yield(k, v) {
				return
			}
		}
		for more && yield(pk, pv) {
			pk, pv, more = next()
		}
	}
}
