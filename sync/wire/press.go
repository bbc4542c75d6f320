package wire

import (
	"github.com/klauspost/compress/s2"

	"wangge/crdt"
)

// pressRoom is what stands before a pressed chunk's block.
const pressRoom = 1

// EncodePressed returns a chunk's bytes for who has more room than time: its plain form as a
// block of S2 (https://github.com/klauspost/compress/tree/master/s2). They are several times as
// many as Encode's and take a fraction of its time, and as little to read. What they would gain
// nothing for travels as it is. lean, if not nil, is as in Shared.
func EncodePressed(m Chunk, lean func(crdt.Space, crdt.Writer) bool) []byte {
	if lean != nil {
		m = m.lean(lean)
	}
	clear := m.append(make([]byte, 0, m.room()))
	size := len(clear) - 1
	if size > FrameMax {
		return clear
	}
	b := make([]byte, pressRoom+s2.MaxEncodedLen(size))
	b[0] = tagPressedChunk
	b = b[:pressRoom+len(s2.Encode(b[pressRoom:], clear[1:]))]
	if len(b) >= len(clear) || (len(b)-pressRoom)*packRatioMax < size {
		return clear
	}
	return b
}

// room is about what a chunk takes in its plain form.
func (m Chunk) room() int {
	n := 64
	for _, c := range m.Credentials {
		n += len(c) + 2
	}
	for _, run := range m.Runs {
		n += len(run.Signature) + 48
		for _, b := range run.Batches {
			n += len(b) + 3
		}
	}
	return n
}

// unpress reads a pressed chunk, whose size stands before it and is bounded before a byte of it is made.
func (r *reader) unpress() Chunk {
	size, err := s2.DecodedLen(r.b)
	if err != nil || size > FrameMax || size > packRatioMax*len(r.b) {
		r.fail("a chunk pressed too tightly")
		return Chunk{}
	}
	clear, err := s2.Decode(nil, r.b)
	if err != nil {
		r.fail("a pressed chunk")
		return Chunk{}
	}
	inner := &reader{b: clear}
	m := inner.chunk()
	r.b, r.err = nil, inner.end()
	return m
}
