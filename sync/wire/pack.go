package wire

import (
	"encoding/binary"
	"slices"

	"wangge/crdt"
)

// packer re-expresses chunks, writing or reading: the batches' parts, each told
// by what was learned of its like. What it gives back are the very bytes that
// were chained and signed.
type packer struct {
	*coder
	room    int // bytes that may still be made
	draft   int // bytes that the batch being read will have at least
	speller *speller
	header  *header
	forms   *forms
	writers names
	stamps  map[crdt.Writer]crdt.Stamp // the last of each writer
	stamp   crdt.Stamp                 // of the batch
	space   crdt.Space                 // of the run
	shared  Shared
	heard   []string // texts of the batch, after the area and a free place
	met     met
}

func newPacker(c *coder, size int, shared Shared) *packer {
	return &packer{
		coder: c, room: size, shared: shared, speller: newSpeller(size), header: &header{},
		forms:  &forms{columns: map[field]*column{}, places: map[string]int{}},
		stamps: map[crdt.Writer]crdt.Stamp{}, met: met{places: map[crdt.RecordID]int{}},
	}
}

// spend notes that n bytes are made, of those that were announced.
func (p *packer) spend(n int) {
	if p.room -= n; p.room < 0 {
		p.fail("a chunk larger than announced")
	}
}

// count codes the length of a list whose items take at least size bytes.
func (p *packer) count(m *number, n, limit, size int, what string) int {
	return int(p.upTo(m, uint64(n), uint64(min(limit, max(p.room, 0)/size)), what))
}

// sized returns a list of n to be walked: a copy of the given one or, reading, a
// new one.
func sized[T any](p *packer, list []T, n int) []T {
	out := make([]T, n)
	copy(out, list)
	return out
}

func (p *packer) chunk(m Chunk) Chunk {
	h := p.header
	m.Number = p.upTo(&h.ordinal, m.Number, seqMax, "a chunk's number")
	m.Credentials = sized(p, m.Credentials, p.count(&h.counts[0], len(m.Credentials), credentialsMax, 1, "a number of credentials"))
	for i, c := range m.Credentials {
		m.Credentials[i] = p.bytes(columnCredential, c, credentialMax)
	}
	m.trunks = p.trunks(m.trunks)
	m.Runs = sized(p, m.Runs, p.count(&h.counts[1], len(m.Runs), runsMax, runMin, "a number of runs"))
	for i := range m.Runs {
		m.Runs[i] = p.footing(p.run(m.Runs[i]), m.trunks)
	}
	return m
}

// Columns that are no field's.
const (
	columnCredential = columnsMax + iota
	columnBatch
	columnKind
)

// bytes codes what cannot be told any better.
func (p *packer) bytes(column int, b []byte, limit int) []byte {
	p.speller.begin(column, "")
	s := p.text(p.speller, string(b), min(limit, p.room))
	if !p.reading {
		return b
	}
	p.spend(len(s))
	return []byte(s)
}

// batch codes a batch by its content where that gives back the very bytes.
func (p *packer) batch(r Run, b []byte) []byte {
	var content crdt.Batch
	strange := false
	if !p.reading {
		var err error
		content, err = DecodeBatch(b)
		strange = err != nil
	}
	if p.flag(&p.header.strange, strange) {
		b = p.bytes(columnBatch, b, BatchMax)
		if len(b) < batchMin {
			p.fail("a batch")
		}
		return b
	}
	p.heard = append(p.heard[:0], r.Space.Area, "")
	content = p.form(r.Writer, content)
	if !p.reading || p.err != nil {
		return b
	}
	b = AppendBatch(nil, content)
	p.spend(len(b))
	return b
}

const (
	packMin      = 256 // bytes from which packing a chunk pays for its header
	packRatioMax = 100 // bytes that one packed byte may become: forms pack to a tenth, bombs to a thousandth
)

// pack returns a chunk's bytes packed, unless that is no gain or looks like a
// bomb to the receiver.
func pack(m Chunk, clear []byte, shared Shared) []byte {
	size := len(clear) - 1
	if size < packMin || size > MessageMax || !m.packable() {
		return clear
	}
	b := binary.AppendUvarint([]byte{tagPackedChunk}, uint64(size))
	p := newPacker(newWriter(b), size, shared)
	p.chunk(m)
	packed := p.end()
	if p.err != nil || len(packed) >= len(clear) || (len(packed)-len(b))*packRatioMax < size {
		return clear
	}
	return packed
}

// packable reports whether a packed chunk can name the spaces.
func (m Chunk) packable() bool {
	return !slices.ContainsFunc(m.Runs, func(r Run) bool {
		return !crdt.IsArea(r.Space.Area) || r.Space.Class > crdt.Confidential || r.First == 0 || len(r.Batches) == 0
	})
}

// unpack reads a packed chunk, whose size is declared and bounded before a byte
// of it is made.
func (r *reader) unpack(shared Shared) Chunk {
	size := int(r.uint("a chunk's size", MessageMax))
	if size > packRatioMax*len(r.b) {
		r.fail("a chunk packed too tightly")
		return Chunk{}
	}
	p := newPacker(newReader(r.b), size, shared)
	m := p.chunk(Chunk{})
	p.end()
	r.b, r.err = nil, p.err
	if p.err == nil && len(m.append(make([]byte, 0, size+1)))-1 != size {
		r.fail("a packed chunk of another size than declared")
	}
	return m
}
