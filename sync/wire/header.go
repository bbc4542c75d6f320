package wire

import (
	"fmt"
	"slices"
	"strconv"

	"wangge/crdt"
)

// header is what was learned of what stands around batches.
type header struct {
	ordinal number    // of the chunk
	counts  [4]number // credentials, runs, batches, firsts
	digits  number    // of areas
	area    int64
	areas   number
	class   [4]odds
	writer  [256]odds
	strange odds // batches that are passed on as they are
	jump    number
	tick    number
	seq     int64  // of the last sheaf
	places  number // of dots in a sheaf
	vouchers
}

// names are writers in the order of their coming.
type names struct {
	list   []crdt.Writer
	device number
	life   number
}

func (p *packer) run(r Run) Run {
	h := p.header
	r.Space = p.place(r.Space)
	p.space = r.Space
	r.Writer = p.writer(&h.writer, r.Writer)
	r.First = p.upTo(&h.counts[3], r.First-1, seqMax-1, "a batch's number") + 1
	n := p.count(&h.counts[2], len(r.Batches)-1, batchesMax-1, batchMin, "a number of batches") + 1
	r.Batches = sized(p, r.Batches, n)
	for i := range r.Batches {
		if p.err != nil {
			return r
		}
		r.Batches[i] = p.batch(r, r.Batches[i])
	}
	return r
}

// place codes a space by its area's distance from the one before.
func (p *packer) place(s crdt.Space) crdt.Space {
	h := p.header
	n, _ := strconv.ParseInt(s.Area, 10, 64)
	digits := p.upTo(&h.digits, uint64(len(s.Area)), 17, "a space's area")
	h.area += p.signed(&h.areas, n-h.area)
	class := p.tree(h.class[:], int(s.Class), 2)
	if !p.reading {
		return s
	}
	s = crdt.Space{Area: fmt.Sprintf("%0*d", int(digits), h.area), Class: crdt.Class(class)}
	if len(s.Area) != int(digits) || !crdt.IsArea(s.Area) || s.Class > crdt.Confidential {
		p.fail("a space")
	}
	return s
}

// writer codes a writer by its number among those that were named before.
func (p *packer) writer(t *[256]odds, w crdt.Writer) crdt.Writer {
	list := p.writers.list
	i := slices.Index(list, w)
	if i < 0 {
		i = len(list)
	}
	if i = p.among(t, i, len(list)+1); i < len(list) {
		return list[i]
	}
	device := p.upTo(&p.writers.device, uint64(w.Device()), 1<<32-1, "a writer's device")
	life := p.upTo(&p.writers.life, uint64(w.Incarnation()), 1<<32-1, "a writer's incarnation")
	w = crdt.NewWriter(uint32(device), uint32(life))
	if len(list) < 255 {
		p.writers.list = append(list, w)
	}
	return w
}
