// Package consensus keeps the county's one order of commits: a Raft group of three or five hub replicas.
package consensus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"
)

// EntryMax is the size in bytes of the largest entry, and of the largest answer
// to one. Larger ones would hold up the heartbeats behind them.
const EntryMax = 512 << 10

// Options say who a replica is and what it works with. All are needed unless
// they say otherwise.
type Options struct {
	Device  uint32   // this replica's device; not 0
	Members []uint32 // the devices of the whole group, this one too: 1 (to try things out), 3, 5 or 7
	Dir     string   // where the log and the snapshots are kept; of this replica alone
	Network Network
	Machine Machine

	// May tells whether a device may speak for a purpose. Only devices of the
	// hub may. It is called from several goroutines at once.
	May func(device uint32, p Purpose) bool

	// Timeouts multiplies raft's waiting times. 0 or 1 fits round trips of up
	// to about 50 ms; a satellite path of 600 ms needs 8.
	Timeouts int

	Log *slog.Logger // nil logs nothing
}

// Consensus is one replica of the group. Run makes it work; the other methods
// may be called at any time, from any goroutine.
type Consensus struct {
	options Options
	tuning  tuning        // of raft and its files; tests make it small
	calls   *gate         // who waits for raft
	replica *replica      // may be read once ready is closed
	ready   chan struct{} // closed when the replica is open
	ended   chan struct{} // closed when Run is about to return
}

// New returns a replica that has touched nothing yet: no file and no network.
func New(o Options) (*Consensus, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	o.Members = slices.Sorted(slices.Values(o.Members))
	o.Timeouts = max(o.Timeouts, 1)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Consensus{
		options: o,
		tuning:  defaultTuning(),
		calls:   newGate(),
		ready:   make(chan struct{}),
		ended:   make(chan struct{}),
	}, nil
}

func (o Options) check() error {
	switch {
	case o.Dir == "" || o.Network == nil || o.Machine == nil || o.May == nil:
		return errors.New("a replica needs a directory, a network, a machine and a rule who may speak")
	case !slices.Contains(o.Members, o.Device):
		return fmt.Errorf("device %d is not among the members %v: name it there, or start the hub on another", o.Device, o.Members)
	case !slices.Contains([]int{1, 3, 5, 7}, len(o.Members)):
		return fmt.Errorf("a group of %d replicas is not supported: take 3 or 5", len(o.Members))
	case slices.Contains(o.Members, 0):
		return errors.New("device 0 does not exist: take it off the list of members")
	case len(slices.Compact(slices.Sorted(slices.Values(o.Members)))) != len(o.Members):
		return fmt.Errorf("a device is named twice among the members %v", o.Members)
	case o.Timeouts < 0 || o.Timeouts > 100:
		return fmt.Errorf("timeouts cannot be multiplied by %d: take 1 to 100", o.Timeouts)
	}
	return nil
}

// Run opens the replica, takes part in the group until ctx ends, and closes
// everything that it opened. It returns nil when ctx ended it, and an error
// when the files cannot be read, do not belong to this group, or the network
// is gone. It may be called once.
func (c *Consensus) Run(ctx context.Context) error {
	defer close(c.ended)
	r, err := c.open()
	if err != nil {
		return err
	}
	c.replica = r
	close(c.ready)
	c.options.Log.Info("the county's order is open", "device", c.options.Device, "members", c.options.Members, "applied", r.fsm.applied.load())
	err = c.serve(ctx)
	// Raft never answers what its machine had in hand when it was shut down,
	// so what is under way ends first. That takes no longer than a leader
	// keeps its office without a quorum, unless a disk hangs.
	c.calls.close(c.attemptMax())
	return errors.Join(err, r.close())
}

// attemptMax is how long one replica waits for another before it asks again.
// It is longer than an election, so that a slow commit is not proposed twice.
func (c *Consensus) attemptMax() time.Duration {
	return 5 * time.Second * time.Duration(c.options.Timeouts)
}
