// Package session is one side of one conversation between two replicas, as a pure state machine: messages in, messages out.
package session

import (
	"fmt"

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
	// Subject returns the record that the op named by a dot is about; ok is false
	// when the replica does not hold that op.
	Subject(s crdt.Space, d crdt.Dot) (id crdt.RecordID, ok bool)
	// About returns the first op that is visible in a record and for which held is
	// true; ok is false where there is none.
	About(s crdt.Space, id crdt.RecordID, held func(crdt.Dot) bool) (d crdt.Dot, ok bool)
	// Head returns how far a stream is held, and its chain's hash there: the
	// origin's where nothing is held.
	Head(s crdt.Space, w crdt.Writer) (seq uint64, h wire.Hash)
	// Prints returns the wire.SpacePrint of every space of which Frontiers tells a
	// stream and for which about is true.
	Prints(about func(crdt.Space) bool) map[crdt.Space]wire.Hash
	// Proven returns up to where a stream is known to have reached a level.
	Proven(s crdt.Space, w crdt.Writer, level wire.Level) uint64
	// Keep verifies a chunk and makes it durable: at a box on its disk, at the
	// hub by commit. The answers are an Ack and a Refusal for each stream that
	// was not taken. An error means that the replica could not decide.
	Keep(wire.Chunk) (wire.Ack, []wire.Refusal, error)
	// Met takes the peer's greeting: which life of its store it speaks from, and
	// what it holds now of the spaces for which about is true. Holding proves a
	// level; what was proven before and is not held now is so no more.
	Met(hello wire.Hello, about func(crdt.Space) bool, proves wire.Level)
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
	// Returns is set where one of the two is the county and the other is not: of spaces
	// that are not for it, it is given back its own streams, as far as its greeting
	// names them.
	Returns bool
	// Proves is the level that a batch has reached once the peer holds it.
	Proves wire.Level
	// Checkpoints is nil where none are offered or taken.
	Checkpoints Checkpoints
	// CheckpointFrom is how many batches of a space the peer must lack to be offered a
	// checkpoint of it; 0 is a thousand.
	CheckpointFrom uint64
	// Forks is nil where streams are not compared.
	Forks Forks
	// First is set on the side that opened the conversation: it speaks first.
	First bool
	// Grounds is what is remembered of the peer, as an earlier Session.Grounds
	// returned it. Nothing rests on it but what greetings cost.
	Grounds []wire.Ground
	// Budget is how many bytes of chunks and pages this side may send in the
	// conversation, and how many it takes: what matters goes first, and the rest
	// stays and is shown by Left. 0 is as many as there are.
	Budget int
}

// Session is the state of one side. Its methods must not run at the same time.
type Session struct {
	side     Side
	log      Log
	greeted  bool                         // the peer's Hello has come
	told     bool                         // our Hello has gone
	sent     map[crdt.Space]crdt.Frontier // what the peer holds once all that is under way arrives
	flying   map[stream][]flight          // sent, not yet answered
	window   int                          // bytes flying
	holds    map[crdt.Space]crdt.Frontier // what the peer is known to hold
	floors   map[crdt.Space]crdt.Frontier // of what the peer holds, what it cannot look up
	chunks   chunks
	gauge    gauge
	shows    map[crdt.Space]crdt.Frontier // what the peer showed in its greeting
	spending spending
	forks    forks
	offers   map[crdt.Space]*offer          // checkpoints for the peer
	met      map[crdt.Space]wire.Checkpoint // of the peer's, those whose pages are under way
	faults   map[stream]fault               // that the peer has found
	refuses  map[stream]uint64              // of the peer's: what we lack until we hold that batch
	memory   memory
	done     bool // our last word was Done
	theirs   bool // the peer's last word was Done
}

type stream struct {
	space  crdt.Space
	writer crdt.Writer
}

// chunks are what this side has sent.
type chunks struct {
	last  uint64                 // number
	room  int                    // bytes of the next
	under map[uint64][]wire.Mark // the runs of each, until the peer answers its number
	brief map[crdt.Writer]string // the credential that went with a chunk of each writer's
}

type flight struct {
	first, last uint64
	size        int
	trusting    bool // that a credential which went before is held, or that the peer is as remembered
}

// fault is what becomes of a stream that the peer refused. A run that leaned on
// others and was not proven may be sound, and so may one whose credential went
// with another, and an arm whose stem has moved meanwhile: the stream is offered once
// more and stands by itself. Who is refused then is refused for good.
type fault int

const (
	waits fault = 1 + iota // until all that is under way of it is answered
	apart                  // offered once more, leaning on nothing and with its credential
	shut                   // nothing more of it is sent
)

// New returns a side that has not spoken yet.
func New(side Side, log Log) *Session {
	s := &Session{
		side: side, log: log,
		sent:   map[crdt.Space]crdt.Frontier{},
		holds:  map[crdt.Space]crdt.Frontier{},
		chunks: chunks{room: chunkMin, under: map[uint64][]wire.Mark{}, brief: map[crdt.Writer]string{}},
		flying: map[stream][]flight{},
		faults: map[stream]fault{}, refuses: map[stream]uint64{},
		offers: map[crdt.Space]*offer{},
		met:    map[crdt.Space]wire.Checkpoint{},
		forks:  newForks(),
	}
	s.memory.grounds = s.usable(side.Grounds)
	return s
}

// Start returns the first messages of the side that opened the conversation,
// and none of the other: its greeting, and what a peer that it remembers lacks.
func (s *Session) Start() []wire.Message {
	if !s.side.First {
		return nil
	}
	out := []wire.Message{s.hello(nil)}
	if len(s.memory.grounds) == 0 {
		return out
	}
	more, err := s.open()
	s.memory.failed = err
	return append(out, more...)
}

// Step takes the peer's next message and returns what to answer. An error ends
// the conversation: the peer broke its rules, or this replica cannot go on.
func (s *Session) Step(m wire.Message) ([]wire.Message, error) {
	hello, greets := m.(wire.Hello)
	switch {
	case s.memory.failed != nil:
		return nil, s.memory.failed
	case greets && s.greeted:
		return nil, fmt.Errorf("device %d greeted a second time in one conversation", s.side.Peer)
	case greets:
		return s.greet(hello)
	case s.memory.deaf:
		return nil, nil
	case !s.greeted:
		return nil, fmt.Errorf("device %d sent a %T before its greeting", s.side.Peer, m)
	}
	switch m.(type) {
	case wire.Chunk, wire.Page:
		s.memory.unsaid = true
	case wire.Ack, wire.Kept, wire.Refusal, wire.Want:
		s.memory.unheard = true
	}
	out, err := s.step(m)
	if err != nil {
		return nil, err
	}
	return s.agree(out), nil
}

func (s *Session) step(m wire.Message) ([]wire.Message, error) {
	switch m := m.(type) {
	case wire.Chunk:
		return s.keep(m)
	case wire.Ack:
		s.acknowledged(m)
		return s.send()
	case wire.Kept:
		s.kept(m)
		return s.send()
	case wire.Refusal:
		s.refused(m)
		return s.send()
	case wire.Checkpoint:
		return s.meet(m)
	case wire.Page:
		return s.take(m)
	case wire.Want:
		if err := s.wanted(m); err != nil {
			return nil, err
		}
		return s.send()
	case wire.Doubt:
		return s.doubted(m)
	case wire.Fork, wire.Freeze:
		return s.hear(m)
	case wire.Done:
		s.theirs, s.memory.heard, s.memory.unheard, s.spending.left = true, m.Print, false, m.Left
		return nil, nil
	}
	return nil, fmt.Errorf("device %d sent a message of a kind unknown here: %T", s.side.Peer, m)
}

// Wake returns what to send after the replica's log has grown.
func (s *Session) Wake() ([]wire.Message, error) {
	if !s.greeted {
		return nil, nil
	}
	out, err := s.send()
	if err != nil {
		return nil, err
	}
	return s.agree(out), nil
}

// Awaits reports whether the peer owes this side a word: its greeting, or an
// answer to what was sent.
func (s *Session) Awaits() bool {
	return !s.greeted || len(s.flying) > 0 || len(s.offers) > 0 || len(s.met) > 0
}

// Remind repeats Done when there is nothing else to say, so that a peer that
// keeps account of who is complete up to when need not guess.
func (s *Session) Remind() []wire.Message {
	if !s.greeted || !s.done {
		return nil
	}
	return []wire.Message{s.last(s.print())}
}

// Quiet reports whether both sides have said what they had to say and all of it
// is answered, by an acknowledgement or a refusal: to wait longer brings
// nothing but new work.
func (s *Session) Quiet() bool {
	return s.done && s.theirs && !s.Awaits()
}

// Differs reports whether both have said what they had to say, within no budget, and the
// peer holds something else than this side, which is told by held: a stream was refused,
// or what was told of one in greeting is so no more. In this conversation nothing more
// comes of it; a new one looks at all of it again.
func (s *Session) Differs() (held wire.Print, differs bool) {
	held = s.print()
	bounded := s.spending.left.Batches > 0 || s.exhausted()
	return held, s.Quiet() && !bounded && held == s.memory.told && held != s.memory.heard
}

// Settled reports whether, as far as this side knows, neither lacks anything
// that the other holds and offers. A refused stream is lacking, and so is work
// that came into the log since the last Wake: who shows a green light on this
// word does not lie.
func (s *Session) Settled() bool {
	if !s.Quiet() || s.lacks() || len(s.faults) > 0 || s.spending.left.Batches > 0 {
		return false
	}
	for sp, held := range s.given() {
		if !s.sent[sp].Covers(held) {
			return false
		}
	}
	return true
}
