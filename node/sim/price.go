package sim

import (
	"wangge/crdt"
	"wangge/sync/wire"
)

// price is what a conversation has cost, and what it has brought.
type price struct {
	sent  int // bytes of all frames, both ways
	pages int // and of checkpoints with their pages
	fresh int // bytes of batches that whoever was sent them did not hold, and of what vouches for them
	fork  bool
}

// said counts a frame.
func (p *price) said(m wire.Message, size int) {
	p.sent += size
	switch m.(type) {
	case wire.Fork:
		p.fork = true
	case wire.Checkpoint, wire.Page, wire.Want:
		p.pages += size
	}
}

// brings counts what a message brings a machine that it did not hold, once done is done.
func (p *price) brings(m wire.Message, to *Machine, done func() error) error {
	chunk, ok := m.(wire.Chunk)
	if !ok {
		return done()
	}
	type name struct {
		space  crdt.Space
		writer crdt.Writer
	}
	held := map[name]uint64{}
	for _, run := range chunk.Runs {
		held[name{run.Space, run.Writer}] = to.store.Held(run.Space, run.Writer)
	}
	err := done()
	if to.store == nil { // it fell meanwhile
		return err
	}
	was := p.fresh
	for _, run := range chunk.Runs {
		before, now := held[name{run.Space, run.Writer}], to.store.Held(run.Space, run.Writer)
		for i, b := range run.Batches {
			if seq := run.First + uint64(i); seq > before && seq <= now {
				p.fresh += len(b)
			}
		}
	}
	if p.fresh > was {
		p.fresh += vouching(chunk)
	}
	return err
}

// vouching returns how many bytes of a chunk are credentials, signatures and trees.
func vouching(c wire.Chunk) int {
	bare := wire.Chunk{Number: c.Number}
	for _, run := range c.Runs {
		run.Signature = []byte{1}
		bare.Runs = append(bare.Runs, run)
	}
	return len(wire.Encode(c)) - len(wire.Encode(bare))
}

// quiet is why a conversation ends that has come to its end.
const quiet = "quiet"

// allowance is what a conversation may cost beside half as much again as what is new:
// its greetings, Dones and answers, in bytes, and what who calls sends of its own along with
// its Hello, before it knows that a neighbour has brought the county just that meanwhile.
const allowance = 8 << 10

// fair checks what a conversation that came to its end has cost. Of one that was cut, what was
// under way is lost; and two that find a fork, by a copied device or a liar, send its branches more than once.
func (t *talk) fair(why string) {
	p, w := t.price, t.world
	if why == quiet && !w.cloned && !p.fork && p.sent > p.fresh+p.fresh/2+p.pages+allowance {
		w.violated("I6", "talk %d took %d bytes for %d bytes that were new, beside %d of checkpoints", t.number, p.sent, p.fresh, p.pages)
	}
}
