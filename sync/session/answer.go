package session

import (
	"slices"

	"wangge/crdt"
	"wangge/sync/wire"
)

// numbered gives a chunk its number, by which the peer will answer it.
func (s *Session) numbered(chunk wire.Chunk) wire.Chunk {
	s.chunks.last++
	chunk.Number = s.chunks.last
	marks := make([]wire.Mark, len(chunk.Runs))
	for i, run := range chunk.Runs {
		marks[i] = wire.Mark{Space: run.Space, Writer: run.Writer, Seq: run.Last()}
	}
	s.chunks.under[chunk.Number] = marks
	return chunk
}

// kept takes the peer's word for a chunk. A link that carries chunks is given
// larger ones. What was answered before says nothing new.
func (s *Session) kept(m wire.Kept) {
	marks, ok := s.chunks.under[m.Chunk]
	if !ok {
		return
	}
	delete(s.chunks.under, m.Chunk)
	s.chunks.room = min(2*s.chunks.room, chunkMax)
	var ack wire.Ack
	for i, mark := range marks {
		if _, not := slices.BinarySearch(m.Not, i); !not {
			mark.Level = m.Level
			ack.Marks = append(ack.Marks, mark)
		}
	}
	s.acknowledged(ack)
}

// acknowledged takes the peer's word for what it holds of what it is entitled
// to. It may hold more than we sent, through others: that needs not be sent
// either.
func (s *Session) acknowledged(m wire.Ack) {
	var marks []wire.Mark
	for _, mark := range m.Marks {
		if !s.gives(stream{mark.Space, mark.Writer}) {
			continue
		}
		mark.Level = min(mark.Level, s.side.Proves) // a box cannot speak for the county
		marks = append(marks, mark)
		st := stream{mark.Space, mark.Writer}
		if len(s.flying[st]) > 0 {
			s.raise(mark.Space, mark.Writer, mark.Seq)
		}
		s.know(mark)
		s.land(st, mark.Seq)
		s.absolve(st)
	}
	s.log.Reached(marks)
}

// know notes what the peer holds. What it holds it will hold to the end of the
// conversation.
func (s *Session) know(m wire.Mark) {
	if s.holds[m.Space] == nil {
		s.holds[m.Space] = crdt.Frontier{}
	}
	s.holds[m.Space].Raise(m.Writer, m.Seq)
}

// refused gives a stream that did not stand by itself a second try and shuts any
// other for the rest of the conversation. What else of it was under way is refused too, for want of
// what came before: of these answers only the first says why.
func (s *Session) refused(m wire.Refusal) {
	st := stream{m.Mark.Space, m.Mark.Writer}
	switch fault := s.faults[st]; {
	case fault == shut || len(s.flying[st]) == 0:
	case fault == waits:
		s.drop(st, m.Mark.Seq)
	case fault != apart && (m.Why == wire.WhyUnproven || m.Why == wire.WhyArm || s.trusts(st)):
		s.faults[st] = waits
		s.drop(st, m.Mark.Seq)
	default:
		s.faults[st] = shut
		s.land(st, s.sent[st.space][st.writer])
		m.Mark.Level = s.side.Proves
		s.log.Refused(m)
	}
}

// trusts reports whether a stream was sent on what was remembered of the peer: its
// credential, or how far it holds it.
func (s *Session) trusts(st stream) bool {
	return slices.ContainsFunc(s.flying[st], func(f flight) bool { return f.trusting })
}

// drop takes a refused run out of the window.
func (s *Session) drop(st stream, first uint64) {
	i := slices.IndexFunc(s.flying[st], func(f flight) bool { return f.first == first })
	if i < 0 {
		return
	}
	s.window -= s.flying[st][i].size
	if s.flying[st] = slices.Delete(s.flying[st], i, i+1); len(s.flying[st]) == 0 {
		delete(s.flying, st)
	}
}

// absolve forgets the first strike of a stream of which nothing is under way.
func (s *Session) absolve(st stream) {
	if s.faults[st] == apart && len(s.flying[st]) == 0 {
		delete(s.faults, st)
	}
}

// again lets a stream that was refused once begin anew from what the peer holds,
// when all that was under way of it is answered.
func (s *Session) again(st stream) {
	if s.faults[st] == waits && len(s.flying[st]) == 0 {
		s.faults[st] = apart
		s.sent[st.space][st.writer] = s.holds[st.space][st.writer]
	}
}

// land takes what the peer has dealt with out of the window.
func (s *Session) land(st stream, seq uint64) {
	flights := s.flying[st]
	for len(flights) > 0 && flights[0].last <= seq {
		s.window -= flights[0].size
		flights = flights[1:]
	}
	if len(flights) == 0 {
		delete(s.flying, st)
		return
	}
	s.flying[st] = flights
}
