package bundle

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// signatureSize is that of a signature and the byte that names its algorithm.
const signatureSize = 65

// Me is the machine that reads a bundle.
type Me struct {
	County [8]byte
	Device uint32 // Hub for a replica
	Key    PrivateKey
	// Sender reads the card of a bundle's sender: its device number, and whether it
	// signed a message. An error says that it is not of this county.
	Sender func(card []byte) (device uint32, signed func(message, signature []byte) bool, err error)
}

// Misdirected says that a bundle is for another machine.
type Misdirected struct{ Header Header }

func (m Misdirected) Error() string {
	if m.Header.To == Hub {
		return "this bundle is for the county's hub: carry it to one of its replicas"
	}
	return fmt.Sprintf("this bundle is for device %d: carry it there", m.Header.To)
}

// head is a bundle's beginning.
type head struct {
	Header
	clear, card       []byte // as they stand there; the card is sealed
	signed, signature []byte
	sum               [32]byte
	size              int64
}

func readHead(r io.Reader) (h head, err error) {
	b := make([]byte, clearSize+2)
	if _, err := io.ReadFull(r, b); err != nil {
		return h, ErrFormat
	}
	h.clear = b[:clearSize:clearSize]
	if h.Header, err = readClear(h.clear); err != nil {
		return h, err
	}
	size := int(binary.BigEndian.Uint16(b[clearSize:]))
	if size > cardMax+sealedBy {
		return h, ErrFormat
	}
	rest := make([]byte, size+signatureSize)
	if _, err := io.ReadFull(r, rest); err != nil {
		return h, ErrFormat
	}
	h.card, h.signature = rest[:size], rest[size:]
	b = append(b, rest...)
	h.signed = append([]byte(headLabel), b[:len(b)-signatureSize]...)
	h.sum, h.size = sha256.Sum256(b), int64(len(b))
	return h, nil
}

// ReadHeader reads what anybody can read of a bundle. Nothing vouches for it.
func ReadHeader(r io.Reader) (Header, error) {
	h, err := readHead(r)
	return h.Header, err
}

// Shape is what can be seen of a bundle without its key.
type Shape struct {
	Header Header
	Frames uint64
	Size   int64 // of what looks whole
	Ended  bool  // its sender ended it
	More   bool  // its sender had more than room
}

// Look reads what anybody can see of a bundle. Nothing vouches for it.
func Look(r io.Reader) (s Shape, err error) {
	h, err := readHead(r)
	if err != nil {
		return s, err
	}
	s.Header, s.Size = h.Header, h.size
	for !s.Ended {
		f, err := readFrame(r)
		if errors.Is(err, ErrTorn) {
			return s, nil
		}
		if err != nil {
			return s, err
		}
		s.Frames, s.Size, s.Ended, s.More = s.Frames+1, s.Size+f.size, f.state != goesOn, f.state == cutOff
	}
	return s, nil
}

// frame is one as it stands in the file.
type frame struct {
	state        state
	letter, note []byte // sealed
	body         []byte // what was signed
	signature    []byte
	size         int64
}

// frameMax bounds a frame before memory is made for it; frameMin is the size of one
// of nothing.
const (
	frameMax = 1 + 4 + LetterMax + noteMax + 2*sealedBy + signatureSize
	frameMin = 1 + 4 + signatureSize
)

// readFrame returns ErrTorn where the file ends, ErrDamaged where no frame can
// stand.
func readFrame(r io.Reader) (f frame, err error) {
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return f, tornAt(err)
	}
	n := binary.BigEndian.Uint32(size[:])
	if n < frameMin || n > frameMax {
		return f, fmt.Errorf("%w: a frame of %d bytes", ErrTorn, n)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		return f, tornAt(err)
	}
	f.size = int64(4 + n)
	f.body, f.signature = b[:n-signatureSize:n-signatureSize], b[n-signatureSize:]
	letter := int64(binary.BigEndian.Uint32(b[1:]))
	if rest := f.body[5:]; letter <= int64(len(rest)) && b[0] <= byte(cutOff) {
		f.state, f.letter, f.note = state(b[0]), rest[:letter], rest[letter:]
	}
	return f, nil
}

func tornAt(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrTorn
	}
	return err
}

func (f frame) signed(sum [32]byte, number uint64, signed func(message, signature []byte) bool) bool {
	return f.letter != nil && signed(append(place(frameLabel, sum, number), f.body...), f.signature)
}

// Reader reads the frames of a bundle.
type Reader struct {
	me     Me
	from   io.Reader
	head   head
	card   []byte
	signed func(message, signature []byte) bool
	number uint64
	state  state
}

// Open reads a bundle's beginning: whom it is for, and who made it.
func Open(r io.Reader, me Me) (*Reader, error) {
	h, err := readHead(r)
	switch {
	case err != nil:
		return nil, err
	case h.County != me.County:
		return nil, fmt.Errorf("this bundle is of county %x, and this machine of county %x: nothing of it is taken", h.County, me.County)
	case h.To != me.Device:
		return nil, Misdirected{h.Header}
	}
	card, err := me.Key.open(append([]byte(cardLabel), h.clear...), h.card)
	if err != nil {
		return nil, fmt.Errorf("the bundle was sealed to a key that this machine does not have: enrolled anew since, or damaged; have it made again (%w)", ErrForged)
	}
	device, signed, err := me.Sender(card)
	if err != nil || device != h.From || !signed(h.signed, h.signature) {
		return nil, ErrForged
	}
	return &Reader{me: me, from: r, head: h, card: card, signed: signed}, nil
}

// Header returns whom the bundle is for and from, as its sender signed it.
func (r *Reader) Header() Header { return r.head.Header }

// Card returns the sender's card.
func (r *Reader) Card() []byte { return r.card }

// Next returns the entries of the next frame: io.EOF behind the last, ErrTorn where
// the file ends too soon. After ErrDamaged the next frame may be asked for.
func (r *Reader) Next() (entries []Entry, err error) {
	if r.state != goesOn {
		return nil, io.EOF
	}
	f, err := readFrame(r.from)
	if err != nil {
		return nil, err
	}
	number := r.number
	r.number++
	if !f.signed(r.head.sum, number, r.signed) {
		return nil, fmt.Errorf("frame %d of the bundle is %w", r.number, ErrDamaged)
	}
	r.state = f.state
	letter, err := r.me.Key.open(place(letterLabel, r.head.sum, number), f.letter)
	if err != nil {
		return nil, fmt.Errorf("frame %d of the bundle is %w", r.number, ErrDamaged)
	}
	return readEntries(letter)
}

// More reports whether the sender had more than room, once Next said io.EOF.
func (r *Reader) More() bool { return r.state == cutOff }

// Frames returns how many frames were met.
func (r *Reader) Frames() uint64 { return r.number }
