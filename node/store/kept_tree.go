package store

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"wangge/crdt"
	"wangge/sync/wire"
)

// Of a tree that its writer signed each head's place takes some 300 bytes. Where
// all of a tree's heads are the last of their streams in the file, a compaction
// keeps the tree once, and in the entries only its number.

// keptMark is the first byte of a kept tree's number where a signature stands; no
// signature has it.
const keptMark = 0xff

func keptRef(number uint32) []byte { return binary.BigEndian.AppendUint32([]byte{keptMark}, number) }

// keptNumber returns the number that stands in a signature's place, if one does.
func keptNumber(signature []byte) (key []byte, ok bool) {
	if len(signature) != 5 || signature[0] != keptMark {
		return nil, false
	}
	return signature[1:], true
}

// whole returns what vouches for a log entry's batch, given where kept trees are
// found: what stands there, or the place in a kept tree.
func whole(get func(number []byte) []byte, key, signature []byte) ([]byte, error) {
	number, ok := keptNumber(signature)
	if !ok {
		return signature, nil
	}
	space, _, seq, _ := splitLogKey(key)
	t, err := decodeTree(get(number))
	if err == nil {
		if place, ok := t.vouch(space, seq); ok {
			return place, nil
		}
	}
	return nil, fmt.Errorf("the store is damaged: what vouches for batch %x stood in a tree that is lost", key)
}

// grove gathers the trees that can be kept.
type grove struct {
	county wire.County
	trees  map[treeName]*grown
	refs   map[string][]byte // by stream: what its last entry will have
}

type treeName struct {
	writer crdt.Writer
	root   string // its signature
}

// grown is a tree as far as its heads are known. What it costs grows with these,
// and not with how many leaves its writer says that it has.
type grown struct {
	size      int // in leaves
	signature []byte
	known     map[int]placed // by leaf
}

// placed is a stream's head in a tree.
type placed struct {
	leaf
	stream string // its key
	place  []byte // what vouches for it now
}

// head notes what vouches for a stream's last batch.
func (g *grove) head(st stream, number uint32, h head, signature []byte) {
	place, ok := wire.ReadPlace(signature)
	if !ok {
		return
	}
	name := treeName{st.writer, string(place.Signature)}
	t := g.trees[name]
	if t == nil {
		t = &grown{size: place.Leaves, signature: place.Signature, known: map[int]placed{}}
		g.trees[name] = t
	}
	if _, twice := t.known[place.Leaf]; twice || place.Leaves != t.size {
		return
	}
	l := leaf{number, h.seq, wire.Leaf(g.county, st.space, st.writer, h.seq, h.hash)}
	t.known[place.Leaf] = placed{l, string(streamKey(number, st.writer)), signature}
}

// keep writes the trees of which all is known, and notes who refers to them.
func (g *grove) keep(put func(number uint32, t tree) error) error {
	number := uint32(0)
	names := slices.SortedFunc(maps.Keys(g.trees), func(a, b treeName) int {
		return cmp.Or(cmp.Compare(a.writer, b.writer), cmp.Compare(a.root, b.root))
	})
	for _, name := range names {
		grown := g.trees[name]
		t, ok := grown.whole()
		if !ok {
			continue
		}
		number++
		if err := put(number, t); err != nil {
			return err
		}
		for _, p := range grown.known {
			g.refs[p.stream] = keptRef(number)
		}
	}
	return nil
}

// whole returns the tree if it gives back every place byte for byte.
func (g *grown) whole() (t tree, ok bool) {
	if len(g.known) < g.size || g.size < 2 {
		return tree{}, false
	}
	t = tree{leaves: make([]leaf, g.size), signature: g.signature}
	for i, p := range g.known {
		t.leaves[i] = p.leaf
	}
	for _, p := range g.known {
		if place, ok := t.vouch(p.space, p.seq); !ok || string(place) != string(p.place) {
			return tree{}, false
		}
	}
	return t, true
}
