package wire

import (
	"encoding/binary"
	"fmt"
	"strings"

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

// Mark names a point in a stream and how far everything up to it has come.
type Mark struct {
	Space  crdt.Space
	Writer crdt.Writer
	Seq    uint64
	Level  Level
}

const (
	marksMax = 1 << 14 // marks of one Ack
	markMin  = 8       // bytes of one mark
)

func appendMark(b []byte, m Mark) []byte {
	b = appendWriter(appendSpace(b, m.Space), m.Writer)
	return append(binary.AppendUvarint(b, m.Seq), byte(m.Level))
}

func (r *reader) mark() Mark {
	return Mark{r.space(), r.writer(), r.seq(), Level(r.byte("a level"))}
}

// Ack answers a Chunk once its batches are as safe as the levels say: after
// fsync, or after the hub's commit.
type Ack struct{ Marks []Mark }

func (m Ack) append(b []byte) []byte {
	b = binary.AppendUvarint(append(b, tagAck), uint64(len(m.Marks)))
	for _, mark := range m.Marks {
		b = appendMark(b, mark)
	}
	return b
}

func (r *reader) ack() Ack {
	var m Ack
	for range r.count("a number of marks", marksMax, markMin) {
		m.Marks = append(m.Marks, r.mark())
	}
	return m
}

// Kept answers a numbered Chunk once its batches are as safe as Level says. It
// says in few bytes what an Ack of its runs would.
type Kept struct {
	Chunk uint64
	Level Level
	Not   []int // the places of the runs that were not kept, in order
}

func (m Kept) append(b []byte) []byte {
	b = binary.AppendUvarint(append(b, tagKept), m.Chunk)
	b = binary.AppendUvarint(append(b, byte(m.Level)), uint64(len(m.Not)))
	next := 0
	for _, place := range m.Not {
		b = binary.AppendUvarint(b, uint64(place-next))
		next = place + 1
	}
	return b
}

func (r *reader) kept() Kept {
	m := Kept{Chunk: r.seq(), Level: Level(r.byte("a level"))}
	next := 0
	for range r.count("a number of runs", runsMax, 1) {
		place := next + int(r.uint("a run's place", runsMax))
		m.Not = append(m.Not, place)
		next = place + 1
	}
	return m
}

// Refusal says that a stream was not taken from batch Mark.Seq on, and why.
// Everything else goes on.
type Refusal struct {
	Mark   Mark
	Why    Why
	Reason string // a sentence for the person who looks after the sender; cut after 1,000 bytes
	// Beside is what the sender says of the stream besides, as a message of its
	// own: the proof of a fork, or a doubt. It is no part of the bytes.
	Beside Message
}

func (m Refusal) append(b []byte) []byte { return m.body(append(b, tagRefusal)) }

func (m Refusal) body(b []byte) []byte {
	return appendReason(append(appendMark(b, m.Mark), byte(m.Why)), m.Reason)
}

func appendReason(b []byte, reason string) []byte {
	return appendBytes(b, strings.ToValidUTF8(reason[:min(len(reason), reasonMax)], ""))
}

func (r *reader) refusal() Refusal {
	return Refusal{Mark: r.mark(), Why: Why(r.byte("why a run was refused")), Reason: r.text("a reason", reasonMax)}
}

// Done says that the sender has, for now, nothing more that the receiver lacks,
// or, where something is left, that it may not send more.
type Done struct {
	// Print is of all that the sender holds of what both may hold.
	Print Print
	// Left is what the receiver lacks and is not sent.
	Left Amount
}

// Amount is how much there is to be sent: of batches, and about how many bytes
// they take on the way.
type Amount struct{ Batches, Bytes uint64 }

func (m Done) append(b []byte) []byte {
	b = append(append(b, tagDone), m.Print[:]...)
	return binary.AppendUvarint(binary.AppendUvarint(b, m.Left.Batches), m.Left.Bytes)
}

func (r *reader) done() (m Done) {
	copy(m.Print[:], r.bytes("a fingerprint", len(m.Print)))
	m.Left = Amount{r.uint("a number of batches", seqMax), r.uint("a number of bytes", seqMax)}
	return m
}
