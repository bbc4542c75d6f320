package crdt

import "crypto/sha256"

// A record's kind is part of its id, so nobody can claim another for it: not to take it
// out of its lists and figures, nor to have its fields read by a form that does not mask
// them. An op shows by itself whether it does, in whatever order ops come, and to a
// machine that has no form for the kind too.

const (
	// headSize is how many bytes of an id tell the records of a kind apart.
	headSize = 10
	// momentSize is how many bytes of an id that is minted are its moment, in ms since 1970.
	momentSize = 6
)

// end is the last bytes of an id: they follow from its kind and from all before them.
type end [len(RecordID{}) - headSize]byte

// end returns how the id ends if it is that of a record of a kind. Who looks for the name of
// another kind with the same end tries 2^48 names for each record.
func (id RecordID) end(kind string) end {
	const label = "wangge kind 1\x00"
	b := make([]byte, 0, len(label)+headSize+64) // a kind's name takes 64 bytes at most
	sum := sha256.Sum256(append(append(append(b, label...), id[:headSize]...), kind...))
	return end(sum[:len(end{})])
}

// IsOf reports whether the id is that of a record of a kind. Which of the county's kinds
// one of its own records is of, the county alone says.
func (id RecordID) IsOf(kind string) bool {
	if id.County() || CountyKind(kind) {
		return id.County() && CountyKind(kind)
	}
	return id.end(kind) == end(id[headSize:])
}

// Of returns the id that a record of a kind has to which chance, a hash or a form gave
// this one: the same, if it is of the kind already. An id that begins with a moment of
// these years keeps it, so that neighbours in time stay neighbours.
func (id RecordID) Of(kind string) RecordID {
	if id.IsOf(kind) {
		return id
	}
	if CountyKind(kind) {
		sum := sha256.Sum256(append([]byte("wangge county record 1\x00"), id[:]...))
		copy(id[copy(id[:], countyIDs):], sum[:])
		return id
	}
	sum := sha256.Sum256(append([]byte("wangge record 1\x00"), id[:]...))
	kept := 0
	if id[0] >= 1 && id[0] <= 3 { // 2004 to 2109
		kept = momentSize
	}
	copy(id[kept:headSize], sum[:])
	if id.County() {
		id[0] = 0
	}
	e := id.end(kind)
	copy(id[headSize:], e[:])
	return id
}

// Strays reports whether the op claims a kind of which its record cannot be.
func (op Op) Strays() bool { return op.Kind != "" && !op.Record.IsOf(op.Kind) }
