package session

import (
	"maps"
	"slices"

	"wangge/crdt"
	"wangge/sync/wire"
)

// spending is what chunks and pages have cost this side, in bytes on the way.
type spending struct {
	sent, taken int
	planned     int         // before packing, of chunks that are not encoded yet
	peer        int         // what the peer will take; 0 is all
	left        wire.Amount // what the peer said last that it does not send
}

// batchSize is about what a batch takes on the way, while that is not measured.
const batchSize = 60

// Progress is how much is still to go between two replicas, as far as is known.
type Progress struct{ Send, Receive wire.Amount }

// Spent returns what this side has sent and taken of chunks and pages, in bytes.
func (s *Session) Spent() (sent, taken int) { return s.spending.sent, s.spending.taken }

// left is how many bytes this side may still send; ok is false where nothing bounds it.
func (s *Session) left() (bytes int, ok bool) {
	budget := s.side.Budget
	if peer := s.spending.peer; peer > 0 && (budget == 0 || peer < budget) {
		budget = peer
	}
	planned := s.spending.planned * chunkSize / max(1, s.gauge.unpacked(chunkSize))
	return budget - s.spending.sent - planned, budget > 0
}

// exhausted reports whether nothing more may be sent in this conversation.
func (s *Session) exhausted() bool {
	bytes, bounded := s.left()
	return bounded && bytes <= 0
}

// giveUp ends the offers of which nothing more may be sent.
func (s *Session) giveUp() (out []wire.Message) {
	if !s.exhausted() {
		return nil
	}
	for _, sp := range slices.SortedFunc(maps.Keys(s.offers), crdt.Space.Compare) {
		s.withdraw(sp)
		out = append(out, wire.Want{Space: sp})
	}
	return out
}

// spend counts a message that goes out.
func (s *Session) spend(m wire.Message, size int) {
	switch m := m.(type) {
	case wire.Chunk:
		s.spending.planned -= plain(m)
		s.spending.sent += size
	case wire.Page:
		s.spending.sent += size
	}
}

// plain returns what a chunk's batches take before packing.
func plain(m wire.Chunk) (bytes int) {
	for _, run := range m.Runs {
		for _, b := range run.Batches {
			bytes += len(b)
		}
	}
	return bytes
}

// unsent is what the peer lacks and was not sent.
func (s *Session) unsent() (a wire.Amount) {
	for sp, f := range s.given() {
		for w, head := range f {
			a.Batches += head - min(head, s.sent[sp][w])
		}
	}
	a.Bytes = a.Batches * s.gauge.batch()
	return a
}

// Left returns what is still to be sent, answers included, and to be received.
// Bytes are reckoned from what batches have taken so far. What the peer has got
// from others since it greeted is counted still.
func (s *Session) Left() (p Progress) {
	p.Send = s.unsent()
	for _, flights := range s.flying {
		for _, f := range flights {
			p.Send.Batches += f.last - f.first + 1
		}
	}
	p.Send.Bytes = p.Send.Batches * s.gauge.batch()
	if s.theirs {
		p.Receive = s.spending.left
		return p
	}
	mine := s.log.Frontiers(func(sp crdt.Space) bool { return s.shows[sp] != nil })
	for sp, f := range s.shows {
		for w, seq := range f {
			if s.takes(stream{sp, w}) {
				p.Receive.Batches += seq - min(seq, mine[sp][w])
			}
		}
	}
	p.Receive.Bytes = p.Receive.Batches * s.gauge.batch()
	return p
}

// batch returns about what a batch takes on the way.
func (g *gauge) batch() uint64 {
	if g.batches == 0 {
		return batchSize
	}
	return uint64(max(1, g.packed/g.batches))
}
