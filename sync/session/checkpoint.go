package session

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"wangge/crdt"
	"wangge/sync/wire"
)

// Checkpoints let a replica start a space, or mend it, without the history of
// its streams.
type Checkpoints interface {
	// Floors returns of streams up to where their batches are no longer at hand.
	Floors(about func(crdt.Space) bool) map[crdt.Space]crdt.Frontier
	// Hollow reports whether a part of a space's records is lost here: the county is
	// asked for a checkpoint of it, whatever is held of its streams.
	Hollow(crdt.Space) bool
	// Offer returns a sealed checkpoint of a space, and whether this replica has one.
	Offer(crdt.Space) (c wire.Checkpoint, ok bool, err error)
	// Page returns a page of a checkpoint that was offered, and whether it is still there.
	Page(c wire.Checkpoint, number uint64) (data []byte, ok bool, err error)
	// Meet looks at a checkpoint that a peer offers. It returns the first page that
	// is lacking, and whether the checkpoint is wanted.
	Meet(wire.Checkpoint) (next uint64, wanted bool, err error)
	// Take keeps a page, joins the checkpoint once all are there, and returns what
	// Meet does. A page that is not what its checkpoint says makes it unwanted.
	Take(wire.Page) (next uint64, wanted bool, err error)
}

const (
	// checkpointMin is how many batches a peer must lack to be offered a checkpoint:
	// of fewer the streams are as short, and can be proved and passed on.
	checkpointMin = 1000
	// pageWeight is what a page counts in the window: as many bytes as it had
	// before packing.
	pageWeight = 8
)

// offer is a checkpoint that this side has offered and not yet been told to be
// done with.
type offer struct {
	wire.Checkpoint
	name   wire.Hash
	asked  bool   // the peer has said where to begin
	next   uint64 // the page to send next
	behind uint64 // the page that the peer last asked for
}

// offered returns checkpoints of the spaces of which the peer lacks most.
func (s *Session) offered(holds map[crdt.Space]crdt.Frontier) ([]wire.Message, error) {
	if s.side.Checkpoints == nil {
		return nil, nil
	}
	mine := s.log.Frontiers(s.side.Theirs)
	var out []wire.Message
	for _, sp := range slices.SortedFunc(maps.Keys(mine), crdt.Space.Compare) {
		theirs, named := holds[sp]
		if asks := named && len(theirs) == 0; !asks && !s.lacksMost(mine[sp], theirs) {
			continue
		}
		c, ok, err := s.side.Checkpoints.Offer(sp)
		if err != nil {
			return nil, err
		}
		if ok {
			s.offers[sp] = &offer{Checkpoint: c, name: c.Name()}
			out = append(out, c)
		}
	}
	return out, nil
}

func (s *Session) lacksMost(mine, theirs crdt.Frontier) bool {
	var all, lacking uint64
	for w, seq := range mine {
		all += seq
		lacking += seq - min(seq, theirs[w])
	}
	return lacking >= cmp.Or(s.side.CheckpointFrom, checkpointMin) && 2*lacking > all
}

// pages returns pages of what was offered and asked for, as far as the window
// allows.
func (s *Session) pages() ([]wire.Message, error) {
	var out []wire.Message
	for _, sp := range slices.SortedFunc(maps.Keys(s.offers), crdt.Space.Compare) {
		o := s.offers[sp]
		for o.asked && o.next < uint64(len(o.Pages)) && s.room() {
			data, ok, err := s.side.Checkpoints.Page(o.Checkpoint, o.next)
			if err != nil {
				return nil, err
			}
			if !ok { // a newer one took its place: the streams say the rest
				s.withdraw(sp)
				out = append(out, wire.Want{Space: sp})
				break
			}
			out = append(out, wire.Page{Space: sp, Checkpoint: o.name, Number: o.next, Data: data})
			s.window += pageWeight * int(o.Pages[o.next].Size)
			o.next++
		}
	}
	return out, nil
}

// wanted takes the peer's word for how much of a checkpoint it has, or that
// nothing comes of one.
func (s *Session) wanted(m wire.Want) error {
	o := s.offers[m.Space]
	if m.Checkpoint == (wire.Hash{}) {
		delete(s.met, m.Space)
	}
	switch {
	case o == nil || m.Checkpoint != o.name && m.Checkpoint != (wire.Hash{}):
		return nil
	case m.Checkpoint == wire.Hash{}:
		s.withdraw(m.Space)
		return nil
	case m.Page > uint64(len(o.Pages)) || o.asked && (m.Page > o.next || m.Page < o.behind):
		return fmt.Errorf("device %d asks for page %d of a checkpoint of %s, of which it was sent %d", s.side.Peer, m.Page, m.Space, o.next)
	}
	if !o.asked {
		o.asked, o.next, o.behind = true, m.Page, m.Page
	}
	s.landPages(o, m.Page)
	if m.Page == uint64(len(o.Pages)) {
		s.withdraw(m.Space)
		for _, h := range o.Heads {
			s.raise(m.Space, h.Writer, h.Seq)
			s.know(wire.Mark{Space: m.Space, Writer: h.Writer, Seq: h.Seq})
		}
	}
	return nil
}

func (s *Session) landPages(o *offer, next uint64) {
	for ; o.behind < next; o.behind++ {
		s.window -= pageWeight * int(o.Pages[o.behind].Size)
	}
}

// withdraw ends an offer; what the peer still lacks it gets as streams.
func (s *Session) withdraw(sp crdt.Space) {
	s.landPages(s.offers[sp], s.offers[sp].next)
	delete(s.offers, sp)
}

// meet answers an offered checkpoint with the first page that is lacking.
func (s *Session) meet(m wire.Checkpoint) ([]wire.Message, error) {
	s.theirs = false
	if !s.side.Mine(m.Space) {
		return nil, fmt.Errorf("device %d sent a checkpoint of %s, which is not for this node", s.side.Peer, m.Space)
	}
	if s.side.Checkpoints == nil {
		return []wire.Message{wire.Want{Space: m.Space}}, nil
	}
	next, wanted, err := s.side.Checkpoints.Meet(m)
	if err != nil {
		return nil, err
	}
	return s.answer(m, next, wanted)
}

// take keeps a page. Pages of a checkpoint that is not wanted any more may still
// be under way.
func (s *Session) take(m wire.Page) ([]wire.Message, error) {
	c, ok := s.met[m.Space]
	if !ok || m.Checkpoint != c.Name() {
		return nil, nil
	}
	next, wanted, err := s.side.Checkpoints.Take(m)
	if err != nil {
		return nil, err
	}
	return s.answer(c, next, wanted)
}

// answer says which page of a checkpoint is lacking. None may be, from the
// beginning on: who was cut off before it joined holds all of them.
func (s *Session) answer(c wire.Checkpoint, next uint64, wanted bool) ([]wire.Message, error) {
	if !wanted {
		delete(s.met, c.Space)
		return []wire.Message{wire.Want{Space: c.Space}}, nil
	}
	out := []wire.Message{wire.Want{Space: c.Space, Checkpoint: c.Name(), Page: next}}
	if next < uint64(len(c.Pages)) {
		s.met[c.Space] = c
		return out, nil
	}
	s.joined(c)
	more, err := s.send()
	return append(out, more...), err
}

// joined notes what the peer has by having sent a checkpoint that was joined.
func (s *Session) joined(c wire.Checkpoint) {
	delete(s.met, c.Space)
	marks := make([]wire.Mark, len(c.Heads))
	for i, h := range c.Heads {
		marks[i] = wire.Mark{Space: c.Space, Writer: h.Writer, Seq: h.Seq, Level: s.side.Proves}
		s.raise(c.Space, h.Writer, h.Seq)
		s.know(marks[i])
	}
	s.log.Reached(marks)
}
