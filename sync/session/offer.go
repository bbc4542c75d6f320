package session

import (
	"maps"
	"slices"

	"wangge/crdt"
	"wangge/sync/wire"
)

const (
	chunkSize  = 32 << 10  // bytes of a chunk before packing, after which no run is added: about 8 KB on the wire
	windowSize = 256 << 10 // bytes under way, after which no chunk is added: bounds what a cut costs
)

// send returns chunks of what the peer lacks, as far as the window allows, and
// Done when nothing is left.
func (s *Session) send() ([]wire.Message, error) {
	mine := s.log.Frontiers(s.side.Theirs)
	var out []wire.Message
	for s.window < windowSize {
		chunk, err := s.chunk(mine)
		if err != nil {
			return nil, err
		}
		if len(chunk.Runs) == 0 {
			if !s.done {
				out = append(out, wire.Done{})
				s.done = true
			}
			return out, nil
		}
		s.done = false
		out = append(out, chunk)
	}
	return out, nil
}

// chunk gathers the next runs that the peer lacks of what we hold.
func (s *Session) chunk(mine map[crdt.Space]crdt.Frontier) (wire.Chunk, error) {
	var chunk wire.Chunk
	room := chunkSize
	for _, sp := range slices.SortedFunc(maps.Keys(mine), crdt.Space.Compare) {
		for _, w := range mine[sp].Writers() {
			if room <= 0 {
				return chunk, nil
			}
			size, err := s.add(&chunk, stream{sp, w}, mine[sp][w], room)
			if err != nil {
				return chunk, err
			}
			room -= size
		}
	}
	return chunk, nil
}

// add puts the next run of a stream into the chunk, if the peer lacks one, and
// returns how much larger the chunk has become.
func (s *Session) add(chunk *wire.Chunk, st stream, head uint64, room int) (int, error) {
	after := s.sent[st.space][st.writer]
	if after >= head || s.shut[st] {
		return 0, nil
	}
	run, ok, err := s.log.Run(st.space, st.writer, after, room)
	if err != nil || !ok {
		return 0, err
	}
	size := len(run.Signature)
	for _, b := range run.Batches {
		size += len(b)
	}
	if after == 0 {
		n, err := s.introduce(chunk, st.writer)
		if err != nil {
			return 0, err
		}
		size += n
	}
	chunk.Runs = append(chunk.Runs, run)
	s.raise(st.space, st.writer, run.Last())
	s.flying[st] = append(s.flying[st], flight{run.Last(), size})
	s.window += size
	return size, nil
}

// introduce puts a writer's credential into the chunk, once.
func (s *Session) introduce(chunk *wire.Chunk, w crdt.Writer) (int, error) {
	credential, err := s.log.Credential(w)
	if err != nil {
		return 0, err
	}
	if slices.ContainsFunc(chunk.Credentials, func(c []byte) bool { return string(c) == string(credential) }) {
		return 0, nil
	}
	chunk.Credentials = append(chunk.Credentials, credential)
	return len(credential), nil
}

func (s *Session) raise(sp crdt.Space, w crdt.Writer, seq uint64) {
	if s.sent[sp] == nil {
		s.sent[sp] = crdt.Frontier{}
	}
	s.sent[sp].Raise(w, seq)
}

// acknowledged takes the peer's word for what it holds of what it is entitled
// to. It may hold more than we sent, through others: that needs not be sent
// either.
func (s *Session) acknowledged(m wire.Ack) {
	var marks []wire.Mark
	for _, mark := range m.Marks {
		if !s.side.Theirs(mark.Space) {
			continue
		}
		mark.Level = min(mark.Level, s.side.Proves) // a box cannot speak for the county
		marks = append(marks, mark)
		st := stream{mark.Space, mark.Writer}
		if len(s.flying[st]) > 0 {
			s.raise(mark.Space, mark.Writer, mark.Seq)
		}
		s.land(st, mark.Seq)
	}
	s.log.Reached(marks)
}

// refused shuts a stream for the rest of the conversation. What else of it was
// under way is refused too, for want of what came before: of these answers only
// the first says why.
func (s *Session) refused(m wire.Refusal) {
	st := stream{m.Mark.Space, m.Mark.Writer}
	if s.shut[st] || len(s.flying[st]) == 0 {
		return
	}
	s.shut[st] = true
	s.land(st, s.sent[st.space][st.writer])
	s.log.Refused(m)
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
