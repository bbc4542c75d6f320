package sim

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"wangge/sync/wire"
)

// county is the hub: a log that a majority of replicas has, and the replicas,
// each of which has applied it up to where it has come. Raft itself is not
// simulated here; what it may do to those who use it is.
type county struct {
	replicas []*Machine
	log      [][]byte
	begins   uint64 // index of the log's first entry, less one
	leader   *Machine
	lagging  map[*Machine]int64 // applies nothing until then
	answers  map[uint64][sha256.Size]byte
	draws    *rand.Rand
	backup   string // of the whole hub
	backedUp int64  // when the last one was made
	life     int    // how often the whole hub was restored
}

var (
	errNoLeader  = errors.New("the hub has no leader")
	errUndecided = errors.New("the hub did not answer in time")
)

func (c *county) last() uint64 { return c.begins + uint64(len(c.log)) }

// join lets a replica that has started take part.
func (c *county) join(m *Machine) {
	if !m.isHub() {
		return
	}
	if c.leader == nil {
		c.elect(m.world)
	}
	m.world.at(m.world.now+1000, func() { c.catchUp(m) })
}

// leave notes that a replica is down.
func (c *county) leave(m *Machine) {
	if c.leader == m {
		c.leader = nil
		m.world.at(m.world.now+3000, func() { c.elect(m.world) })
	}
}

// elect has the replicas choose a leader, if a majority is up.
func (c *county) elect(w *World) {
	if c.leader != nil {
		return
	}
	var up []*Machine
	for _, r := range c.replicas {
		if r.store != nil {
			up = append(up, r)
		}
	}
	if len(up)*2 > len(c.replicas) {
		c.leader = up[w.order%len(up)]
		w.note("%s leads the hub", c.leader)
	}
}

// commit has a replica's proposal committed, and applied at that replica.
func (c *county) commit(at *Machine, entry []byte) ([]byte, error) {
	w := at.world
	if c.draws == nil {
		c.draws, c.lagging, c.answers = w.rand(3), map[*Machine]int64{}, map[uint64][sha256.Size]byte{}
	}
	leader := c.leader
	if leader == nil || c.reaching(leader)*2 <= len(c.replicas) || w.cut(at, leader) || w.cut(leader, at) {
		return nil, errNoLeader
	}
	fate := 1.0
	if !w.healed {
		fate = c.draws.Float64()
	}
	if fate < w.Undecided/2 {
		return nil, errUndecided // the proposal was lost
	}
	c.log = append(c.log, entry)
	index := c.last()
	w.note("the hub commits %d, %d bytes, for %s", index, len(entry), at)
	c.spread(w)
	answer, err := c.applied(leader, index)
	if err != nil {
		return nil, err
	}
	if fate < w.Undecided {
		return nil, errUndecided // only the answer was
	}
	if at != leader {
		if _, err := c.applied(at, index); err != nil {
			return nil, err
		}
	}
	return answer, nil
}

// reaching counts the replicas that a leader reaches, itself too.
func (c *county) reaching(leader *Machine) (n int) {
	for _, r := range c.replicas {
		if r.store != nil && !r.world.cut(leader, r) && !r.world.cut(r, leader) {
			n++
		}
	}
	return n
}

// spread has all replicas apply what was committed, each in its time.
func (c *county) spread(w *World) {
	for _, r := range c.replicas {
		w.at(max(w.now+c.draws.Int64N(200), c.lagging[r]), func() { c.catchUp(r) })
	}
}

func (c *county) catchUp(m *Machine) {
	w := m.world
	if m.store == nil || c.lagging[m] > w.now && !w.healed {
		return
	}
	if c.draws == nil || m.store.Applied() >= c.last() {
		return
	}
	if behind := c.last() - m.store.Applied(); m.store.Applied() < c.begins || behind > 8 && c.draws.IntN(2) == 0 {
		if c.snapshot(m) || m.store == nil {
			return
		}
	}
	if m.store.Applied() >= c.begins {
		c.applied(m, c.last())
	}
}

// applied has a replica apply the log up to an index, in transactions of several
// entries, and returns the answer to the last.
func (c *county) applied(m *Machine, index uint64) (answer []byte, err error) {
	if m.store.Applied() < c.begins && !c.snapshot(m) {
		return nil, fmt.Errorf("%s is behind the beginning of the log", m)
	}
	for m.store != nil && m.store.Applied() < index {
		from := m.store.Applied() + 1
		n := 1 + uint64(c.draws.IntN(4))
		var indexes []uint64
		for i := from; i <= min(index, from+n-1); i++ {
			indexes = append(indexes, i)
		}
		answers, err := c.transact(m, indexes)
		if err != nil {
			return nil, err
		}
		for i, a := range answers {
			c.compare(m, indexes[i], a)
		}
		answer = answers[len(answers)-1]
	}
	if m.store == nil {
		return nil, errPower
	}
	if answer == nil {
		answer = c.nothing()
	}
	return answer, nil
}

// nothing is the answer to an entry that was applied before anybody could hear it.
func (c *county) nothing() []byte {
	b := wire.Encode(wire.Ack{})
	return append([]byte{byte(len(b))}, b...)
}

// transact applies entries. A replica that cannot write goes down, as its
// process does.
func (c *county) transact(m *Machine, indexes []uint64) (answers [][]byte, err error) {
	entries := make([][]byte, len(indexes))
	for i, index := range indexes {
		entries[i] = c.entry(m, index)
	}
	defer func() {
		if why := recover(); why != nil {
			answers, err = nil, fmt.Errorf("%s: %v", m, why)
			m.fall(fmt.Sprint(why))
			m.world.at(m.world.now+30_000, m.start)
		}
	}()
	return m.party().Apply(indexes, entries), nil
}

// entry returns an entry as a replica reads it.
func (c *county) entry(m *Machine, index uint64) []byte {
	e := c.log[index-c.begins-1]
	if reads := m.world.parts.Reads; reads != nil {
		e = reads(m, e)
	}
	return e
}

// compare holds what replicas answer to one entry against each other.
func (c *county) compare(m *Machine, index uint64, answer []byte) {
	sum := sha256.Sum256(answer)
	if was, ok := c.answers[index]; ok && was != sum {
		m.world.violated("I2", "%s answers entry %d otherwise than another replica did", m, index)
	}
	c.answers[index] = sum
}

// snapshot brings a replica up to another's state, and reports whether it did.
func (c *county) snapshot(m *Machine) bool {
	i := slices.IndexFunc(c.replicas, func(r *Machine) bool {
		return r != m && r.store != nil && r.store.Applied() > m.store.Applied()
	})
	if i < 0 {
		return false
	}
	from := c.replicas[i]
	var b bytes.Buffer
	err := from.store.Snapshot(&b)
	if err == nil {
		err = m.store.Restore(&b)
	}
	m.world.note("%s takes a snapshot of %s up to %d: %v", m, from, from.store.Applied(), err)
	return m.survives() && err == nil
}

// truth is the replica that has applied all that the county committed, if one is
// up.
func (c *county) truth() *Machine {
	for _, r := range c.replicas {
		if r.store != nil && r.store.Applied() == c.last() {
			return r
		}
	}
	return nil
}
