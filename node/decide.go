package node

import (
	"context"
	"errors"
	"fmt"
	"time"

	"wangge/crdt"
	"wangge/node/month"
	"wangge/node/registrar"
	"wangge/node/store"
	"wangge/sync/wire"
)

const (
	// decideMax is of how many records the county decides in one entry.
	decideMax = 200
	// decideAgain is how long the office rests after something went wrong.
	decideAgain = time.Second
)

// errDeposed says that another replica has taken the county's office.
var errDeposed = errors.New("another replica has taken the county's office")

// ours reports whether the county itself keeps records of a kind: no registry has it, and
// nobody fills it in.
func ours(kind string) bool {
	return kind == publishedKind || kind == holidaysKind || kind == month.ClosedKind || kind == month.RestatedKind || kind == month.FrozenKind || kind == writtenKind
}

// decide keeps the county's office while this replica leads.
func (n *node) decide(ctx context.Context) error {
	n.hub.Lead(ctx, func(ctx context.Context) {
		for ctx.Err() == nil {
			if err := n.office(ctx); err != nil && ctx.Err() == nil {
				n.log.Warn("the county's office was left; it is taken again", "error", err)
			}
			select {
			case <-time.After(decideAgain):
			case <-ctx.Done():
			}
		}
	})
	return nil
}

// office takes the county's office and decides what there is to decide, until ctx ends
// or another takes it. It signs with a writer that lives as long: nobody else ever
// signs in its streams.
func (n *node) office(ctx context.Context) error {
	w, err := n.id.NewWriter()
	if err != nil {
		return err
	}
	grown := n.grown.Subscribe()
	defer n.grown.Unsubscribe(grown)
	// When this has been applied here, so has all that others decided before.
	if _, err := n.hub.ProposeHere(ctx, wire.Encode(wire.Office{Writer: w.Name()})); err != nil {
		return err
	}
	for {
		for due := n.registrar.Due(decideMax); len(due) > 0; due = n.registrar.Due(decideMax) {
			if err := n.carryOut(ctx, w, due); err != nil {
				return err
			}
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// carryOut has decisions committed.
func (n *node) carryOut(ctx context.Context, w store.Author, due []registrar.Decision) error {
	ops := map[crdt.Space][]crdt.Op{}
	for _, d := range due {
		rec, err := n.store.Record(d.Space, d.ID)
		if err != nil {
			return err
		}
		ops[d.Space] = append(ops[d.Space], rec.Assign(d.ID, rec.Kind, d.Field.ID, d.Value))
	}
	chunk, err := n.store.Draw(w, ops)
	if err != nil {
		return err
	}
	answer, err := n.hub.ProposeHere(ctx, wire.Encode(wire.Office{Writer: w.Name(), Chunk: chunk}))
	if err != nil {
		return err
	}
	_, refusals, err := readAnswer(answer)
	if err == nil && len(refusals) > 0 {
		err = fmt.Errorf("%w: %s", errDeposed, refusals[0].Reason)
	}
	return err
}
