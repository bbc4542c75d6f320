package node

import (
	"context"
	"fmt"
	"slices"

	"wangge/crdt"
	"wangge/node/web"
	"wangge/sync/session"
	"wangge/sync/wire"
)

// conversing is what a conversation needs of this node.
type conversing interface {
	session.Log
	session.Forks
}

var (
	_ conversing = boxLog{}
	_ conversing = hubLog{}
)

// Tell returns the proofs that the county should hear. Neighbours are told of a
// fork that is found in talking to them, and of no other: they cannot settle it.
func (l boxLog) Tell() []wire.Message {
	if !l.county {
		return nil
	}
	return l.Proofs()
}

// Hear lets the county's word move streams.
func (l boxLog) Hear(m wire.Message) ([]wire.Message, error) { return l.Store.Hear(m, l.county) }

// Frontiers leaves arms out of what neighbours tell each other: which of two
// branches is one, they have from the county.
func (l boxLog) Frontiers(about func(crdt.Space) bool) map[crdt.Space]crdt.Frontier {
	all := l.Store.Frontiers(about)
	if l.county {
		return all
	}
	for _, f := range all {
		for w := range f {
			if wire.ArmDepth(w) > 0 {
				delete(f, w)
			}
		}
	}
	return all
}

// stems parts from a neighbour's chunk the arms in it.
func stems(c wire.Chunk) (wire.Chunk, []wire.Refusal) {
	var refusals []wire.Refusal
	c.Runs = slices.DeleteFunc(slices.Clone(c.Runs), func(run wire.Run) bool {
		if wire.ArmDepth(run.Writer) == 0 {
			return false
		}
		refusals = append(refusals, wire.Refusal{
			Mark: wire.Mark{Space: run.Space, Writer: run.Writer, Seq: run.First},
			Why:  wire.WhyArm, Reason: "arms of forked streams are taken from the county only",
		})
		return true
	})
	return c, refusals
}

// Tell returns what the county has closed.
func (l hubLog) Tell() []wire.Message { return l.Freezes() }

// Hear has a proof committed that is of use: from then on the stream is closed.
func (l hubLog) Hear(m wire.Message) ([]wire.Message, error) {
	proof, ok := m.(wire.Fork)
	if !ok || l.Proves(proof) != nil {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(l.ctx, commitTimeout)
	defer cancel()
	if _, err := l.propose(ctx, wire.Encode(proof)); err != nil {
		return nil, fmt.Errorf("the county could not commit: %w", err)
	}
	return nil, l.waitFor(ctx, func() bool { return l.Proves(proof) != nil })
}

// settle has the forks committed that a chunk brought to light.
func (l hubLog) settle(refusals []wire.Refusal) error {
	for _, r := range refusals {
		if r.Beside == nil {
			continue
		}
		if _, err := l.Hear(r.Beside); err != nil {
			return err
		}
	}
	return nil
}

// Frontiers tells of arms too: what the county holds of them is settled.
func (l hubLog) Frontiers(about func(crdt.Space) bool) map[crdt.Space]crdt.Frontier {
	return l.Store.Frontiers(about)
}

// forked lists the streams that were signed twice.
func (n *node) forked() (all []web.Forked) {
	for _, f := range n.store.Forks() {
		one := web.Forked{
			Space: f.Space.String(), Writer: f.Writer.String(), Device: n.device(f.Writer.Device()).Name, Closed: f.Frozen,
		}
		for _, arm := range f.Arms {
			one.Arms = append(one.Arms, arm.Writer.String())
		}
		all = append(all, one)
	}
	return all
}
