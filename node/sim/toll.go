package sim

import "wangge/sync/wire"

// Toll is what conversations cost, in bytes of frames both ways, their lengths
// included: what greetings take, what each part of chunks does, and what is answered.
type Toll struct {
	Greetings   int
	Content     int // of chunks: what was written, numbers and names
	Credentials int // of writers, once to each who meets them
	Signatures  int // of writers
	Trees       int // what stands between a head and a signature
	Answers     int // Kept, Ack and Refusal
	Dones       int
	Others      int
	Chunks      int // how many
	Signed      int // signatures in them
}

// Sum is all of the bytes.
func (t Toll) Sum() int {
	return t.Greetings + t.Content + t.Credentials + t.Signatures + t.Trees + t.Answers + t.Dones + t.Others
}

// frame counts a frame of so many bytes.
func (t *Toll) frame(m wire.Message, size int) {
	switch m := m.(type) {
	case wire.Hello:
		t.Greetings += size
	case wire.Chunk:
		t.chunk(m, size)
	case wire.Kept, wire.Ack, wire.Refusal:
		t.Answers += size
	case wire.Done:
		t.Dones += size
	default:
		t.Others += size
	}
}

// signed is the part of a signature that no coder makes smaller.
const signed = 64

// chunk takes a chunk apart: what it would take less without credentials, without what
// vouches for its runs, and the rest, which is content.
func (t *Toll) chunk(m wire.Chunk, size int) {
	bare, ends := wire.Chunk{Number: m.Number}, map[string]bool{}
	for _, run := range m.Runs {
		ends[string(run.Signature[max(0, len(run.Signature)-signed):])] = true
		run.Signature = []byte{1}
		bare.Runs = append(bare.Runs, run)
	}
	proven := wire.Chunk{Number: m.Number, Runs: m.Runs}
	all, some, none := len(wire.Encode(m)), len(wire.Encode(proven)), len(wire.Encode(bare))
	t.Chunks++
	t.Signed += len(ends)
	t.Credentials += all - some
	t.Signatures += signed * len(ends)
	t.Trees += some - none - signed*len(ends)
	t.Content += size - (all - none)
}
