package session

import (
	"fmt"
	"math"
	"slices"

	"wangge/sync/wire"
)

// keep takes a chunk of the peer's.
func (s *Session) keep(m wire.Chunk) ([]wire.Message, error) {
	s.theirs = false
	for _, run := range m.Runs {
		if !s.takes(stream{run.Space, run.Writer}) {
			return nil, fmt.Errorf("device %d sent space %s, which is not for this node", s.side.Peer, run.Space)
		}
	}
	s.answers(m)
	ack, refusals, err := s.log.Keep(m)
	if err != nil {
		return nil, err
	}
	s.log.Reached(s.shown(m, ack))
	var out []wire.Message
	out = append(out, answer(m, ack)...)
	for _, r := range refusals {
		out = append(out, s.refuse(r)...)
	}
	if s.side.Forks == nil {
		return out, nil
	}
	more, err := s.send() // what was kept may have moved streams here
	return append(out, more...), err
}

// lack notes what this side did not take. It may still come, unless other
// batches are held in its place.
func (s *Session) lack(r wire.Refusal) {
	st := stream{r.Mark.Space, r.Mark.Writer}
	from := r.Mark.Seq
	if held, _ := s.log.Head(st.space, st.writer); held >= from && r.Why != wire.WhyUnproven {
		from = math.MaxUint64
	}
	s.refuses[st] = max(s.refuses[st], from)
}

// lacks reports whether something that this side refused is still not held.
func (s *Session) lacks() bool {
	for st, from := range s.refuses {
		if held, _ := s.log.Head(st.space, st.writer); held < from {
			return true
		}
	}
	return false
}

// answer says what was kept of a chunk: by its number, and of streams that are
// held further, or at another level, by a mark.
func answer(m wire.Chunk, ack wire.Ack) []wire.Message {
	if len(ack.Marks) == 0 {
		return nil
	}
	if m.Number == 0 {
		return []wire.Message{ack}
	}
	kept := wire.Kept{Chunk: m.Number, Level: ack.Marks[0].Level}
	held := map[stream]wire.Mark{}
	for _, mark := range ack.Marks {
		held[stream{mark.Space, mark.Writer}] = mark
	}
	for i, run := range m.Runs {
		mark := held[stream{run.Space, run.Writer}]
		if mark.Seq < run.Last() || mark.Level != kept.Level {
			kept.Not = append(kept.Not, i)
		} else if mark.Seq == run.Last() {
			delete(held, stream{run.Space, run.Writer})
		}
	}
	out := []wire.Message{kept}
	ack.Marks = slices.DeleteFunc(slices.Clone(ack.Marks), func(mark wire.Mark) bool {
		return held[stream{mark.Space, mark.Writer}] != mark
	})
	if len(ack.Marks) > 0 {
		out = append(out, ack)
	}
	return out
}

// shown returns what the peer proved to hold by sending it, and notes that it
// needs none of that. Our own heads may be further by now, through others: of
// that the peer has shown nothing.
func (s *Session) shown(m wire.Chunk, ack wire.Ack) []wire.Mark {
	last := map[stream]uint64{}
	for _, run := range m.Runs {
		st := stream{run.Space, run.Writer}
		last[st] = max(last[st], run.Last())
	}
	var marks []wire.Mark
	for _, mark := range ack.Marks {
		mark.Seq = min(mark.Seq, last[stream{mark.Space, mark.Writer}])
		mark.Level = s.side.Proves
		s.raise(mark.Space, mark.Writer, mark.Seq)
		s.know(mark)
		marks = append(marks, mark)
	}
	return marks
}
