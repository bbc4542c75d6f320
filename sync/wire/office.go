package wire

import "wangge/crdt"

// Office is an entry of the hub's log, never sent to a box. Without runs its writer,
// a replica that has come to lead, takes the county's office: from then on it alone
// decides what only the county decides. With runs these are its decisions, and count
// for nothing if another writer has taken the office meanwhile: so no two replicas
// ever decide the same, whatever their Raft group went through.
type Office struct {
	Writer crdt.Writer
	Chunk
}

func (m Office) append(b []byte) []byte {
	return m.Chunk.append(appendWriter(append(b, tagOffice), m.Writer))
}

func (r *reader) office() Office {
	m := Office{Writer: r.writer()}
	r.check(r.byte("a chunk's tag") == tagChunk, "a chunk in an entry of the office")
	m.Chunk = r.chunk()
	r.check(len(m.trunks) == 0, "a chunk that stands by itself")
	return m
}
