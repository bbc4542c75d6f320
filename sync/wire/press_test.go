package wire_test

import (
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"github.com/klauspost/compress/s2"

	"wangge/crdt"
	. "wangge/sync/wire"
)

// The tags of chunks, of FORMAT.md.
const (
	plainTag   = 2
	packedTag  = 3
	pressedTag = 15
)

// plainly returns a chunk's plain form, without its tag: what its block of S2 holds.
func plainly(t *testing.T, m Chunk) []byte {
	t.Helper()
	b := EncodePressed(m, nil)
	clear, err := s2.Decode(nil, b[1:])
	if b[0] != pressedTag || err != nil {
		t.Fatalf("the chunk is not pressed: tag %d, %v", b[0], err)
	}
	return clear
}

// Pressed and packed are two ways of telling one chunk.
func TestAPressedChunkSaysWhatItSaysPacked(t *testing.T) {
	for seed := range uint64(200) {
		m, ok := newGenerator(seed).message().(Chunk)
		if !ok {
			continue
		}
		pressed, err := Decode(EncodePressed(m, nil))
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if packed, err := Decode(Encode(m)); err != nil || !equalMessages(pressed, packed) {
			t.Fatalf("seed %d: packed it says otherwise, %v", seed, err)
		}
	}
	m := chunkOfVisits()
	b := EncodePressed(m, nil)
	if got, err := Decode(b); err != nil || !equalMessages(got, m) || b[0] != pressedTag || len(b) > len(plainly(t, m))/2 {
		t.Errorf("100 visits are told with tag %d in %d bytes, %v", b[0], len(b), err)
	}
}

func TestRunsOfAPressedChunkLeanToo(t *testing.T) {
	d := day(40, anna, boris)
	m := d.chunks()[0]
	leaning := EncodePressed(m, d.sender().Lean)
	if got, err := DecodeFrom(leaning, d.receiver()); err != nil || !equalMessages(got, m) {
		t.Fatalf("they do not come back: %v", err)
	}
	if _, err := Decode(leaning); !errors.Is(err, ErrFormat) {
		t.Errorf("somebody without the streams reads them: %v", err)
	}
	if alone := EncodePressed(m, nil); len(leaning)+40*32 > len(alone) {
		t.Errorf("they take %d bytes leaning, %d not", len(leaning), len(alone))
	}
}

func TestAPressedChunkMustBeWhatItDeclares(t *testing.T) {
	m := chunkOfVisits()
	good, clear := EncodePressed(m, nil), plainly(t, m)
	press := func(b []byte) []byte { return append([]byte{pressedTag}, s2.Encode(nil, b)...) }
	for what, b := range map[string][]byte{
		"nothing":               {pressedTag},
		"noise":                 append([]byte{pressedTag, 200, 1}, newGenerator(1).bytes(100)...),
		"nonsense":              press([]byte("nonsense")),
		"a byte more":           append(slices.Clone(good), 0),
		"a byte behind a chunk": press(append(slices.Clone(clear), 0)),
		"a chunk cut short":     press(clear[:len(clear)-1]),
		"another message":       press(Encode(Done{})),
		"a bomb":                press(make([]byte, FrameMax)),
		"more than may travel":  append(binary.AppendUvarint([]byte{pressedTag}, FrameMax+1), make([]byte, 6<<10)...),
	} {
		var err error
		if n := allocated(func() { _, err = Decode(b) }); !errors.Is(err, ErrFormat) || n > uint64(100*len(b))+64<<10 {
			t.Errorf("%s: %v, %d bytes of memory for %d", what, err, n, len(b))
		}
	}
	for n := range good {
		if _, err := Decode(good[:n]); !errors.Is(err, ErrFormat) {
			t.Fatalf("cut after %d of %d bytes: %v", n, len(good), err)
		}
	}
}

func TestWhatCannotBePressedTravelsAsItIs(t *testing.T) {
	for what, m := range map[string]Chunk{
		"a bomb": {Runs: []Run{{Space: town, Writer: anna, First: 1, Batches: [][]byte{make([]byte, BatchMax)}}}},
		"noise":  {Runs: []Run{{Space: town, Writer: anna, First: 1, Batches: [][]byte{newGenerator(1).bytes(3000)}}}},
	} {
		b := EncodePressed(m, func(crdt.Space, crdt.Writer) bool { return true })
		if got, err := Decode(b); err != nil || b[0] != plainTag || !equalMessages(got, m) {
			t.Errorf("%s: tag %d, %v", what, b[0], err)
		}
	}
}
