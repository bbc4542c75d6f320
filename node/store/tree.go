package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"

	bolt "go.etcd.io/bbolt"

	"wangge/crdt"
	"wangge/sync/wire"
)

// tree is what a writer of this node signed last: the heads of its streams that
// the county is not known to have. Of a tree in the file nobody needs to know
// more than its leaves' hashes to prove any of them.
type tree struct {
	leaves    []leaf // in order of spaces
	signature []byte
}

// leaf is the head of one stream.
type leaf struct {
	space uint32 // number
	seq   uint64
	hash  wire.Hash // as wire.Leaf gives it
}

const leafSize = 4 + 8 + len(wire.Hash{})

func (t tree) encode() []byte {
	b := make([]byte, 0, binary.MaxVarintLen64+len(t.signature)+len(t.leaves)*leafSize)
	b = binary.AppendUvarint(b, uint64(len(t.signature)))
	b = append(b, t.signature...)
	for _, l := range t.leaves {
		b = binary.BigEndian.AppendUint32(b, l.space)
		b = binary.BigEndian.AppendUint64(b, l.seq)
		b = append(b, l.hash[:]...)
	}
	return b
}

var errTree = errors.New("the store is damaged: what its writer signed last cannot be read")

func decodeTree(b []byte) (t tree, err error) {
	size, n := binary.Uvarint(b)
	if n <= 0 || n > 1 && b[n-1] == 0 || size > uint64(len(b)-n) || (len(b)-n-int(size))%leafSize != 0 {
		return tree{}, errTree
	}
	t.signature, b = slices.Clone(b[n:n+int(size)]), b[n+int(size):]
	t.leaves = make([]leaf, len(b)/leafSize)
	for i := range t.leaves {
		at := b[i*leafSize:]
		t.leaves[i] = leaf{binary.BigEndian.Uint32(at), binary.BigEndian.Uint64(at[4:]), wire.Hash(at[12:])}
	}
	return t, nil
}

// hashes returns what the tree is made over.
func (t tree) hashes() []wire.Hash {
	all := make([]wire.Hash, len(t.leaves))
	for i, l := range t.leaves {
		all[i] = l.hash
	}
	return all
}

// message returns what the writer signs.
func (t tree) message(county wire.County, w crdt.Writer) []byte {
	return wire.TreeMessage(county, w, uint64(len(t.leaves)), wire.Root(t.hashes()))
}

// find returns the place of a space's stream among the leaves.
func (t tree) find(space uint32) (i int, ok bool) {
	i = slices.IndexFunc(t.leaves, func(l leaf) bool { return l.space == space })
	return i, i >= 0
}

// vouch returns what vouches for a stream's head after batch seq, if a tree does.
func (t tree) vouch(space uint32, seq uint64) (signature []byte, ok bool) {
	i, ok := t.find(space)
	if !ok || t.leaves[i].seq != seq {
		return nil, false
	}
	p := wire.Place{Leaves: len(t.leaves), Leaf: i, Branches: wire.Prove(t.hashes(), []int{i}), Signature: t.signature}
	return p.Append(nil), true
}

// treeOf reads what a writer signed last; of one that signed no tree here it is
// empty.
func treeOf(tx *bolt.Tx, w crdt.Writer) (tree, error) {
	b := tx.Bucket(treeBucket).Get(writerKey(w))
	if b == nil {
		return tree{}, nil
	}
	return decodeTree(b)
}

const (
	// treeMax is how many leaves a tree may have before it begins anew: whoever
	// is offline for so long pays some more signatures rather than a slow save.
	treeMax = 1024
	// tailMax bounds the bytes of a stream behind its last own signature: so much
	// may be lost if the file is damaged there.
	tailMax = 16 << 10
)

// signHeads lets the writer stand behind all that the transaction saved, with
// one signature. It is one writer's work unless it was given up on the way.
func (t *transaction) signHeads() error {
	authors := map[crdt.Writer]*self{}
	for st, s := range t.saved {
		authors[st.writer] = s.by
	}
	for _, me := range authors {
		if err := t.signTree(me); err != nil {
			return err
		}
	}
	return nil
}

// signTree signs a tree over a writer's streams that the county is not known to
// have. Heads that were in the last one and leave are signed by themselves.
func (t *transaction) signTree(me *self) error {
	leaves, err := t.stay(me)
	if err != nil {
		return err
	}
	for st := range t.saved {
		if st.writer == me.Name() {
			h := t.head(st)
			sp, _ := t.space(st.space)
			hash := wire.Leaf(t.store.options.County, st.space, st.writer, h.seq, h.hash)
			leaves = append(leaves, namedLeaf{st.space, leaf{sp.number, h.seq, hash}})
		}
	}
	slices.SortFunc(leaves, func(a, b namedLeaf) int { return a.name.Compare(b.name) })
	next := tree{leaves: make([]leaf, len(leaves))}
	for i, l := range leaves {
		next.leaves[i] = l.leaf
	}
	next.signature = me.Sign(next.message(t.store.options.County, me.Name()))
	return t.bolt.Bucket(treeBucket).Put(writerKey(me.Name()), next.encode())
}

// namedLeaf is a leaf and the name of its space, by which leaves are in order.
type namedLeaf struct {
	name crdt.Space
	leaf
}

// stay returns the leaves of a writer's last tree that the next one has too, and
// signs the heads of the others. A stream that others brought further keeps the
// leaf that it had.
func (t *transaction) stay(me *self) ([]namedLeaf, error) {
	last, err := treeOf(t.bolt, me.Name())
	if err != nil {
		return nil, err
	}
	stay := make([]namedLeaf, 0, len(last.leaves)+len(t.saved))
	anew := len(last.leaves)+len(t.saved) > treeMax
	for _, l := range last.leaves {
		st := stream{t.nameOf(l.space), me.Name()}
		h := t.head(st)
		if _, grown := t.saved[st]; grown {
			continue
		}
		if h.seq == l.seq && (anew || h.hub >= l.seq) {
			err = errors.Join(err, t.signHead(me, st))
		} else {
			stay = append(stay, namedLeaf{st.space, l})
		}
	}
	return stay, err
}

// signHead signs a stream's head by itself, unless its entry has something that
// vouches for it already.
func (t *transaction) signHead(me *self, st stream) error {
	sp, _ := t.space(st.space)
	h := t.head(st)
	key := logKey(sp.number, st.writer, h.seq)
	signature, b := splitEntry(t.bolt.Bucket(logBucket).Get(key))
	if b == nil || len(signature) > 0 {
		return nil
	}
	signature = me.Sign(wire.HeadMessage(t.store.options.County, st.space, st.writer, h.seq, h.hash))
	return t.bolt.Bucket(logBucket).Put(key, joinEntry(signature, b))
}

// tail returns how many bytes of an own stream stand behind its last head that is
// signed by itself.
func (t *transaction) tail(st stream) int {
	if s, ok := t.saved[st]; ok {
		return s.tail
	}
	sp, _ := t.space(st.space)
	n, prefix := 0, streamKey(sp.number, st.writer)
	c := t.bolt.Bucket(logBucket).Cursor()
	for k, v := c.Seek(logKey(sp.number, st.writer, t.head(st).seq)); bytes.HasPrefix(k, prefix); k, v = c.Prev() {
		signature, b := splitEntry(v)
		if len(signature) > 0 {
			return n
		}
		n += len(b)
	}
	return n
}
