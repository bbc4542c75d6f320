package wire

import "fmt"

// Message is one of Hello, Chunk, Ack, Refusal, Done and Complete.
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
)

// Encode returns a message's bytes as they travel in one frame.
func Encode(m Message) []byte {
	b := m.append(nil)
	if b[0] == tagChunk {
		return pack(b)
	}
	return b
}

// Decode reads one message, all of it or nothing. Byte slices in the result may
// be parts of b. Every error is ErrFormat.
func Decode(b []byte) (Message, error) {
	if len(b) > FrameMax {
		return nil, fmt.Errorf("%w: a message of %d bytes, %d at most", ErrFormat, len(b), FrameMax)
	}
	r := &reader{b: b}
	m := r.message()
	if err := r.end(); err != nil {
		return nil, err
	}
	return m, nil
}

func (r *reader) message() Message {
	switch tag := r.byte("a message's tag"); tag {
	case tagHello:
		return r.hello()
	case tagChunk:
		return r.chunk()
	case tagPackedChunk:
		r.unpack()
		return r.chunk()
	case tagAck:
		return r.ack()
	case tagRefusal:
		return Refusal{Mark: r.mark(), Reason: r.text("a reason", reasonMax)}
	case tagDone:
		return Done{}
	case tagComplete:
		return r.complete()
	default:
		r.fail(fmt.Sprintf("message tag %d", tag))
		return nil
	}
}
