package link

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/klauspost/reedsolomon"
)

// A parcel is a run of frames, cut into symbols of one size, of which any so many as it was cut into give it back
// (Reed-Solomon over GF(2^8), a Cauchy matrix).
const (
	sourceMax  = 64                                              // symbols that a parcel is cut into
	spareMax   = 64                                              // symbols beyond those
	symbolMax  = packetMax - sealHeader - sealTag - symbolHeader // bytes
	symbolCost = sealHeader + sealTag + symbolHeader + ipHeaders // bytes of the wire beside the symbol
	parcelMax  = sourceMax * symbolMax
	letterHead = 3 * binary.MaxVarintLen64

	// symbolHeader is the most that stands before a symbol: kind, parcel, parcels out before it, size, symbol.
	symbolHeader = 1 + 5 + 1 + 3 + 1
)

var errParcel = errors.New("parcel is malformed")

// letter is a frame on its way in a parcel.
type letter struct {
	stream uint64
	number uint64 // of the frame in its direction of the stream
	frame  []byte
	late   bool // whether it goes after others
	both   bool // whether it goes by stream as well
}

// size returns what the letter takes in a parcel, at most.
func (l letter) size() int { return letterHead + len(l.frame) }

func appendLetter(b []byte, l letter) []byte {
	b = binary.AppendUvarint(b, l.stream)
	b = binary.AppendUvarint(b, l.number)
	return appendFrame(b, l.frame)
}

// readLetters reads a parcel's content.
func readLetters(b []byte) ([]letter, error) {
	var letters []letter
	for len(b) > 0 {
		var head [3]uint64
		for i := range head {
			v, n := binary.Uvarint(b)
			if n <= 0 {
				return nil, fmt.Errorf("%w: a letter's head", errParcel)
			}
			head[i], b = v, b[n:]
		}
		if head[2] > uint64(len(b)) {
			return nil, fmt.Errorf("%w: a letter is cut off", errParcel)
		}
		letters = append(letters, letter{stream: head[0], number: head[1], frame: b[:head[2]:head[2]]})
		b = b[head[2]:]
	}
	return letters, nil
}

// cutting says how a parcel of a size is cut.
type cutting struct {
	size   int // of the parcel, in bytes
	source int // symbols that it is cut into
	symbol int // bytes of each
}

// cutOf returns the one way to cut a parcel of a size, and false if there is none.
func cutOf(size int) (cutting, bool) {
	if size < 1 || size > parcelMax {
		return cutting{}, false
	}
	source := (size + symbolMax - 1) / symbolMax
	return cutting{size, source, (size + source - 1) / source}, true
}

// kinds returns how many different symbols there are.
func (c cutting) kinds() int {
	if c.source == 1 {
		return 1
	}
	return c.source + spareMax
}

// coder returns the arithmetic for a parcel of more than one symbol.
func (c cutting) coder() reedsolomon.Encoder {
	coder, err := reedsolomon.New(c.source, spareMax, reedsolomon.WithCauchyMatrix(),
		reedsolomon.WithInversionCache(false), reedsolomon.WithMaxGoroutines(1))
	if err != nil {
		panic("reedsolomon does not take a parcel's measures: " + err.Error())
	}
	return coder
}

// symbols cuts a parcel; the spare ones are empty until spare is called.
func (c cutting) symbols(parcel []byte) [][]byte {
	padded := make([]byte, c.source*c.symbol)
	copy(padded, parcel)
	symbols := make([][]byte, c.kinds())
	for i := range c.source {
		symbols[i] = padded[i*c.symbol : (i+1)*c.symbol]
	}
	return symbols
}

// spare computes the spare symbols.
func (c cutting) spare(symbols [][]byte) {
	for i := c.source; i < len(symbols); i++ {
		symbols[i] = make([]byte, c.symbol)
	}
	if err := c.coder().Encode(symbols); err != nil {
		panic("reedsolomon does not encode: " + err.Error())
	}
}

// join gives a parcel back from enough symbols, those that are missing being empty.
func (c cutting) join(symbols [][]byte) ([]byte, error) {
	if c.source > 1 {
		if err := c.coder().ReconstructData(symbols); err != nil {
			return nil, fmt.Errorf("%w: %w", errParcel, err)
		}
	}
	parcel := make([]byte, 0, c.source*c.symbol)
	for _, s := range symbols[:c.source] {
		parcel = append(parcel, s...)
	}
	return parcel[:c.size], nil
}
