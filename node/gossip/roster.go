package gossip

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/memberlist"
)

// membersMax bounds the boxes of one ring. A township has a few dozen; beyond some hundreds a ring
// costs more than it is worth.
const membersMax = 1024

// Member is another box of the ring.
type Member struct {
	Device  uint32
	Name    string    // what people call it
	Address string    // where it says that it is, as host:port
	Alive   bool      // false if it said farewell or has not answered for long
	Since   time.Time // when that became so, by this box's clock
}

// learner is told where a device says that it is; the link is one.
type learner interface {
	Learn(device uint32, addr string)
}

// roster keeps the members as memberlist reports them. memberlist calls it with its own lock held,
// so it must not call back, and forgets the dead, which the roster remembers: they are called again.
type roster struct {
	self    uint32
	learner learner
	met     func(device uint32) // told of each member that comes or comes back; must not wait

	mu      sync.Mutex
	members map[uint32]Member // guarded by mu; without self
}

var (
	_ memberlist.EventDelegate = (*roster)(nil)
	_ memberlist.AliveDelegate = (*roster)(nil)
)

func newRoster(self uint32, l learner, met func(uint32)) *roster {
	return &roster{self: self, learner: l, met: met, members: make(map[uint32]Member)}
}

// NotifyAlive decides whether a node that is said to be alive may be a member.
func (r *roster) NotifyAlive(n *memberlist.Node) error {
	device, err := verify(n)
	if err != nil || device == r.self {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.members[device]; !known && len(r.members) >= membersMax {
		return fmt.Errorf("the ring has %d members already", membersMax)
	}
	return nil
}

// NotifyJoin records that a member is there.
func (r *roster) NotifyJoin(n *memberlist.Node) { r.record(n, true) }

// NotifyUpdate records what a member says about itself.
func (r *roster) NotifyUpdate(n *memberlist.Node) { r.record(n, true) }

// NotifyLeave records that a member has gone, with a farewell or without.
func (r *roster) NotifyLeave(n *memberlist.Node) { r.record(n, false) }

func (r *roster) record(n *memberlist.Node, alive bool) {
	device, err := verify(n)
	if err != nil || device == r.self {
		return
	}
	about := decodeMeta(n.Meta)
	r.learner.Learn(device, about.address)
	if r.note(Member{device, about.name, about.address, alive, time.Now()}) && alive {
		r.met(device)
	}
}

// note reports whether the member has come or gone by what is noted.
func (r *roster) note(m Member) (changed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	was, known := r.members[m.Device]
	if changed = !known || was.Alive != m.Alive; !changed {
		m.Since = was.Since
	}
	r.members[m.Device] = m
	return changed
}

// list returns the members in order of their devices.
func (r *roster) list() []Member {
	r.mu.Lock()
	defer r.mu.Unlock()
	members := make([]Member, 0, len(r.members))
	for _, m := range r.members {
		members = append(members, m)
	}
	slices.SortFunc(members, func(a, b Member) int { return cmp.Compare(a.Device, b.Device) })
	return members
}

// near returns the devices that are there now.
func (r *roster) near() []uint32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	var near []uint32
	for device, m := range r.members {
		if m.Alive {
			near = append(near, device)
		}
	}
	return near
}

// absent returns the devices that belong to the ring and are not there: those given, and those met.
func (r *roster) absent(given []uint32) []uint32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	var absent []uint32
	for _, device := range given {
		if _, met := r.members[device]; !met && device != r.self {
			absent = append(absent, device)
		}
	}
	for device, m := range r.members {
		if !m.Alive {
			absent = append(absent, device)
		}
	}
	return absent
}
