package wire

import (
	"encoding/binary"

	"wangge/crdt"
)

const (
	credentialsMax = 1 << 12 // credentials of one chunk
	credentialMax  = 4 << 10 // bytes of one credential
	runsMax        = 1 << 14 // runs of one chunk
	batchesMax     = 1 << 16 // batches of one run
	batchMin       = 4       // bytes of a batch without ops
	runMin         = 15      // bytes of a run of one such batch
)

// Run is consecutive batches of one stream and what vouches for the head after
// the last of them.
type Run struct {
	Space     crdt.Space
	Writer    crdt.Writer
	First     uint64 // number of the first batch
	Batches   [][]byte
	Signature []byte // the writer's, of that head or of a tree that it stands in; Vouches tells
	footing          // while it travels
}

// Last returns the number of the run's last batch.
func (r Run) Last() uint64 { return r.First + uint64(len(r.Batches)) - 1 }

// Chunk carries runs, and the credentials of writers that the receiver may not
// know. What it carries is worth keeping though nothing follows.
type Chunk struct {
	Number      uint64 // in its conversation, from 1, for Kept to name; 0 outside of one
	Credentials [][]byte
	Runs        []Run
	trunks      []trunk // while it travels
}

func (m Chunk) append(b []byte) []byte {
	b = binary.AppendUvarint(append(b, tagChunk), m.Number)
	b = binary.AppendUvarint(b, uint64(len(m.Credentials)))
	for _, c := range m.Credentials {
		b = appendBytes(b, c)
	}
	b = m.appendTrunks(b)
	b = binary.AppendUvarint(b, uint64(len(m.Runs)))
	for _, run := range m.Runs {
		b = appendRun(b, run)
	}
	return b
}

func (r *reader) chunk() Chunk {
	m := Chunk{Number: r.uint("a chunk's number", seqMax)}
	for range r.count("a number of credentials", credentialsMax, 1) {
		m.Credentials = append(m.Credentials, r.sized("a credential", credentialMax))
	}
	m.trunks = r.trunks()
	for range r.count("a number of runs", runsMax, runMin) {
		m.Runs = append(m.Runs, r.run(len(m.trunks)))
	}
	return m
}

func appendRun(b []byte, run Run) []byte {
	b = appendWriter(appendSpace(b, run.Space), run.Writer)
	b = appendBatches(binary.AppendUvarint(b, run.First), run.Batches)
	return appendFooting(b, run)
}

func appendBatches(b []byte, batches [][]byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(batches)))
	for _, batch := range batches {
		b = appendBytes(b, batch)
	}
	return b
}

func (r *reader) run(trunks int) Run {
	run := Run{Space: r.space(), Writer: r.writer(), First: r.seq(), Batches: r.batches()}
	r.footing(&run, trunks)
	return run
}

// batches takes one batch or more.
func (r *reader) batches() [][]byte {
	batches := make([][]byte, r.count("a number of batches", batchesMax, 1+batchMin))
	r.check(len(batches) > 0, "a run without batches")
	for i := range batches {
		batches[i] = r.sized("a batch", BatchMax)
		r.check(len(batches[i]) >= batchMin, "a batch")
	}
	return batches
}
