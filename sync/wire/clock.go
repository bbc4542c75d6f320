package wire

import "encoding/binary"

// Clock tells a peer what time it is at the sender. Nothing is decided by it: a
// clock that is wrong is shown to a person.
type Clock struct {
	At int64 // milliseconds since 1970
}

func (m Clock) append(b []byte) []byte {
	return binary.AppendUvarint(append(b, tagClock), uint64(max(m.At, 0)))
}

func (r *reader) clock() Clock { return Clock{At: int64(r.uint("a moment", 1<<62))} }
