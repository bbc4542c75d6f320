package wire

import (
	"encoding/binary"

	"wangge/crdt"
)

// Tag is the beginning of a chain's hash: enough for two peers to see that they
// hold the same stream. 0 says nothing.
type Tag uint32

// Tag returns the hash's tag, which is never 0.
func (h Hash) Tag() Tag { return max(1, Tag(binary.BigEndian.Uint32(h[:]))) }

// Doubt says that the sender holds other batches of a stream than the receiver
// told of, and asks for the receiver's from the last common one on. The rungs
// are tags of the sender's chain, ever further back: see RungAt.
type Doubt struct {
	Space  crdt.Space
	Writer crdt.Writer
	Seq    uint64 // of the sender's last batch
	Rungs  []Tag
}

// rungsMax is more than any stream has.
const rungsMax = 64

// RungAt returns after which batch of a stream of so many the rung i stands: at
// the last, then 1, 3, 7, 15 ... before it; 0 when there is none.
func RungAt(seq uint64, i int) uint64 {
	back := uint64(1)<<min(i, 63) - 1
	return seq - min(seq, back)
}

func (m Doubt) append(b []byte) []byte {
	b = appendWriter(appendSpace(append(b, tagDoubt), m.Space), m.Writer)
	b = binary.AppendUvarint(b, m.Seq)
	b = binary.AppendUvarint(b, uint64(len(m.Rungs)))
	for _, tag := range m.Rungs {
		b = binary.BigEndian.AppendUint32(b, uint32(tag))
	}
	return b
}

func (r *reader) doubt() Doubt {
	m := Doubt{Space: r.space(), Writer: r.writer(), Seq: r.uint("a batch's number", seqMax)}
	for range r.count("a number of rungs", rungsMax, 4) {
		m.Rungs = append(m.Rungs, r.tag())
	}
	return m
}

func (r *reader) tag() Tag {
	b := r.bytes("a tag", 4)
	if len(b) < 4 {
		return 0
	}
	return Tag(binary.BigEndian.Uint32(b))
}

// Fork proves that a writer signed two different batches of one number: its
// device was copied, or restored from a copy, or is hostile. Whoever has the
// county's root certificate can check it alone.
type Fork struct {
	Credential []byte // of the stream's writer
	Space      crdt.Space
	Writer     crdt.Writer
	Seq        uint64 // the number that was given twice
	Before     Hash   // of the chain before it
	Branches   [2]Branch
}

// Branch is one of the two ways in which a stream goes on: its batches from the
// forked one up to a signed head.
type Branch struct {
	Batches   [][]byte
	Signature []byte
}

func (m Fork) append(b []byte) []byte {
	b = appendBytes(append(b, tagFork), m.Credential)
	b = appendWriter(appendSpace(b, m.Space), m.Writer)
	b = binary.AppendUvarint(b, m.Seq)
	b = append(b, m.Before[:]...)
	for _, branch := range m.Branches {
		b = appendBatches(b, branch.Batches)
		b = appendBytes(b, branch.Signature)
	}
	return b
}

func (r *reader) fork() Fork {
	m := Fork{Credential: r.sized("a credential", credentialMax), Space: r.space(), Writer: r.writer(), Seq: r.seq()}
	copy(m.Before[:], r.bytes("a hash", len(m.Before)))
	for i := range m.Branches {
		m.Branches[i] = Branch{r.batches(), r.sized("a signature", SignatureMax)}
	}
	return m
}

// Freeze says that the county takes nothing more of a stream behind a batch,
// because its writer signed twice. What its writer signed behind it goes on as
// an arm.
type Freeze struct {
	Space  crdt.Space
	Writer crdt.Writer
	Seq    uint64 // the last that it took
	Hash   Hash   // of the chain after that
	// Signature vouches for that head: who holds more may have nothing that does.
	Signature []byte
}

func (m Freeze) append(b []byte) []byte {
	b = appendWriter(appendSpace(append(b, tagFreeze), m.Space), m.Writer)
	b = append(binary.AppendUvarint(b, m.Seq), m.Hash[:]...)
	return appendBytes(b, m.Signature)
}

func (r *reader) freeze() Freeze {
	m := Freeze{Space: r.space(), Writer: r.writer(), Seq: r.seq()}
	copy(m.Hash[:], r.bytes("a hash", len(m.Hash)))
	m.Signature = r.sized("a signature", SignatureMax)
	return m
}
