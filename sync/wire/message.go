package wire

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"slices"

	"wangge/crdt"
)

// Level is how far a batch has come.
type Level byte

// The levels, in the order in which a batch reaches them.
const (
	Saved    Level = iota // on the disk of the device that wrote it
	AtBox                 // on the disk of another box too
	AtCounty              // committed by the hub's quorum
)

// String returns the level's name.
func (l Level) String() string {
	switch l {
	case Saved:
		return "saved"
	case AtBox:
		return "box"
	case AtCounty:
		return "county"
	}
	return fmt.Sprintf("level%d", byte(l))
}

// Message is one of Hello, Chunk, Ack, Refusal and Done.
type Message interface{ append([]byte) []byte }

// Protocol is the version of the conversation that this node speaks.
const Protocol = 1

// Hello opens each side's part of a conversation: who speaks, which life of its
// store it speaks from, and what it holds.
type Hello struct {
	Protocol uint64
	County   County
	Device   uint32
	Epoch    uint64
	Holds    map[crdt.Space]crdt.Frontier
}

// Run is consecutive batches of one stream and the writer's signature of the
// head after the last of them.
type Run struct {
	Space     crdt.Space
	Writer    crdt.Writer
	First     uint64 // number of the first batch
	Batches   [][]byte
	Signature []byte
}

// Last returns the number of the run's last batch.
func (r Run) Last() uint64 { return r.First + uint64(len(r.Batches)) - 1 }

// Chunk carries runs, and the credentials of writers that the receiver may not
// know. What it carries is worth keeping though nothing follows.
type Chunk struct {
	Credentials [][]byte
	Runs        []Run
}

// Mark names a point in a stream and how far everything up to it has come.
type Mark struct {
	Space  crdt.Space
	Writer crdt.Writer
	Seq    uint64
	Level  Level
}

// Ack answers a Chunk once its batches are as safe as the levels say: after
// fsync, or after the hub's commit.
type Ack struct{ Marks []Mark }

// Refusal says that a stream was not taken from batch Mark.Seq on, and why.
// Everything else goes on.
type Refusal struct {
	Mark   Mark
	Reason string // a sentence for the person who looks after the sender
}

// Done says that the sender has, for now, nothing more that the receiver lacks.
type Done struct{}

const (
	tagHello = 1 + iota
	tagChunk
	tagPackedChunk
	tagAck
	tagRefusal
	tagDone
)

// packMin is the size from which packing a chunk pays for its header.
const packMin = 256

// Encode returns a message's bytes as they travel in one frame.
func Encode(m Message) []byte {
	b := m.append(nil)
	if b[0] != tagChunk || len(b) < packMin {
		return b
	}
	packed := bytes.NewBuffer(binary.AppendUvarint([]byte{tagPackedChunk}, uint64(len(b)-1)))
	w, err := flate.NewWriter(packed, flate.DefaultCompression)
	if err != nil {
		panic(fmt.Sprintf("flate refuses its own default level: %v", err))
	}
	w.Write(b[1:]) // a bytes.Buffer takes everything
	w.Close()
	if packed.Len() >= len(b) {
		return b
	}
	return packed.Bytes()
}

// Decode reads one message, all of it or nothing. Byte slices in the result may
// be parts of b.
func Decode(b []byte) (Message, error) {
	r := &reader{b: b}
	var m Message
	switch tag := r.byte("a message's tag"); tag {
	case tagHello:
		m = r.hello()
	case tagChunk:
		m = r.chunk()
	case tagPackedChunk:
		r.unpack()
		m = r.chunk()
	case tagAck:
		m = r.ack()
	case tagRefusal:
		m = Refusal{Mark: r.mark(), Reason: string(r.sized("a reason", 1000))}
	case tagDone:
		m = Done{}
	default:
		r.fail(fmt.Sprintf("message tag %d", tag))
	}
	if err := r.end(); err != nil {
		return nil, err
	}
	return m, nil
}

// unpack replaces what is left by its unpacked form, whose size is declared and
// bounded before a byte of it is made.
func (r *reader) unpack() {
	size := int(r.uint("a chunk's size", MessageMax))
	if r.err != nil {
		return
	}
	clear := make([]byte, size)
	z := flate.NewReader(bytes.NewReader(r.b))
	if _, err := io.ReadFull(z, clear); err != nil {
		r.fail("a packed chunk")
		return
	}
	if n, err := z.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		r.fail("a packed chunk longer than declared")
		return
	}
	r.b = clear
}

func (m Hello) append(b []byte) []byte {
	b = binary.AppendUvarint(append(b, tagHello), m.Protocol)
	b = append(b, m.County[:]...)
	b = binary.AppendUvarint(b, uint64(m.Device))
	b = binary.AppendUvarint(b, m.Epoch)
	b = binary.AppendUvarint(b, uint64(len(m.Holds)))
	for _, s := range slices.SortedFunc(maps.Keys(m.Holds), crdt.Space.Compare) {
		b = AppendFrontier(appendSpace(b, s), m.Holds[s])
	}
	return b
}

// AppendFrontier appends a frontier's canonical bytes.
func AppendFrontier(b []byte, f crdt.Frontier) []byte {
	b = binary.AppendUvarint(b, uint64(len(f)))
	for _, w := range f.Writers() {
		b = binary.AppendUvarint(appendWriter(b, w), f[w])
	}
	return b
}

func (r *reader) hello() Hello {
	m := Hello{Protocol: r.uint("a protocol version", 1<<16)}
	copy(m.County[:], r.bytes("a county", len(m.County)))
	m.Device = uint32(r.uint("a device", 1<<32-1))
	m.Epoch = r.uint("an epoch", 1<<64-1)
	n := r.count("a number of spaces", 1<<16, 4)
	m.Holds = make(map[crdt.Space]crdt.Frontier, n)
	for range n {
		s := r.space()
		m.Holds[s] = r.frontier()
	}
	return m
}

func (r *reader) frontier() crdt.Frontier {
	n := r.count("a number of writers", 1<<20, 3)
	f := make(crdt.Frontier, n)
	for range n {
		w := r.writer()
		f[w] = r.uint("a batch's number", 1<<62)
	}
	return f
}

func (m Chunk) append(b []byte) []byte {
	b = binary.AppendUvarint(append(b, tagChunk), uint64(len(m.Credentials)))
	for _, c := range m.Credentials {
		b = appendBytes(b, c)
	}
	b = binary.AppendUvarint(b, uint64(len(m.Runs)))
	for _, run := range m.Runs {
		b = appendWriter(appendSpace(b, run.Space), run.Writer)
		b = binary.AppendUvarint(b, run.First)
		b = binary.AppendUvarint(b, uint64(len(run.Batches)))
		for _, batch := range run.Batches {
			b = appendBytes(b, batch)
		}
		b = appendBytes(b, run.Signature)
	}
	return b
}

func (r *reader) chunk() Chunk {
	var m Chunk
	for range r.count("a number of credentials", 1<<12, 1) {
		m.Credentials = append(m.Credentials, r.sized("a credential", 4<<10))
	}
	for range r.count("a number of runs", 1<<14, 8) {
		run := Run{Space: r.space(), Writer: r.writer(), First: r.uint("a batch's number", 1<<62)}
		n := r.count("a number of batches", 1<<16, 1)
		if n == 0 || run.First == 0 {
			r.fail("a run without batches")
			return m
		}
		for range n {
			run.Batches = append(run.Batches, r.sized("a batch", BatchMax))
		}
		run.Signature = r.sized("a signature", 256)
		m.Runs = append(m.Runs, run)
	}
	return m
}

func appendMark(b []byte, m Mark) []byte {
	b = appendWriter(appendSpace(b, m.Space), m.Writer)
	return append(binary.AppendUvarint(b, m.Seq), byte(m.Level))
}

func (r *reader) mark() Mark {
	return Mark{r.space(), r.writer(), r.uint("a batch's number", 1<<62), Level(r.byte("a level"))}
}

func (m Ack) append(b []byte) []byte {
	b = binary.AppendUvarint(append(b, tagAck), uint64(len(m.Marks)))
	for _, mark := range m.Marks {
		b = appendMark(b, mark)
	}
	return b
}

func (r *reader) ack() Ack {
	var m Ack
	for range r.count("a number of marks", 1<<14, 8) {
		m.Marks = append(m.Marks, r.mark())
	}
	return m
}

func (m Refusal) append(b []byte) []byte {
	return appendBytes(appendMark(append(b, tagRefusal), m.Mark), m.Reason)
}

func (m Done) append(b []byte) []byte { return append(b, tagDone) }
