package main

import (
	"encoding/binary"
	"errors"
	"time"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/sync/session"
	"wangge/sync/wire"
)

// benchTalk is a conversation of two boxes: two real sessions on two real stores,
// and a pipe between them that counts.
type benchTalk struct {
	side  [2]*session.Session
	queue [2][][]byte // frames on their way to each side
	spent passage
	said  [2]int // bytes of each side's, since the conversation began
}

// passage is what a conversation, or a part of one, took.
type passage struct {
	bytes     int           // of all frames both ways, their lengths included
	messages  int           // both ways
	trips     float64       // there and back
	processor time.Duration // of the second side: reading, proving, merging, fsync
}

// benchLog is a store as a box's conversation has it.
type benchLog struct{ *store.Store }

// Prints hashes all that is held.
func (l benchLog) Prints(about func(crdt.Space) bool) map[crdt.Space]wire.Hash {
	return l.Store.Prints(about, true)
}

// Keep answers at the level of a box.
func (l benchLog) Keep(c wire.Chunk) (wire.Ack, []wire.Refusal, error) {
	ack, refusals, err := l.Store.Keep(c)
	for i := range ack.Marks {
		ack.Marks[i].Level = wire.AtBox
	}
	return ack, refusals, err
}

// talk opens a conversation and holds it until both sides are quiet. The second
// side tells what it has only if it offers.
func (c *benchCounty) talk(first, second *benchBox, offers bool) (*benchTalk, error) {
	t := &benchTalk{}
	for i, box := range []*benchBox{first, second} {
		peer := []*benchBox{second, first}[i]
		t.side[i] = session.New(session.Side{
			County: box.options.County, Device: box.device.Index, Epoch: box.store.Epoch(), Peer: peer.device.Index,
			Mine:   box.device.MayHold,
			Theirs: func(sp crdt.Space) bool { return (i == 0 || offers) && peer.device.MayHold(sp) },
			Proves: wire.AtBox, First: i == 0, Grounds: box.store.Grounds(peer.device.Index).Known,
		}, benchLog{box.store})
		t.side[i].Carries(1 << 20)
	}
	t.send(0, t.side[0].Start())
	return t, t.finish(0)
}

// wake tells a side that its log has grown, and waits until both are quiet. It
// returns what that took.
func (t *benchTalk) wake(side int) (passage, error) {
	t.spent = passage{}
	out, err := t.side[side].Wake()
	if err != nil {
		return passage{}, err
	}
	t.send(side, out)
	err = t.finish(side)
	return t.spent, err
}

// remember ends the conversation and has both stores keep what they learned of
// each other.
func (t *benchTalk) remember(boxes [2]*benchBox) {
	for i, box := range boxes {
		peer := boxes[1-i].device.Index
		box.store.KeepGrounds(peer, box.store.Grounds(peer), t.side[i].Grounds())
	}
}

func (t *benchTalk) send(from int, out []wire.Message) {
	for _, m := range out {
		frame := t.side[from].Encode(m)
		t.spent.messages++
		size := len(frame) + len(binary.AppendUvarint(nil, uint64(len(frame)))) // as the link frames it
		t.spent.bytes += size
		t.said[from] += size
		t.queue[1-from] = append(t.queue[1-from], frame)
	}
}

// finish delivers what is under way, all of one side's and then all of the
// other's, until there is nothing. The one that spoke must be rid of its work.
func (t *benchTalk) finish(spoke int) error {
	for to := 1 - spoke; len(t.queue[0])+len(t.queue[1]) > 0; to = 1 - to {
		t.spent.trips += 0.5
		frames := t.queue[to]
		t.queue[to] = nil
		for _, frame := range frames {
			if err := t.deliver(to, frame); err != nil {
				return err
			}
		}
	}
	if !t.side[spoke].Settled() {
		return errors.New("the conversation fell silent, and not all that was to be told was taken")
	}
	return nil
}

func (t *benchTalk) deliver(side int, frame []byte) error {
	before := processorTime()
	m, err := t.side[side].Decode(frame)
	if err != nil {
		return err
	}
	out, err := t.side[side].Step(m)
	if side == 1 {
		t.spent.processor += processorTime() - before
	}
	t.send(side, out)
	return err
}
