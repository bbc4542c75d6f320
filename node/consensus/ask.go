package consensus

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// How long is waited before the leader is asked again: the first time, and at
// most. An election takes one to two seconds.
const (
	pauseMin = 10 * time.Millisecond
	pauseMax = 500 * time.Millisecond
)

var (
	errNoLeader = errors.New("the group has no leader; a majority of it must be up and see each other")
	errSlow     = errors.New("the leader did not answer in time")
)

// Propose has an entry committed and returns what the machine answered to it.
// When it returns without error, the entry is on the disks of a majority and in
// the leader's machine; this replica's own machine may be a moment behind.
//
// It may be called on any replica and asks on through elections, until ctx
// ends; then its error wraps ctx's cause, and the entry may or may not be
// committed. Asking again can commit an entry twice, so a machine must be able
// to tell a second copy. An entry has at most EntryMax bytes and must not be
// changed afterwards.
func (c *Consensus) Propose(ctx context.Context, entry []byte) ([]byte, error) {
	if len(entry) > EntryMax {
		return nil, fmt.Errorf("an entry of %d bytes is larger than %d: split it", len(entry), EntryMax)
	}
	answer, err := c.ask(ctx, askPropose, entry)
	if err != nil {
		return nil, fmt.Errorf("the entry is not known to be committed: %w", err)
	}
	return answer, nil
}

// Current returns when this replica's machine holds all entries that were
// committed anywhere when it was called: what is read from the machine
// afterwards is current. A follower learns of a commit within 0.1 s, times
// Options.Timeouts. When ctx ends first, the error wraps its cause.
func (c *Consensus) Current(ctx context.Context) error {
	answer, err := c.ask(ctx, askCurrent, nil)
	if err == nil && len(answer) != 8 {
		err = fmt.Errorf("the leader's index has %d bytes instead of 8", len(answer))
	}
	if err == nil {
		err = c.replica.fsm.applied.wait(ctx, c.ended, binary.BigEndian.Uint64(answer))
	}
	if err != nil {
		return fmt.Errorf("this replica is not known to be current: %w", err)
	}
	return nil
}

// ask asks the leader, wherever it is, until it answers, refuses, or ctx ends.
func (c *Consensus) ask(ctx context.Context, ask byte, body []byte) ([]byte, error) {
	select {
	case <-c.ready:
	case <-c.ended:
		return nil, errStopped
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	for pause := pauseMin; ; pause = min(2*pause, pauseMax) {
		answer, err := c.askOnce(ctx, ask, body)
		if err == nil || errors.As(err, new(refusal)) {
			return answer, err
		}
		select {
		case <-time.After(pause/2 + rand.N(pause)):
		case <-c.ended:
			return nil, errStopped
		case <-ctx.Done():
			return nil, fmt.Errorf("%w (%v)", context.Cause(ctx), err)
		}
	}
}

func (c *Consensus) askOnce(ctx context.Context, ask byte, body []byte) ([]byte, error) {
	switch leader := c.replica.leader(); leader {
	case 0:
		return nil, errNoLeader
	case c.options.Device:
		return c.lead(ctx, ask, body)
	default:
		return c.forward(ctx, leader, ask, body)
	}
}

// forward asks another replica, in a conversation of its own.
func (c *Consensus) forward(ctx context.Context, leader uint32, ask byte, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.attemptMax(), errSlow)
	defer cancel()
	conn, err := c.options.Network.Open(ctx, leader, Propose)
	if err != nil {
		return nil, fmt.Errorf("device %d leads and cannot be reached: %v", leader, err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.SetDeadline(longAgo) })()
	if err := writeFrame(conn, ask, body); err != nil {
		return nil, fmt.Errorf("device %d leads and cannot be asked: %v", leader, err)
	}
	says, answer, err := readFrame(conn)
	switch {
	case err != nil:
		return nil, fmt.Errorf("device %d leads and does not answer: %v", leader, err)
	case says == saysDone:
		return answer, nil
	case says == saysRefused:
		return nil, refusal(answer)
	}
	return nil, errors.New(string(answer))
}
