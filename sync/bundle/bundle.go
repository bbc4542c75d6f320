// Package bundle carries entries from one machine to another in a sealed file, on whatever a person can carry; FORMAT.md is its contract.
package bundle

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Limits hold before a byte from outside costs anything.
const (
	LetterMax = 640 << 10 // bytes of a frame's entries
	noteMax   = 256 << 10 // bytes of the note in a frame
	cardMax   = 4 << 10   // bytes of the sender's card
	sealedBy  = 2 << 10   // bytes, at most, that sealing adds
)

// Hub is the device number of the county's hub, whichever replica opens the bundle.
const Hub = 0

// Errors by which a caller tells what became of a bundle.
var (
	// ErrFormat is what every file comes down to that is no bundle.
	ErrFormat = errors.New("this is no bundle of this program, or its beginning is damaged")
	// ErrForged says that no machine of this county vouches for the bundle.
	ErrForged = errors.New("the bundle was not made by a machine of this county, or its beginning is damaged: nothing of it is taken")
	// ErrDamaged says that a frame is not as its sender made it. The frames after it
	// may be read on.
	ErrDamaged = errors.New("damaged")
	// ErrTorn says that the file ends before its sender ended it.
	ErrTorn = errors.New("the bundle is torn: its end is missing")
)

// Header is what anybody can read of a bundle.
type Header struct {
	County [8]byte
	To     uint32   // the addressee's device number, or Hub
	From   uint32   // the sender's
	ID     [16]byte // random
	At     int64    // when it was begun, in ms since 1970 by the sender's clock
}

// Kind says what an entry is.
type Kind byte

// The kinds. A reader leaves out what it does not know.
const (
	Message Kind = 1 // of a conversation, as sync/wire encodes it
	Word    Kind = 2 // about a file, likewise
	Answer  Kind = 3 // the ID of the bundle to which this one is the answer
	Load    Kind = 4 // which ends what is said of files, and says how much of them is to go
)

// Entry is one thing in a bundle.
type Entry struct {
	Kind  Kind
	Bytes []byte
}

// Size returns how many bytes of a letter the entry takes.
func (e Entry) Size() int { return 1 + binary.MaxVarintLen32 + len(e.Bytes) }

// Freight is what a Load says.
type Freight struct {
	Files uint64 `json:"files"` // photos and files of which something is to go
	Bytes uint64 `json:"bytes"` // of their pieces
}

// Entry returns the Load that says it.
func (f Freight) Entry() Entry {
	return Entry{Load, binary.AppendUvarint(binary.AppendUvarint(nil, f.Files), f.Bytes)}
}

// ReadFreight reads what a Load says.
func ReadFreight(b []byte) (f Freight, err error) {
	var n, m int
	if f.Files, n = binary.Uvarint(b); n > 0 {
		f.Bytes, m = binary.Uvarint(b[n:])
	}
	if n <= 0 || m <= 0 || n+m != len(b) {
		return Freight{}, fmt.Errorf("%w: how much of files is to go cannot be read", ErrDamaged)
	}
	return f, nil
}

func appendEntries(b []byte, all []Entry) []byte {
	for _, e := range all {
		b = appendEntry(b, e)
	}
	return b
}

func appendEntry(b []byte, e Entry) []byte {
	b = binary.AppendUvarint(append(b, byte(e.Kind)), uint64(len(e.Bytes)))
	return append(b, e.Bytes...)
}

func readEntries(b []byte) (entries []Entry, err error) {
	for len(b) > 0 {
		size, n := binary.Uvarint(b[1:])
		if n <= 0 || size > uint64(len(b)-1-n) {
			return nil, fmt.Errorf("%w: its entries do not fit", ErrDamaged)
		}
		end := 1 + n + int(size)
		entries = append(entries, Entry{Kind(b[0]), b[1+n : end]})
		b = b[end:]
	}
	return entries, nil
}

// The file begins with a line, so that a person who looks at it sees what it is.
const magic = "wangge bundle\n"

const (
	version   = 1
	clearSize = len(magic) + 1 + 1 + 8 + 4 + 4 + 16 + 8
)

func (h Header) append(b []byte) []byte {
	b = append(append(b, magic...), version, suite)
	b = append(b, h.County[:]...)
	b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, h.To), h.From)
	b = append(b, h.ID[:]...)
	return binary.BigEndian.AppendUint64(b, uint64(h.At))
}

func readClear(b []byte) (h Header, err error) {
	if len(b) != clearSize || string(b[:len(magic)]) != magic {
		return h, ErrFormat
	}
	b = b[len(magic):]
	if b[0] != version || b[1] != suite {
		return h, fmt.Errorf("the bundle is of version %d and sealed by %d, and this program reads version %d sealed by %d: update the older of the two",
			b[0], b[1], version, suite)
	}
	copy(h.County[:], b[2:10])
	h.To, h.From = binary.BigEndian.Uint32(b[10:]), binary.BigEndian.Uint32(b[14:])
	copy(h.ID[:], b[18:34])
	h.At = int64(binary.BigEndian.Uint64(b[34:]) & (1<<63 - 1))
	return h, nil
}

// state says what follows a frame.
type state byte

const (
	goesOn state = iota // another frame
	ended               // nothing
	cutOff              // nothing here, though the sender had more than room
)

// place binds what is sealed and signed to its bundle and its number there.
func place(label string, sum [32]byte, number uint64) []byte {
	b := append([]byte(label), sum[:]...)
	return binary.BigEndian.AppendUint64(b, number)
}

const (
	cardLabel   = "wangge bundle card 1\x00"
	headLabel   = "wangge bundle head 1\x00"
	frameLabel  = "wangge bundle frame 1\x00"
	letterLabel = "wangge bundle letter 1\x00"
	noteLabel   = "wangge bundle note 1\x00"
)
