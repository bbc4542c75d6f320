package session

import (
	"cmp"
	"maps"
	"math/bits"
	"slices"

	"wangge/crdt"
	"wangge/sync/wire"
)

// send returns chunks of what the peer lacks, then pages, as far as the window
// allows, and Done when nothing is left. What decides goes before all. Of a space
// whose checkpoint is on offer the streams wait.
func (s *Session) send() ([]wire.Message, error) {
	out := s.tell()
	mine := s.given()
	maps.DeleteFunc(mine, func(sp crdt.Space, _ crdt.Frontier) bool { return s.offers[sp] != nil })
	all := false
	for !all && s.room() {
		chunk, err := s.chunk(mine)
		if err != nil {
			return nil, err
		}
		if all = len(chunk.Runs) == 0; !all {
			s.done = false
			s.spending.planned += plain(chunk)
			out = append(out, s.numbered(chunk))
		}
	}
	if !all && !s.exhausted() {
		return out, nil
	}
	pages, err := s.pages()
	if err != nil {
		return nil, err
	}
	out = append(append(out, pages...), s.giveUp()...)
	if !s.done && s.greeted && len(s.offers) == 0 {
		s.done = true
		out = append(out, s.last(s.print()))
	}
	return out, nil
}

// chunk gathers the next runs that the peer lacks of what we hold.
func (s *Session) chunk(mine map[crdt.Space]crdt.Frontier) (wire.Chunk, error) {
	var chunk wire.Chunk
	room := s.chunkRoom()
	for _, st := range s.lacking(mine) {
		if room <= 0 {
			return chunk, nil
		}
		size, err := s.add(&chunk, st, room)
		if err != nil {
			return chunk, err
		}
		room -= size
	}
	return chunk, nil
}

// lacking returns the streams of which the peer lacks something: this device's own
// before what it merely passes on, small ones before big ones, and so that what a
// writer signed together travels together.
func (s *Session) lacking(mine map[crdt.Space]crdt.Frontier) []stream {
	var all []waiting
	for sp, f := range mine {
		for w, head := range f {
			st := stream{sp, w}
			s.again(st)
			switch fault := s.faults[st]; {
			case s.sent[sp][w] >= head: // through others, perhaps
				s.absolve(st)
			case fault != waits && fault != shut && !s.early(st, f):
				all = append(all, waiting{st, w.Device() != s.side.Device, bits.Len64((head - s.sent[sp][w]) / smallMax)})
			}
		}
	}
	slices.SortFunc(all, waiting.compare)
	streams := make([]stream, len(all))
	for i, w := range all {
		streams[i] = w.stream
	}
	return streams
}

// smallMax is how many batches of a stream may wait for it to be a small one: a
// day's forms. Big ones go in order of their size, roughly.
const smallMax = 128

// waiting is a stream that the peer lacks a part of.
type waiting struct {
	stream
	others bool // another device's
	size   int  // 0 for small, more for bigger
}

func (w waiting) compare(o waiting) int {
	switch {
	case w.others != o.others && w.others:
		return 1
	case w.others != o.others:
		return -1
	}
	return cmp.Or(cmp.Compare(w.size, o.size), cmp.Compare(w.writer, o.writer), w.space.Compare(o.space))
}

// add puts the next run of a stream into the chunk, and returns how much larger
// the chunk has become.
func (s *Session) add(chunk *wire.Chunk, st stream, room int) (int, error) {
	after := s.sent[st.space][st.writer]
	run, ok, err := s.log.Run(st.space, st.writer, after, room)
	if err != nil || !ok {
		return 0, err
	}
	size := len(run.Signature)
	for _, b := range run.Batches {
		size += len(b)
	}
	trusting := !s.greeted
	if after == 0 {
		n, err := s.introduce(chunk, st)
		if err != nil {
			return 0, err
		}
		size, trusting = size+n, trusting || !s.introduced(chunk, st.writer)
	}
	chunk.Runs = append(chunk.Runs, run)
	s.raise(st.space, st.writer, run.Last())
	s.flying[st] = append(s.flying[st], flight{run.First, run.Last(), size, trusting})
	s.window += size
	return size, nil
}

// introduce puts the credential of a stream's writer into the chunk, once in a
// conversation, unless the stream was refused for want of it.
func (s *Session) introduce(chunk *wire.Chunk, st stream) (int, error) {
	credential, err := s.log.Credential(st.writer)
	if err != nil {
		return 0, err
	}
	known := s.faults[st] != apart && s.chunks.brief[st.writer] == string(credential)
	s.chunks.brief[st.writer] = string(credential)
	if known || s.introduced(chunk, st.writer) {
		return 0, nil
	}
	chunk.Credentials = append(chunk.Credentials, credential)
	return len(credential), nil
}

// introduced reports whether a writer's credential goes with a chunk.
func (s *Session) introduced(chunk *wire.Chunk, w crdt.Writer) bool {
	return slices.ContainsFunc(chunk.Credentials, func(c []byte) bool { return string(c) == s.chunks.brief[w] })
}

func (s *Session) raise(sp crdt.Space, w crdt.Writer, seq uint64) {
	if s.sent[sp] == nil {
		s.sent[sp] = crdt.Frontier{}
	}
	s.sent[sp].Raise(w, seq)
}
