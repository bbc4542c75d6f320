package wire

import (
	"fmt"

	"wangge/crdt"
)

// Message is one of Hello, Chunk, Ack, Kept, Refusal, Done, Complete, Checkpoint,
// Want and Page.
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
)

// Shared returns the record that the op named by a dot is about, and whether
// both ends of a conversation hold that op.
type Shared func(crdt.Space, crdt.Dot) (crdt.RecordID, bool)

// Encode returns a message's bytes as they travel in one frame.
func Encode(m Message) []byte { return EncodeFor(m, nil) }

// EncodeFor returns a message's bytes for a peer that holds what shared names:
// a chunk names a record by what its op replaces, which is shorter by an id. The
// peer reads it with DecodeFrom.
func EncodeFor(m Message, shared Shared) []byte {
	b := m.append(nil)
	if chunk, ok := m.(Chunk); ok {
		return pack(chunk, b, shared)
	}
	return b
}

// Decode reads one message, all of it or nothing. Byte slices in the result may
// be parts of b. Every error is ErrFormat.
func Decode(b []byte) (Message, error) { return DecodeFrom(b, nil) }

// DecodeFrom reads what EncodeFor wrote, as Decode does. shared knows at least
// what the peer's shared knew.
func DecodeFrom(b []byte, shared Shared) (Message, error) {
	if len(b) > FrameMax {
		return nil, fmt.Errorf("%w: a message of %d bytes, %d at most", ErrFormat, len(b), FrameMax)
	}
	r := &reader{b: b}
	m := r.message(shared)
	if err := r.end(); err != nil {
		return nil, err
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
	case tagAck:
		return r.ack()
	case tagRefusal:
		return Refusal{Mark: r.mark(), Reason: r.text("a reason", reasonMax)}
	case tagDone:
		return Done{}
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
	default:
		r.fail(fmt.Sprintf("message tag %d", tag))
		return nil
	}
}
