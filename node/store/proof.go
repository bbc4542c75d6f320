package store

import (
	"fmt"
	"slices"

	"wangge/crdt"
	"wangge/sync/wire"
)

// proof follows one stream through the log, from its floor, and believes a batch
// once a signature covers it.
type proof struct {
	stream  stream
	county  wire.County
	signer  Signatory // nil when nobody vouches for the writer
	leaf    leaf      // of the writer's last tree, if this stream stands in it
	arms    []*arm    // that leave this stream: the chain of each goes on from here, and its head vouches for both
	good    head      // of what is proven
	end     head      // of what was taken
	pending []logged  // what no signature covers yet
	size    int       // of pending, in bytes
	broken  error     // why nothing more is believed
}

// logged is one entry of the log.
type logged struct {
	key, entry []byte
	seq        uint64
	batch      crdt.Batch
}

func newProof(county wire.County, st stream, signer Signatory, leaf leaf, from floor) *proof {
	begin := head{seq: from.batch, hash: from.chain, floor: from}
	if from == (floor{}) {
		begin.hash = originOf(county, signer, st)
	}
	p := &proof{stream: st, county: county, signer: signer, leaf: leaf, good: begin, end: begin}
	if signer == nil {
		p.broken = fmt.Errorf("nobody vouches for the writer: its credential is missing or of another county")
	}
	return p
}

// take reads the next entry, and returns what is proven by it.
func (p *proof) take(l logged) []logged {
	if p.broken != nil {
		return nil
	}
	signature, b := splitEntry(l.entry)
	if p.broken = p.follow(&l, b); p.broken != nil {
		return nil
	}
	switch {
	case p.leaf.seq == p.end.seq && p.leaf.hash == wire.Leaf(p.county, p.stream.space, p.stream.writer, p.end.seq, p.end.hash):
		return p.believe()
	case len(signature) == 0 && slices.ContainsFunc(p.arms, func(a *arm) bool { return a.After == p.end.seq && a.Before == p.end.hash }):
		return p.believe()
	case len(signature) == 0:
		return nil
	}
	if !vouches(p.county, p.signer, p.signer.Signed, p.stream, p.end, signature) {
		p.broken = fmt.Errorf("the signature after batch %d is false, so one of the batches from %d on was changed", l.seq, p.good.seq+1)
		return nil
	}
	return p.believe()
}

func (p *proof) believe() (proven []logged) {
	proven = p.pending
	p.good, p.pending, p.size = p.end, nil, 0
	return proven
}

func (p *proof) follow(l *logged, batch []byte) (err error) {
	if l.seq != p.end.seq+1 {
		return fmt.Errorf("batch %d is missing", p.end.seq+1)
	}
	if l.batch, err = wire.DecodeBatch(batch); err != nil {
		return fmt.Errorf("batch %d cannot be read: %v", l.seq, err)
	}
	if p.size += len(batch); p.size > runMax {
		return fmt.Errorf("no signature covers the batches from %d on", p.good.seq+1)
	}
	p.end.seq, p.end.hash = l.seq, p.end.hash.Next(batch)
	p.pending = append(p.pending, *l)
	return nil
}

// finish returns why the stream is not proven to its end, or nil.
func (p *proof) finish() error {
	if p.broken == nil && len(p.pending) > 0 {
		p.broken = fmt.Errorf("no signature covers the batches from %d on", p.good.seq+1)
	}
	return p.broken
}
