package session

import (
	"maps"
	"slices"

	"wangge/crdt"
	"wangge/sync/wire"
)

// Forks lets two replicas find out that they hold different batches of one
// stream, and settle it.
type Forks interface {
	// Tag returns the tag of a stream's chain after a batch, 0 if it cannot be told.
	Tag(s crdt.Space, w crdt.Writer, seq uint64) wire.Tag
	// Doubt returns what asks a peer for its batches of a stream; ok is false when
	// none are held here.
	Doubt(s crdt.Space, w crdt.Writer) (d wire.Doubt, ok bool)
	// Agreed returns up to where a stream is the same here as at a peer that doubts it.
	Agreed(wire.Doubt) uint64
	// Tell returns what the peer should know of forks: proofs and freezes.
	Tell() []wire.Message
	// Hear takes a Fork or a Freeze from the peer and returns what to answer. What
	// proves nothing changes nothing.
	Hear(wire.Message) ([]wire.Message, error)
}

// doubtsMax bounds how often one stream's doubts are answered in a conversation.
const doubtsMax = 4

// forks is what a side keeps of them during a conversation.
type forks struct {
	asked    map[stream]asked
	answered map[stream]int
	told     map[string]bool // by their bytes: of one stream there may be several
}

// asked is what this side doubted of a stream.
type asked struct {
	times  int
	end    uint64 // of its own batches then; the answer begins there or before
	awaits bool   // what comes meanwhile was under way
}

func newForks() forks {
	return forks{map[stream]asked{}, map[stream]int{}, map[string]bool{}}
}

// tags tells of what a Hello holds.
func (s *Session) tags(holds map[crdt.Space]crdt.Frontier) map[crdt.Space]map[crdt.Writer]wire.Tag {
	if s.side.Forks == nil {
		return nil
	}
	tags := map[crdt.Space]map[crdt.Writer]wire.Tag{}
	for sp, f := range holds {
		tags[sp] = map[crdt.Writer]wire.Tag{}
		for w, seq := range f {
			tags[sp][w] = s.side.Forks.Tag(sp, w, seq)
		}
	}
	return tags
}

// shared returns of what the peer holds only what is known to be the same here.
// Where both hold as much and not the same, the side that spoke first asks for
// the peer's batches.
func (s *Session) shared(m wire.Hello) (same map[crdt.Space]crdt.Frontier, doubts []wire.Message) {
	if s.side.Forks == nil {
		return m.Holds, nil
	}
	same = map[crdt.Space]crdt.Frontier{}
	mine := s.log.Frontiers(func(sp crdt.Space) bool { return m.Holds[sp] != nil })
	for _, sp := range slices.SortedFunc(maps.Keys(m.Holds), crdt.Space.Compare) { // doubts are said in this order, by every run of a seed
		f := m.Holds[sp]
		same[sp] = crdt.Frontier{}
		for _, w := range f.Writers() {
			if agreed := s.agreed(sp, w); agreed > 0 {
				if same[sp][w] = agreed; agreed == f[w] {
					continue
				}
			}
			if f[w] > mine[sp][w] {
				continue // not known yet; its batches come and tell
			}
			tag := s.side.Forks.Tag(sp, w, f[w])
			if tag != 0 && tag == m.Tags[sp][w] {
				same[sp][w] = f[w]
			} else if f[w] == mine[sp][w] && tag != 0 && m.Tags[sp][w] != 0 && s.side.First {
				doubts = append(doubts, s.ask(stream{sp, w})...)
			}
		}
	}
	return same, doubts
}

// agreed returns up to where a stream is known to be the same at the peer, by the
// ground that both remember.
func (s *Session) agreed(sp crdt.Space, w crdt.Writer) uint64 {
	if s.memory.base == nil {
		return 0
	}
	return s.memory.base.Holds[sp][w]
}

// ask doubts a stream, a few times at most and one time after the other.
func (s *Session) ask(st stream) []wire.Message {
	if a := s.forks.asked[st]; a.awaits || a.times == doubtsMax {
		return nil
	}
	d, ok := s.side.Forks.Doubt(st.space, st.writer)
	if !ok {
		return nil
	}
	s.asks(d)
	return []wire.Message{d}
}

func (s *Session) asks(d wire.Doubt) {
	st := stream{d.Space, d.Writer}
	s.forks.asked[st] = asked{s.forks.asked[st].times + 1, max(d.Seq, 1), true}
}

// open reports whether a doubt is not answered. A peer need not answer one, so
// that it is silent is no fault of its.
func (f forks) open() bool {
	for _, a := range f.asked {
		if a.awaits {
			return true
		}
	}
	return false
}

// answers notes which doubts a chunk answers.
func (s *Session) answers(m wire.Chunk) {
	for _, run := range m.Runs {
		st := stream{run.Space, run.Writer}
		if a, ok := s.forks.asked[st]; ok && run.First <= a.end {
			a.awaits = false
			s.forks.asked[st] = a
		}
	}
}

// refuse says why a run was not taken, or doubts it first, or the stem that it leaves.
// Runs that were under way when it was doubted are answered with it.
func (s *Session) refuse(r wire.Refusal) []wire.Message {
	st := stream{r.Mark.Space, r.Mark.Writer}
	var out []wire.Message
	if s.side.Forks != nil {
		if s.forks.asked[st].awaits {
			return nil
		}
		if d, doubts := r.Beside.(wire.Doubt); doubts {
			about := stream{d.Space, d.Writer}
			if out = s.ask(about); out != nil && about == st {
				return out
			}
			r.Beside = nil
		}
	}
	s.lack(r)
	beside := r.Beside
	r.Beside = nil
	out = append(out, r) // behind the doubt of its stem, which comes first then
	if beside != nil {
		out = append(out, beside)
	}
	return out
}

// doubted sends a stream again from where the peer's is another. Names that both
// sides gave to different ops are not used from then on.
func (s *Session) doubted(m wire.Doubt) ([]wire.Message, error) {
	st := stream{m.Space, m.Writer}
	s.forks.answered[st]++
	if s.side.Forks == nil || !s.gives(st) || s.forks.answered[st] > doubtsMax {
		return nil, nil
	}
	s.land(st, s.sent[st.space][st.writer])
	if s.sent[m.Space] == nil {
		s.sent[m.Space] = crdt.Frontier{}
	}
	agreed := s.side.Forks.Agreed(m)
	if m.Seq > 0 {
		agreed = min(agreed, m.Seq-1) // one batch that both have, so that the answer is known as one
	}
	s.sent[m.Space][m.Writer] = agreed
	s.faults[st] = apart
	delete(s.holds, m.Space)
	return s.send()
}

// tell returns what the peer was not told yet of forks.
func (s *Session) tell() (out []wire.Message) {
	if s.side.Forks == nil {
		return nil
	}
	for _, m := range s.side.Forks.Tell() {
		st, proof := aboutOf(m)
		name := string(wire.Encode(m))
		if !s.gives(st) || s.forks.told[name] {
			continue
		}
		s.forks.told[name] = true
		if proof {
			s.done = false
		}
		out = append(out, m)
	}
	return out
}

func aboutOf(m wire.Message) (st stream, proof bool) {
	switch m := m.(type) {
	case wire.Fork:
		return stream{m.Space, m.Writer}, true
	case wire.Freeze:
		return stream{m.Space, m.Writer}, false
	}
	return stream{}, false
}

// hear takes a proof or a freeze. It may move streams here: what the peer is
// still thought to lack is looked at again.
func (s *Session) hear(m wire.Message) ([]wire.Message, error) {
	if st, _ := aboutOf(m); s.side.Forks == nil || !s.takes(st) && !s.handsIn(st) {
		return nil, nil
	}
	out, err := s.side.Forks.Hear(m)
	if err != nil {
		return nil, err
	}
	for _, answer := range out {
		if d, doubts := answer.(wire.Doubt); doubts {
			s.asks(d)
		}
	}
	more, err := s.send()
	return slices.Concat(out, more), err
}

// early reports whether a stream is an arm whose stem the peer is not sent yet.
func (s *Session) early(st stream, mine crdt.Frontier) bool {
	depth := wire.ArmDepth(st.writer)
	if depth == 0 {
		return false
	}
	for w, seq := range mine {
		stem := w.Device() == st.writer.Device() && wire.ArmDepth(w) < depth
		if stem && s.sent[st.space][w] < seq && s.faults[stream{st.space, w}] != shut {
			return true
		}
	}
	return false
}
