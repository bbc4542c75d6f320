// Package session is one side of one conversation between two replicas, as a pure state machine: messages in, messages out.
package session

import (
	"fmt"
	"maps"
	"slices"

	"wangge/crdt"
	"wangge/sync/wire"
)

// Log is what a conversation needs of a replica's history.
type Log interface {
	// Frontiers returns what the replica holds of every space that it has
	// anything of and for which about is true. The result is the caller's.
	Frontiers(about func(crdt.Space) bool) map[crdt.Space]crdt.Frontier
	// Run returns the batches of a stream from after+1 on: about room bytes, at
	// least one batch, up to a signed head. ok is false when there are none.
	Run(s crdt.Space, w crdt.Writer, after uint64, room int) (run wire.Run, ok bool, err error)
	// Credential proves who w is, to a peer that meets its stream for the first time.
	Credential(w crdt.Writer) ([]byte, error)
	// Keep verifies a chunk and makes it durable: at a box on its disk, at the
	// hub by commit. The answers are an Ack and a Refusal for each stream that
	// was not taken. An error means that the replica could not decide.
	Keep(wire.Chunk) (wire.Ack, []wire.Refusal, error)
	// Reached notes how far batches have come, as a peer proved by holding or
	// acknowledging them.
	Reached([]wire.Mark)
	// Refused notes that a peer did not take a stream, and why.
	Refused(wire.Refusal)
}

// Side describes the two ends of a conversation.
type Side struct {
	County wire.County
	Device uint32 // own index
	Epoch  uint64 // own store's life
	Peer   uint32
	// Mine tells which spaces this side takes, Theirs which it offers: towards
	// the hub all, towards a box those that both are entitled to hold.
	Mine, Theirs func(crdt.Space) bool
	// Proves is the level that a batch has reached once the peer holds it.
	Proves wire.Level
	// First is set on the side that opened the conversation: it speaks first.
	First bool
}

const (
	chunkSize  = 32 << 10  // bytes of batches in a chunk, before packing: about 8 KB on the wire
	windowSize = 256 << 10 // bytes sent and not yet acknowledged: bounds what a cut costs
)

// Session is the state of one side. Its methods must not run at the same time.
type Session struct {
	side    Side
	log     Log
	greeted bool                         // the peer's Hello has come
	told    bool                         // our Hello has gone
	sent    map[crdt.Space]crdt.Frontier // what the peer holds once all that is under way arrives
	flying  map[stream][]flight          // sent, not yet acknowledged
	window  int                          // bytes flying
	shut    map[stream]bool              // refused by the peer: nothing more of it is sent
	done    bool                         // our last word was Done
	theirs  bool                         // the peer's last word was Done
}

type stream struct {
	space  crdt.Space
	writer crdt.Writer
}

type flight struct {
	last uint64
	size int
}

// New returns a side that has not spoken yet.
func New(side Side, log Log) *Session {
	return &Session{
		side: side, log: log,
		sent:   map[crdt.Space]crdt.Frontier{},
		flying: map[stream][]flight{},
		shut:   map[stream]bool{},
	}
}

// Start returns the first messages of the side that opened the conversation,
// and none of the other.
func (s *Session) Start() []wire.Message {
	if !s.side.First {
		return nil
	}
	return []wire.Message{s.hello(nil)}
}

// hello names the spaces that the peer is entitled to, and those of ours that it
// asked about because it wrote into them; of others it learns nothing.
func (s *Session) hello(asked map[crdt.Space]crdt.Frontier) wire.Message {
	s.told = true
	return wire.Hello{
		Protocol: wire.Protocol, County: s.side.County, Device: s.side.Device, Epoch: s.side.Epoch,
		Holds: s.log.Frontiers(func(sp crdt.Space) bool {
			return s.side.Theirs(sp) || asked[sp] != nil && s.side.Mine(sp)
		}),
	}
}

// Step takes the peer's next message and returns what to answer. An error ends
// the conversation: the peer broke its rules, or this replica cannot go on.
func (s *Session) Step(m wire.Message) ([]wire.Message, error) {
	if _, hello := m.(wire.Hello); hello == s.greeted {
		return nil, fmt.Errorf("device %d spoke out of turn: %T", s.side.Peer, m)
	}
	switch m := m.(type) {
	case wire.Hello:
		return s.greet(m)
	case wire.Chunk:
		return s.keep(m)
	case wire.Ack:
		s.acknowledged(m)
		return s.send()
	case wire.Refusal:
		s.refused(m)
		return s.send()
	case wire.Done:
		s.theirs = true
		return nil, nil
	}
	return nil, fmt.Errorf("device %d sent a message of a kind unknown here: %T", s.side.Peer, m)
}

// Wake returns what to send after the replica's log has grown.
func (s *Session) Wake() ([]wire.Message, error) {
	if !s.greeted {
		return nil, nil
	}
	return s.send()
}

// Settled reports whether, as far as this side knows, neither has anything that
// the other lacks and everything sent is acknowledged.
func (s *Session) Settled() bool {
	return s.greeted && s.done && s.theirs && s.window == 0
}

func (s *Session) greet(m wire.Hello) ([]wire.Message, error) {
	if m.County != s.side.County || m.Device != s.side.Peer {
		return nil, fmt.Errorf("device %d greets as device %d of county %x", s.side.Peer, m.Device, m.County)
	}
	if m.Protocol != wire.Protocol {
		return nil, fmt.Errorf("device %d speaks protocol %d, this node speaks %d: update the older of the two",
			s.side.Peer, m.Protocol, wire.Protocol)
	}
	s.greeted = true
	var out []wire.Message
	if !s.told {
		out = append(out, s.hello(m.Holds))
	}
	s.log.Reached(s.proved(m.Holds))
	s.sent = m.Holds
	more, err := s.send()
	return append(out, more...), err
}

// proved turns what the peer holds into marks, of our own holdings only: what
// we do not have ourselves has no level here.
func (s *Session) proved(holds map[crdt.Space]crdt.Frontier) []wire.Mark {
	mine := s.log.Frontiers(func(sp crdt.Space) bool { return holds[sp] != nil })
	var marks []wire.Mark
	for sp, f := range mine {
		for w, seq := range f {
			if both := min(seq, holds[sp][w]); both > 0 {
				marks = append(marks, wire.Mark{Space: sp, Writer: w, Seq: both, Level: s.side.Proves})
			}
		}
	}
	return marks
}

func (s *Session) keep(m wire.Chunk) ([]wire.Message, error) {
	s.theirs = false
	for _, run := range m.Runs {
		if !s.side.Mine(run.Space) {
			return nil, fmt.Errorf("device %d sent space %s, which is not for this node", s.side.Peer, run.Space)
		}
	}
	ack, refusals, err := s.log.Keep(m)
	if err != nil {
		return nil, err
	}
	var proved []wire.Mark
	for _, mark := range ack.Marks {
		s.raise(mark.Space, mark.Writer, mark.Seq)
		mark.Level = s.side.Proves
		proved = append(proved, mark)
	}
	s.log.Reached(proved)
	out := []wire.Message{ack}
	for _, r := range refusals {
		out = append(out, r)
	}
	return out, nil
}

func (s *Session) raise(sp crdt.Space, w crdt.Writer, seq uint64) {
	if s.sent[sp] == nil {
		s.sent[sp] = crdt.Frontier{}
	}
	s.sent[sp].Raise(w, seq)
}

func (s *Session) acknowledged(m wire.Ack) {
	for i, mark := range m.Marks {
		m.Marks[i].Level = min(mark.Level, s.side.Proves) // a box cannot speak for the county
		s.land(stream{mark.Space, mark.Writer}, mark.Seq)
	}
	s.log.Reached(m.Marks)
}

func (s *Session) refused(m wire.Refusal) {
	st := stream{m.Mark.Space, m.Mark.Writer}
	s.shut[st] = true
	s.land(st, 1<<63)
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

// send returns chunks of what the peer lacks, as far as the window allows, and
// Done when nothing is left.
func (s *Session) send() ([]wire.Message, error) {
	var out []wire.Message
	for s.window < windowSize {
		chunk, err := s.chunk()
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

func (s *Session) chunk() (wire.Chunk, error) {
	var chunk wire.Chunk
	room := chunkSize
	mine := s.log.Frontiers(s.side.Theirs)
	for _, sp := range slices.SortedFunc(maps.Keys(mine), crdt.Space.Compare) {
		for _, w := range mine[sp].Writers() {
			if room <= 0 {
				return chunk, nil
			}
			size, err := s.add(&chunk, sp, w, mine[sp][w], room)
			if err != nil {
				return chunk, err
			}
			room -= size
		}
	}
	return chunk, nil
}

// add puts the next run of a stream into the chunk, if the peer lacks one, and
// returns its size.
func (s *Session) add(chunk *wire.Chunk, sp crdt.Space, w crdt.Writer, head uint64, room int) (int, error) {
	after := s.sent[sp][w]
	if after >= head || s.shut[stream{sp, w}] {
		return 0, nil
	}
	run, ok, err := s.log.Run(sp, w, after, room)
	if err != nil || !ok {
		return 0, err
	}
	if after == 0 {
		credential, err := s.log.Credential(w)
		if err != nil {
			return 0, err
		}
		if !slices.ContainsFunc(chunk.Credentials, func(c []byte) bool { return string(c) == string(credential) }) {
			chunk.Credentials = append(chunk.Credentials, credential)
		}
	}
	size := 0
	for _, b := range run.Batches {
		size += len(b)
	}
	chunk.Runs = append(chunk.Runs, run)
	s.raise(sp, w, run.Last())
	st := stream{sp, w}
	s.flying[st] = append(s.flying[st], flight{run.Last(), size})
	s.window += size
	return size, nil
}
