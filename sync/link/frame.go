package link

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const frameHeaderMax = binary.MaxVarintLen64

var errFrameTooLarge = errors.New("frame larger than the maximum")

// appendFrame appends the length of payload and payload itself.
func appendFrame(b, payload []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(payload))), payload...)
}

// appendNumbered appends a frame and which one it is: others of its stream may go another way.
func appendNumbered(b []byte, number uint64, payload []byte) []byte {
	return appendFrame(binary.AppendUvarint(b, number), payload)
}

// readNumbered reads what appendNumbered wrote.
func readNumbered(r io.Reader, max int) (uint64, []byte, error) {
	number, err := binary.ReadUvarint(byteReader{r})
	if err == io.EOF {
		return 0, nil, io.EOF
	}
	if err != nil {
		return 0, nil, fmt.Errorf("read number of frame: %w", err)
	}
	frame, err := readFrame(r, max)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return number, frame, err
}

// readFrame reads what appendFrame wrote. Memory grows with what has arrived, not with what was
// announced. The error is io.EOF only between frames.
func readFrame(r io.Reader, max int) ([]byte, error) {
	size, err := binary.ReadUvarint(byteReader{r})
	if err == io.EOF {
		return nil, io.EOF
	}
	if err != nil {
		return nil, fmt.Errorf("read length of frame: %w", err)
	}
	if max < 0 || size > uint64(max) {
		return nil, errFrameTooLarge
	}
	frame, err := io.ReadAll(io.LimitReader(r, int64(size)))
	if err == nil && uint64(len(frame)) < size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, fmt.Errorf("read frame of %d bytes: %w", size, err)
	}
	return frame, nil
}

// byteReader reads single bytes without reading ahead: what follows belongs to the frame.
type byteReader struct{ io.Reader }

func (r byteReader) ReadByte() (byte, error) {
	var b [1]byte
	_, err := io.ReadFull(r, b[:])
	return b[0], err
}
