package wire

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"wangge/crdt"
)

// Print is the fingerprint of what a replica holds of the spaces that it shares
// with a peer, streams and their chains: two that have the same hold the same. Its
// zero value says nothing.
type Print [16]byte

// SpacePrint returns the hash of what is held of one space: of every stream how
// far, and its chain's hash there.
func SpacePrint(held crdt.Frontier, chain func(crdt.Writer) Hash) Hash {
	b := binary.AppendUvarint([]byte("wangge space 1\x00"), uint64(len(held)))
	for _, w := range held.Writers() {
		hash := chain(w)
		b = append(binary.AppendUvarint(appendWriter(b, w), held[w]), hash[:]...)
	}
	return sha256.Sum256(b)
}

// PrintOf returns the fingerprint of several spaces, each with its SpacePrint.
func PrintOf(spaces map[crdt.Space]Hash) (p Print) {
	b := []byte("wangge print 1\x00")
	for _, s := range slices.SortedFunc(maps.Keys(spaces), crdt.Space.Compare) {
		hash := spaces[s]
		b = append(appendSpace(b, s), hash[:]...)
	}
	hash := sha256.Sum256(b)
	copy(p[:], hash[:])
	return p
}

// GroundName names a ground in a Hello.
type GroundName [8]byte

// Ground is what two replicas once held alike of the spaces that both may hold,
// and what each had told the other with it. In a later conversation a Hello that
// names it tells only what has changed since.
type Ground struct {
	Print Print
	Ends  [2]End // the side's that keeps it, and its peer's
	Holds map[crdt.Space]crdt.Frontier
}

// End is what one of the two had told of itself.
type End struct {
	Device uint32
	Epoch  uint64 // of its store
	Floors map[crdt.Space]crdt.Frontier
}

// Name returns what both sides call the ground. Who holds something else, was told
// something else, or speaks from another life of its store, calls it otherwise.
func (g Ground) Name(county County) (name GroundName) {
	ends := g.Ends[:]
	if ends[0].Device > ends[1].Device {
		ends = []End{ends[1], ends[0]}
	}
	b := append([]byte("wangge ground 1\x00"), county[:]...)
	b = append(b, g.Print[:]...)
	for _, e := range ends {
		b = e.append(b)
	}
	hash := sha256.Sum256(b)
	copy(name[:], hash[:])
	return name
}

func (e End) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(e.Device))
	b = binary.AppendUvarint(b, e.Epoch)
	return appendFrontiers(b, e.Floors)
}

func (r *reader) groundEnd() End {
	return End{uint32(r.uint("a device", 1<<32-1)), r.uint("an epoch", 1<<64-1), r.frontiers()}
}

// groundsMax is how many grounds two remember of each other: one that both are
// known to have, and a newer one that the peer may not have learned of.
const groundsMax = 2

const groundsVersion = 1

// AppendGrounds appends the bytes in which a replica keeps what it remembers of a peer.
func AppendGrounds(b []byte, grounds []Ground) []byte {
	b = append(b, groundsVersion, byte(len(grounds)))
	for _, g := range grounds {
		b = append(b, g.Print[:]...)
		b = appendFrontiers(g.Ends[1].append(g.Ends[0].append(b)), g.Holds)
	}
	return b
}

// ReadGrounds reads what AppendGrounds wrote, or returns ErrFormat.
func ReadGrounds(b []byte) (grounds []Ground, err error) {
	r := &reader{b: b}
	r.check(r.byte("the grounds' version") == groundsVersion, "the grounds' version")
	n := r.byte("a number of grounds")
	r.check(n <= groundsMax, "a number of grounds")
	for range min(n, groundsMax) {
		var g Ground
		copy(g.Print[:], r.bytes("a fingerprint", len(g.Print)))
		g.Ends[0], g.Ends[1] = r.groundEnd(), r.groundEnd()
		g.Holds = r.frontiers()
		grounds = append(grounds, g)
	}
	if err := r.end(); err != nil {
		return nil, fmt.Errorf("what is remembered of a peer: %w", err)
	}
	return grounds, nil
}

// Beyond returns of a frontier of spaces what another does not cover. A space of
// which nothing is left is left out.
func Beyond(of, known map[crdt.Space]crdt.Frontier) map[crdt.Space]crdt.Frontier {
	more := map[crdt.Space]crdt.Frontier{}
	for s, f := range of {
		for w, seq := range f {
			if seq <= known[s][w] {
				continue
			}
			if more[s] == nil {
				more[s] = crdt.Frontier{}
			}
			more[s][w] = seq
		}
	}
	return more
}

// Whole returns the Hello that its sender, who held the ground and tells what it
// holds beyond it, would have told one that remembers nothing.
func (m Hello) Whole(g Ground) Hello {
	m.Grounds, m.Epoch = nil, g.Ends[1].Epoch
	m.Holds, m.Floors = merged(g.Holds, m.Holds), merged(g.Ends[1].Floors, m.Floors)
	return m
}

func merged(a, b map[crdt.Space]crdt.Frontier) map[crdt.Space]crdt.Frontier {
	all := make(map[crdt.Space]crdt.Frontier, cmp.Or(len(a), len(b)))
	for _, of := range []map[crdt.Space]crdt.Frontier{a, b} {
		for s, f := range of {
			if all[s] == nil {
				all[s] = f.Clone()
				continue
			}
			for w, seq := range f {
				all[s].Raise(w, seq)
			}
		}
	}
	return all
}
