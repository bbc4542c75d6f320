package consensus

import (
	"strings"
	"time"

	"github.com/hashicorp/raft"
)

// Status is how a replica sees the group at one moment.
type Status struct {
	Leader  uint32 // the leader's device; 0 when none is known
	Role    string // leader, follower, candidate or shutdown; "starting" before the files are open
	Term    uint64
	Commit  uint64 // the last index that this replica knows to be committed
	Applied uint64 // the last index that its machine holds; raft's own entries are not counted

	// LastContact is when this replica was last sure of the group's state: now
	// on a leader, the last word of the leader on others, zero if there was
	// none. It tells a dashboard how old its figures may be.
	LastContact time.Time
}

// Status returns how this replica sees the group. It never waits.
func (c *Consensus) Status() Status {
	select {
	case <-c.ready:
	default:
		return Status{Role: "starting"}
	}
	r := c.replica.raft
	s := Status{
		Leader:      c.replica.leader(),
		Role:        strings.ToLower(r.State().String()),
		Term:        r.CurrentTerm(),
		Commit:      r.CommitIndex(),
		Applied:     c.replica.fsm.applied.load(),
		LastContact: r.LastContact(),
	}
	if r.State() == raft.Leader {
		s.LastContact = time.Now()
	}
	return s
}
