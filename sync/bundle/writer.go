package bundle

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// File is what a bundle is written to.
type File interface {
	io.ReadWriteSeeker
	Truncate(size int64) error
	Sync() error
}

// Sender is the machine that writes a bundle.
type Sender struct {
	County [8]byte
	Device uint32
	Card   []byte // proves to the addressee who it is
	Key    PrivateKey
	Sign   func(message []byte) []byte
	Signed func(message, signature []byte) bool // whether Sign made it
}

// syncEvery is how many bytes are written between two syncs: a stick takes long
// for each.
const syncEvery = 1 << 20

// Writer appends frames to a bundle.
type Writer struct {
	from   Sender
	to     PublicKey
	file   File
	header Header
	sum    [32]byte // of the header
	number uint64   // of the next frame
	size   int64    // of what is whole
	synced int64
	state  state // of the last frame
}

// Create begins a bundle for a machine, in a file that is empty.
func Create(file File, from Sender, to uint32, key PublicKey, at int64) (*Writer, error) {
	h := Header{County: from.County, To: to, From: from.Device, At: at}
	rand.Read(h.ID[:])
	b := h.append(nil)
	card, err := key.seal(append([]byte(cardLabel), b...), from.Card)
	if err != nil {
		return nil, err
	}
	b = append(binary.BigEndian.AppendUint16(b, uint16(len(card))), card...)
	b = append(b, from.Sign(append([]byte(headLabel), b...))...)
	w := &Writer{from: from, to: key, file: file, header: h, sum: sha256.Sum256(b)}
	if err := w.append(b); err != nil {
		return nil, err
	}
	return w, w.Sync()
}

// ErrOther says that a file holds no bundle which this sender could go on with.
var ErrOther = errors.New("there is already another file, which is no unfinished bundle of this machine's to that addressee: choose another name, or remove it")

// Continue goes on with a bundle of the sender's own: behind its last whole frame,
// cutting off what is torn. told is given the note of each frame that is there.
func Continue(file File, from Sender, to uint32, key PublicKey, told func(note []Entry) error) (*Writer, error) {
	w := &Writer{from: from, to: key, file: file}
	err := w.each(told)
	if err != nil {
		return nil, err
	}
	if w.header.To != to {
		return nil, ErrOther
	}
	if err := file.Truncate(w.size); err != nil {
		return nil, err
	}
	_, err = file.Seek(w.size, io.SeekStart)
	w.synced = w.size
	return w, err
}

// Notes gives told the note of each whole frame of a bundle of the sender's own.
func Notes(file io.ReadSeeker, from Sender, told func(note []Entry) error) error {
	w := &Writer{from: from, file: reading{file}}
	return w.each(told)
}

// reading is a file that is only read.
type reading struct{ io.ReadSeeker }

func (reading) Write([]byte) (int, error) { return 0, errors.ErrUnsupported }
func (reading) Truncate(int64) error      { return errors.ErrUnsupported }
func (reading) Sync() error               { return nil }

func (w *Writer) each(told func(note []Entry) error) error {
	if _, err := w.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	head, err := readHead(w.file)
	if err != nil {
		return ErrOther
	}
	if head.From != w.from.Device || head.County != w.from.County || !w.from.Signed(head.signed, head.signature) {
		return ErrOther
	}
	w.header, w.sum, w.size = head.Header, head.sum, head.size
	for {
		f, err := readFrame(w.file)
		if err != nil || !f.signed(w.sum, w.number, w.from.Signed) {
			return nil // what stands here is torn, and written anew
		}
		plain, err := w.from.Key.open(place(noteLabel, w.sum, w.number), f.note)
		var note []Entry
		if err == nil {
			note, err = readEntries(plain)
		}
		if err != nil {
			return fmt.Errorf("frame %d of the bundle holds no note for this machine: %w", w.number+1, ErrOther)
		}
		if err := told(note); err != nil {
			return err
		}
		w.number, w.size, w.state = w.number+1, w.size+f.size, f.state
	}
}

// Header returns what anybody can read of the bundle.
func (w *Writer) Header() Header { return w.header }

// Ended reports whether the bundle was ended.
func (w *Writer) Ended() bool { return w.state != goesOn }

// Size returns how many bytes are written whole, and of how many frames.
func (w *Writer) Size() (size int64, frames uint64) { return w.size, w.number }

// FrameSize returns how many bytes a frame takes at most.
func FrameSize(letter, note int) int64 { return int64(4 + 1 + 4 + letter + note + 2*sealedBy) }

// Append writes a frame. note tells this sender, and nobody else, what the frame
// holds, should it have to go on with the file. What did not go in whole is cut off
// again where the file can still be written.
func (w *Writer) Append(entries, note []Entry) error {
	return w.frame(goesOn, appendEntries(nil, entries), appendEntries(nil, note))
}

// End writes the last frame. more says that the sender had more than room.
func (w *Writer) End(more bool) error {
	s := ended
	if more {
		s = cutOff
	}
	return errors.Join(w.frame(s, nil, nil), w.Sync())
}

func (w *Writer) frame(s state, letter, note []byte) error {
	if len(letter) > LetterMax || len(note) > noteMax {
		return fmt.Errorf("a frame of %d bytes and a note of %d: %d and %d at most", len(letter), len(note), LetterMax, noteMax)
	}
	sealed, err := w.to.seal(place(letterLabel, w.sum, w.number), letter)
	if err != nil {
		return err
	}
	own, err := w.from.Key.Public().seal(place(noteLabel, w.sum, w.number), note)
	if err != nil {
		return err
	}
	b := append([]byte{0, 0, 0, 0}, byte(s))
	b = append(binary.BigEndian.AppendUint32(b, uint32(len(sealed))), sealed...)
	b = append(b, own...)
	b = append(b, w.from.Sign(append(place(frameLabel, w.sum, w.number), b[4:]...))...)
	binary.BigEndian.PutUint32(b, uint32(len(b)-4))
	if err := w.append(b); err != nil {
		return err
	}
	w.number, w.state = w.number+1, s
	return nil
}

func (w *Writer) append(b []byte) error {
	if _, err := w.file.Write(b); err != nil {
		w.file.Truncate(w.size) // if it cannot, the reader finds it torn
		w.file.Seek(w.size, io.SeekStart)
		return err
	}
	w.size += int64(len(b))
	if w.size-w.synced > syncEvery {
		return w.Sync()
	}
	return nil
}

// Sync returns once all that was written is on the disk.
func (w *Writer) Sync() error {
	w.synced = w.size
	return w.file.Sync()
}
