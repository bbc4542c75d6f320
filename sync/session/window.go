package session

import "wangge/sync/wire"

const (
	// chunkSize is about what a chunk takes on the way: on the worst link a second.
	chunkSize = 8 << 10
	// Bytes before packing.
	chunkMin   = 64 << 10  // of a first chunk at most, after which no run is added
	chunkMax   = 256 << 10 // of chunks on a link that carries much: the longer they are, the tighter they pack
	windowSize = 512 << 10 // under way, after which nothing is added
	// underWayMin is what may be under way on a link of which nothing is known.
	underWayMin = 2 * chunkSize
	// packing is how many bytes become one at least, until it is known better.
	packing = 4
	// pressFrom is the least that is pressed on a near way: a few forms cost little to pack.
	pressFrom = 16 << 10
)

// gauge is what a side knows of its way to the peer.
type gauge struct {
	carries       int  // bytes that may be under way; 0 while nothing is known
	near          bool // nobody counts the bytes
	plain, packed int  // what chunks took of late before and after packing
	batches       int  // in them
}

// Carries tells this side how many bytes its way to the peer holds: what it
// carries in a second times the seconds until an answer is back. On a weak one
// chunks stay small and few are under way, for a cut loses those; on a good one
// they grow, up to 256 KB before packing, and half a megabyte is under way.
func (s *Session) Carries(bytes int) { s.gauge.carries = bytes }

// Near tells this side whether its way to the peer is one where nobody counts bytes, as a
// cable within the house: there large chunks are pressed, which takes a fraction of the time, and not
// packed.
func (s *Session) Near(near bool) { s.gauge.near = near }

// measure notes how tightly a chunk was packed.
func (g *gauge) measure(m wire.Chunk, packed int) {
	g.plain += plain(m)
	for _, run := range m.Runs {
		g.batches += len(run.Batches)
	}
	if g.packed += packed; g.plain > windowSize { // what is long ago counts less
		g.plain, g.packed, g.batches = g.plain/2, g.packed/2, g.batches/2
	}
}

// unpacked returns about how many bytes before packing become so many.
func (g *gauge) unpacked(bytes int) int {
	if g.plain < chunkSize || g.packed == 0 {
		return bytes * packing
	}
	return int(float64(bytes) * float64(g.plain) / float64(g.packed))
}

// room reports whether more may be under way.
func (s *Session) room() bool {
	under := s.gauge.carries
	if under == 0 {
		under = underWayMin
	}
	return !s.exhausted() && s.window < min(windowSize, max(1, s.gauge.unpacked(under)))
}

// chunkRoom is how many bytes before packing the next chunk takes: about
// chunkSize after it, and more where a second chunk of that size is under way at
// the same time.
func (s *Session) chunkRoom() int {
	small := min(chunkMin, s.gauge.unpacked(chunkSize))
	room := max(small, min(s.chunks.room, s.gauge.unpacked(s.gauge.carries/2)))
	if bytes, bounded := s.left(); bounded {
		room = min(room, s.gauge.unpacked(bytes))
	}
	return room
}
