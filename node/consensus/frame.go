package consensus

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
)

// frameMax is the size in bytes of the largest frame: an entry and its tag.
const frameMax = 600 << 10

// A frame is its size as a uvarint, a tag and a body; the size counts both. A
// conversation for the purpose Propose is one frame each way.

// What a request asks of the leader.
const (
	askPropose byte = 1 // commit the body and answer what the machine made of it
	askCurrent byte = 2 // answer the index of the last committed entry, 8 bytes big-endian
)

// What an answer says.
const (
	saysDone    byte = 1 // the body is the answer
	saysAgain   byte = 2 // not now or not here; the body is the reason, a sentence
	saysRefused byte = 3 // never; the body is the reason, a sentence
)

// writeFrame writes a frame in one piece.
func writeFrame(w io.Writer, tag byte, body []byte) error {
	size := 1 + len(body)
	if size > frameMax {
		return fmt.Errorf("a frame of %d bytes is larger than %d", size, frameMax)
	}
	frame := make([]byte, 0, size+binary.MaxVarintLen64)
	frame = binary.AppendUvarint(frame, uint64(size))
	frame = append(frame, tag)
	frame = append(frame, body...)
	_, err := w.Write(frame)
	return err
}

// readFrame reads what writeFrame wrote. It takes memory only as bytes arrive.
func readFrame(r io.Reader) (tag byte, body []byte, err error) {
	in := bufio.NewReader(r)
	size, err := binary.ReadUvarint(in)
	if err != nil {
		return 0, nil, err
	}
	if size == 0 || size > frameMax {
		return 0, nil, fmt.Errorf("a frame cannot have %d bytes: want 1 to %d", size, frameMax)
	}
	var frame bytes.Buffer
	if _, err := io.CopyN(&frame, in, int64(size)); err != nil {
		return 0, nil, io.ErrUnexpectedEOF
	}
	return frame.Bytes()[0], frame.Bytes()[1:], nil
}
