package wire

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"io"

	"wangge/crdt"
)

const (
	credentialsMax = 1 << 12 // credentials of one chunk
	credentialMax  = 4 << 10 // bytes of one credential
	runsMax        = 1 << 14 // runs of one chunk
	batchesMax     = 1 << 16 // batches of one run
	batchMin       = 4       // bytes of a batch without ops
	runMin         = 14      // bytes of a run of one such batch
)

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

func (m Chunk) append(b []byte) []byte {
	b = binary.AppendUvarint(append(b, tagChunk), uint64(len(m.Credentials)))
	for _, c := range m.Credentials {
		b = appendBytes(b, c)
	}
	b = binary.AppendUvarint(b, uint64(len(m.Runs)))
	for _, run := range m.Runs {
		b = appendRun(b, run)
	}
	return b
}

func (r *reader) chunk() Chunk {
	var m Chunk
	for range r.count("a number of credentials", credentialsMax, 1) {
		m.Credentials = append(m.Credentials, r.sized("a credential", credentialMax))
	}
	for range r.count("a number of runs", runsMax, runMin) {
		m.Runs = append(m.Runs, r.run())
	}
	return m
}

func appendRun(b []byte, run Run) []byte {
	b = appendWriter(appendSpace(b, run.Space), run.Writer)
	b = binary.AppendUvarint(b, run.First)
	b = binary.AppendUvarint(b, uint64(len(run.Batches)))
	for _, batch := range run.Batches {
		b = appendBytes(b, batch)
	}
	return appendBytes(b, run.Signature)
}

func (r *reader) run() Run {
	run := Run{Space: r.space(), Writer: r.writer(), First: r.seq()}
	run.Batches = make([][]byte, r.count("a number of batches", batchesMax, 1+batchMin))
	r.check(len(run.Batches) > 0, "a run without batches")
	for i := range run.Batches {
		run.Batches[i] = r.sized("a batch", BatchMax)
		r.check(len(run.Batches[i]) >= batchMin, "a batch")
	}
	run.Signature = r.sized("a signature", signatureMax)
	return run
}

const (
	packMin      = 256 // bytes from which packing a chunk pays for its header
	packRatioMax = 100 // bytes that one packed byte may become: forms pack to a third, bombs to a thousandth
)

// pack returns a chunk's bytes packed, unless that is no gain or looks like a
// bomb to the receiver.
func pack(b []byte) []byte {
	clear := b[1:]
	if len(b) < packMin {
		return b
	}
	packed := bytes.NewBuffer(binary.AppendUvarint([]byte{tagPackedChunk}, uint64(len(clear))))
	header := packed.Len()
	w, err := flate.NewWriter(packed, flate.DefaultCompression)
	if err != nil {
		panic(fmt.Sprintf("flate refuses its own default level: %v", err))
	}
	w.Write(clear) // a bytes.Buffer takes everything
	w.Close()
	if packed.Len() >= len(b) || (packed.Len()-header)*packRatioMax < len(clear) {
		return b
	}
	return packed.Bytes()
}

// unpack replaces what is left by its unpacked form, whose size is declared and
// bounded before a byte of it is made.
func (r *reader) unpack() {
	size := int(r.uint("a chunk's size", MessageMax))
	if size > packRatioMax*len(r.b) {
		r.fail("a chunk packed too tightly")
		return
	}
	clear := make([]byte, size)
	packed := bytes.NewReader(r.b)
	z := flate.NewReader(packed)
	if _, err := io.ReadFull(z, clear); err != nil {
		r.fail("a packed chunk")
		return
	}
	if n, err := z.Read(make([]byte, 1)); n != 0 || err != io.EOF || packed.Len() > 0 {
		r.fail("a packed chunk longer than declared")
		return
	}
	r.b = clear
}
