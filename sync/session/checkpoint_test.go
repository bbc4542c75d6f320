package session

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"

	"wangge/crdt"
	"wangge/sync/wire"
)

// shelf is what a replica in memory offers and takes of checkpoints: its pages
// are words, and joining one makes the streams as long as it says.
type shelf struct {
	*replica
	pages  int  // of a checkpoint that it offers; 0: it offers none
	spoilt bool // it takes none
	held   map[wire.Hash][]string
	taken  []uint64 // every page that it was handed
	begun  wire.Checkpoint
	floors map[crdt.Space]crdt.Frontier
	made   map[crdt.Space]wire.Checkpoint
	hollow bool // a part of the village is lost
}

func newShelf(r *replica, pages int) *shelf {
	return &shelf{replica: r, pages: pages, held: map[wire.Hash][]string{}, floors: map[crdt.Space]crdt.Frontier{}, made: map[crdt.Space]wire.Checkpoint{}}
}

func (s *shelf) Floors(about func(crdt.Space) bool) map[crdt.Space]crdt.Frontier {
	told := map[crdt.Space]crdt.Frontier{}
	for sp, f := range s.floors {
		if about(sp) {
			told[sp] = f
		}
	}
	return told
}

func (s *shelf) Hollow(sp crdt.Space) bool { return s.hollow && sp == village }

func (s *shelf) Offer(sp crdt.Space) (c wire.Checkpoint, ok bool, err error) {
	if c, ok := s.made[sp]; ok {
		return c, true, nil
	}
	c = wire.Checkpoint{Space: sp}
	f := s.Frontiers(func(o crdt.Space) bool { return o == sp })[sp]
	for _, w := range f.Writers() {
		c.Heads = append(c.Heads, wire.Head{Writer: w, Seq: f[w]})
	}
	for i := range s.pages {
		c.Pages = append(c.Pages, wire.PageName{Size: 9000, Hash: sha256.Sum256(fmt.Append(nil, i))})
	}
	if s.pages > 0 {
		s.made[sp] = c
	}
	return c, s.pages > 0, nil
}

func (s *shelf) Page(_ wire.Checkpoint, n uint64) ([]byte, bool, error) {
	return fmt.Append(nil, n), n < uint64(s.pages), nil
}

func (s *shelf) Meet(c wire.Checkpoint) (uint64, bool, error) {
	s.begun = c
	s.join(len(s.held[c.Name()]))
	return uint64(len(s.held[c.Name()])), !s.spoilt, nil
}

func (s *shelf) Take(p wire.Page) (uint64, bool, error) {
	s.taken = append(s.taken, p.Number)
	held := append(s.held[p.Checkpoint], string(p.Data))
	s.held[p.Checkpoint] = held
	s.join(len(held))
	return uint64(len(held)), true, nil
}

// join joins the checkpoint that was met last once all of it is held.
func (s *shelf) join(held int) {
	if held < len(s.begun.Pages) || s.spoilt {
		return
	}
	for _, h := range s.begun.Heads {
		st := stream{s.begun.Space, h.Writer}
		s.log[st] = append(s.log[st], make([][]byte, int(h.Seq)-len(s.log[st]))...)
	}
	s.floors[s.begun.Space] = s.begun.Frontier()
}

// beginner makes a hub with much of the village and a box with little of it.
func beginner(pages int) (h, box *shelf, c *talk) {
	h, box = newShelf(newReplica(hub, town...), pages), newShelf(newReplica(1, town...), 0)
	for range checkpointMin {
		h.write(village, 20)
	}
	for range 3 {
		h.write(street, 20)
		box.write(village, 20)
	}
	return h, box, &talk{at: [2]*replica{box.replica, h.replica}}
}

// meetShelves opens a conversation of two sides with checkpoints.
func meetShelves(t *testing.T, c *talk, a, b *shelf) {
	c.t = t
	one, two := sideOf(a.replica, b.replica, true), sideOf(b.replica, a.replica, false)
	one.Checkpoints, two.Checkpoints = a, b
	c.side = [2]*Session{New(one, a.replica), New(two, b.replica)}
	c.queue = [2][][]byte{}
	c.say(0, c.side[0].Start(), nil)
}

func TestWhoLacksMostOfASpaceStartsFromACheckpointAndItsOwnWorkGoesOn(t *testing.T) {
	h, box, c := beginner(12)
	runs := map[crdt.Space]int{}
	c.observe = func(from int, m wire.Message) {
		if chunk, ok := m.(wire.Chunk); ok && from == 1 {
			for _, r := range chunk.Runs {
				runs[r.Space]++
			}
		}
	}
	meetShelves(t, c, box, h)
	c.finish()
	settled(t, c, true)
	if len(h.lacks(box.replica, h.entitled)) > 0 || len(box.lacks(h.replica, box.entitled)) > 0 {
		t.Error("one lacks what the other holds")
	}
	if len(box.taken) != 12 || runs[village] != 0 || runs[street] != 1 {
		t.Errorf("%d pages, runs %v: want the village as 12 pages and the street as a run", len(box.taken), runs)
	}
	if got := box.reached[h.own(village)][wire.AtCounty]; got != checkpointMin {
		t.Errorf("of what the checkpoint brought %d are known to be at the county", got)
	}
	h.write(village, 20)
	c.wake(1)
	c.finish()
	settled(t, c, true)
}

func TestACheckpointOfWhichAllPagesAreHeldIsJoinedAtOnce(t *testing.T) {
	h, box, c := beginner(12)
	offered, _, err := h.Offer(village)
	if err != nil {
		t.Fatal(err)
	}
	box.held[offered.Name()] = make([]string, 12) // the power went before they were joined
	meetShelves(t, c, box, h)
	c.finish()
	settled(t, c, true)
	if got := box.reached[h.own(village)][wire.AtCounty]; got != checkpointMin || len(box.taken) > 0 {
		t.Errorf("%d batches are known to be at the county, pages %v were taken", got, box.taken)
	}
}

func TestACutCheckpointGoesOnWhereItStopped(t *testing.T) {
	for cut := range 60 {
		h, box, c := beginner(12)
		meetShelves(t, c, box, h)
		for range cut {
			if !c.deliver(0) {
				c.deliver(1)
			}
		}
		meetShelves(t, c, box, h)
		c.finish()
		settled(t, c, true)
		if slices.Sort(box.taken); len(slices.Compact(box.taken)) != len(box.taken) || len(box.taken) != 12 {
			t.Fatalf("cut after %d messages, pages %v were taken", cut, box.taken)
		}
		if len(box.lacks(h.replica, box.entitled)) > 0 {
			t.Fatalf("cut after %d messages, something is lacking", cut)
		}
	}
}

func TestWhoWillNotHaveACheckpointGetsTheStreams(t *testing.T) {
	for name, spoil := range map[string]func(h, box *shelf){
		"at once":                  func(_, box *shelf) { box.spoilt = true },
		"its pages are gone":       func(h, _ *shelf) { h.pages = 0 },
		"nobody takes checkpoints": nil,
	} {
		h, box, c := beginner(12)
		meetShelves(t, c, box, h)
		c.deliver(1) // the hub offers
		if spoil != nil {
			spoil(h, box)
		} else {
			c.side[0].side.Checkpoints = nil
		}
		c.finish()
		settled(t, c, true)
		if len(box.lacks(h.replica, box.entitled)) > 0 || len(box.floors) > 0 {
			t.Errorf("%s: something is lacking, or the checkpoint was joined", name)
		}
	}
}

func TestASpaceThatIsAskedForIsOfferedHoweverSmall(t *testing.T) {
	h := newShelf(newReplica(hub, town...), 1)
	h.write(street, 20)
	side := sideOf(h.replica, newReplica(1, town...), false)
	side.Checkpoints = h
	hello := wire.Hello{Protocol: wire.Protocol, County: county, Device: 1, Holds: map[crdt.Space]crdt.Frontier{street: {}}}
	out, err := New(side, h.replica).Step(hello)
	if err != nil || !slices.ContainsFunc(out, func(m wire.Message) bool { _, ok := m.(wire.Checkpoint); return ok }) {
		t.Errorf("asked for a checkpoint the hub says %v, %v", out, err)
	}
}

func TestAHollowSpaceIsAskedForAtTheCountyAndItsNewWorkIsSent(t *testing.T) {
	for _, device := range []uint32{hub, 2} {
		peer, box := newShelf(newReplica(device, town...), 3), newShelf(newReplica(1, town...), 0)
		peer.write(village, 20)
		box.hollow = true
		box.write(village, 20)
		c := &talk{at: [2]*replica{box.replica, peer.replica}}
		asked := false
		c.observe = func(_ int, m wire.Message) {
			if _, ok := m.(wire.Checkpoint); ok {
				asked = true
			}
		}
		meetShelves(t, c, box, peer)
		c.finish()
		if len(peer.lacks(box.replica, peer.entitled)) > 0 {
			t.Errorf("the box's new work is not at device %d", device)
		}
		if asked != (device == hub) {
			t.Errorf("a checkpoint was asked of device %d: %v", device, asked)
		}
	}
}

func TestWantsThatCannotBeAreRefused(t *testing.T) {
	for _, page := range []uint64{13, 1 << 15} {
		h, box, c := beginner(12)
		meetShelves(t, c, box, h)
		c.deliver(1)
		o := c.side[1].offers[village]
		if _, err := c.side[1].Step(wire.Want{Space: village, Checkpoint: o.name, Page: page}); err == nil {
			t.Errorf("page %d of 12 was asked for, and nothing said", page)
		}
	}
	h, box, c := beginner(12)
	meetShelves(t, c, box, h)
	c.finish()
	for _, m := range []wire.Message{wire.Want{Space: street}, wire.Want{Space: village, Page: 5}, wire.Page{Space: village, Number: 3}} {
		for _, side := range c.side {
			if _, err := side.Step(m); err != nil {
				t.Errorf("a late %T ended the conversation: %v", m, err)
			}
		}
	}
	settled(t, c, true)
}

func TestARecordIsNotNamedByWhatThePeerCannotLookUp(t *testing.T) {
	a, b := newReplica(1, village), newShelf(newReplica(2, village), 0)
	op := crdt.Record{}.Assign(crdt.RecordID{7}, "visit", 1, crdt.Text("独居老人，每周走访一次，燃气已检查，无异常"))
	first := wire.AppendBatch(nil, crdt.Batch{Ops: []crdt.Op{op}})
	op.Replaces = []crdt.Dot{{Writer: a.own(village).writer, Seq: 1}}
	op.Value = crdt.Text("已处理")
	a.log[a.own(village)] = [][]byte{first}
	for range 9 {
		a.log[a.own(village)] = append(a.log[a.own(village)], wire.AppendBatch(nil, crdt.Batch{Ops: []crdt.Op{op}}))
	}
	b.log[a.own(village)] = [][]byte{nil} // merged, and thrown away
	b.floors[village] = crdt.Frontier{a.own(village).writer: 1}
	c := &talk{t: t, at: [2]*replica{a, b.replica}}
	one, two := sideOf(a, b.replica, true), sideOf(b.replica, a, false)
	two.Checkpoints = b
	c.side = [2]*Session{New(one, a), New(two, b.replica)}
	c.say(0, c.side[0].Start(), nil)
	c.finish()
	settled(t, c, true)
	if len(b.lacks(a, b.entitled)) > 0 {
		t.Error("something is lacking")
	}
}
