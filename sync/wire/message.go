package wire

import (
	"fmt"

	"wangge/crdt"
)

// Message is one of Hello, Chunk, Ack, Kept, Refusal, Done, Complete, Checkpoint,
// Want, Page, Doubt, Fork, Freeze, Quarantine, Clock, Office, Aside, Heard and Troubles.
type Message interface{ append([]byte) []byte }

// Protocol is the version of the conversation that this node speaks.
const Protocol = 1

const (
	tagHello = 1 + iota
	tagChunk
	tagPackedChunk
	tagAck
	tagRefusal
	tagDone
	tagComplete
	tagKept
	tagCheckpoint
	tagWant
	tagPage
	tagDoubt
	tagFork
	tagFreeze
	tagPressedChunk
)

// Tags apart from those of the conversation itself.
const (
	tagQuarantine = 64 + iota
	tagClock
	tagOffice
	tagAside
	tagHeard
	tagTroubles
)

// Shared is what both ends of a conversation hold, so that it need not be told.
// The zero value is nothing.
type Shared struct {
	// Record returns the record that the op named by a dot is about, and whether
	// both ends hold that op.
	Record func(crdt.Space, crdt.Dot) (crdt.RecordID, bool)
	// Dot tells the sender an op about a record that both ends hold, if there is one.
	Dot func(crdt.Space, crdt.RecordID) (crdt.Dot, bool)
	// Lean tells the sender whether what vouches for a stream's run may lean on
	// other runs of its chunk.
	Lean func(crdt.Space, crdt.Writer) bool
	// Head tells the receiver, whose county is County, how far it holds a stream.
	Head   func(crdt.Space, crdt.Writer) (seq uint64, h Hash)
	County County
}

// Encode returns a message's bytes as they travel in one frame.
func Encode(m Message) []byte { return EncodeFor(m, Shared{}) }

// EncodeFor returns a message's bytes for a peer that holds what shared names:
// a chunk names a record by an op about it that both hold, above all by one that
// is replaced, which is shorter than its id, and tells the signature of a tree once for all its runs. The peer reads it with
// DecodeFrom.
func EncodeFor(m Message, shared Shared) []byte {
	chunk, ok := m.(Chunk)
	if !ok {
		return m.append(nil)
	}
	if shared.Lean != nil {
		chunk = chunk.lean(shared.Lean)
	}
	return pack(chunk, chunk.append(nil), shared)
}

// Decode reads one message, all of it or nothing. Byte slices in the result may
// be parts of b. Every error is ErrFormat.
func Decode(b []byte) (Message, error) { return DecodeFrom(b, Shared{}) }

// DecodeFrom reads what EncodeFor wrote, as Decode does. shared knows at least
// what the peer's shared knew. A run that leaned on others and does not fit what
// is held here is left without a signature, and so is every run of its tree.
func DecodeFrom(b []byte, shared Shared) (Message, error) {
	if len(b) > FrameMax {
		return nil, fmt.Errorf("%w: a message of %d bytes, %d at most", ErrFormat, len(b), FrameMax)
	}
	r := &reader{b: b}
	m := r.message(shared)
	chunk, ok := m.(Chunk)
	leans := ok && len(chunk.trunks) > 0
	r.check(!leans || shared.Head != nil, "a chunk for those who hold its streams")
	if err := r.end(); err != nil {
		return nil, err
	}
	if leans {
		chunk.stand(shared)
		return chunk, nil
	}
	return m, nil
}

func (r *reader) message(shared Shared) Message {
	switch tag := r.byte("a message's tag"); tag {
	case tagHello:
		return r.hello()
	case tagChunk:
		return r.chunk()
	case tagPackedChunk:
		return r.unpack(shared)
	case tagPressedChunk:
		return r.unpress()
	case tagAck:
		return r.ack()
	case tagRefusal:
		return r.refusal()
	case tagDone:
		return r.done()
	case tagComplete:
		return r.complete()
	case tagKept:
		return r.kept()
	case tagCheckpoint:
		return r.checkpoint()
	case tagWant:
		return r.want()
	case tagPage:
		return r.page()
	case tagDoubt:
		return r.doubt()
	case tagFork:
		return r.fork()
	case tagFreeze:
		return r.freeze()
	case tagQuarantine:
		return r.quarantine()
	case tagAside:
		return r.aside()
	case tagHeard:
		return r.heard()
	case tagTroubles:
		return r.troubles()
	case tagClock:
		return r.clock()
	case tagOffice:
		return r.office()
	default:
		r.fail(fmt.Sprintf("message tag %d", tag))
		return nil
	}
}
