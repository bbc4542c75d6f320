package node

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"wangge/crdt"
	"wangge/node/consensus"
	"wangge/sync/wire"
)

func TestAnEntryIsReadAsItWasAndNonsenseIsNone(t *testing.T) {
	batch := func(text string) []byte {
		return wire.AppendBatch(nil, crdt.Batch{Stamp: 7, Ops: []crdt.Op{{Record: crdt.RecordID{1}, Kind: "visit", Field: 3, Type: crdt.Register, Value: crdt.Text(text)}}})
	}
	chunk := func(batches ...[]byte) wire.Chunk {
		return wire.Chunk{Runs: []wire.Run{{Space: crdt.Space{Area: "140581105211", Class: crdt.Open}, Writer: crdt.NewWriter(7, 1), First: 1, Batches: batches, Signature: make([]byte, 64)}}}
	}
	small := chunk(slices.Repeat([][]byte{batch("家中无人")}, 20)...)
	large := chunk() // more than an entry holds when it is pressed
	for rng := rand.New(rand.NewPCG(1, 2)); len(large.Runs[0].Batches) < 30; {
		text := ""
		for range 1500 {
			text += fmt.Sprintf("%016x", rng.Uint64())
		}
		large.Runs[0].Batches = append(large.Runs[0].Batches, batch(text))
	}
	for what, m := range map[string]wire.Message{
		"a note": wire.Complete{Device: 7, Name: "站", At: 9}, "a chunk": small, "a large chunk": large,
	} {
		e := entryOf(m)
		if got := readEntry(e); got == nil || !reflect.DeepEqual(wire.Encode(got), wire.Encode(m)) || len(e) > consensus.EntryMax {
			t.Errorf("%s comes back as %T, from %d bytes", what, got, len(e))
		}
	}
	if pressed := wire.EncodePressed(small, nil); !bytes.Equal(entryOf(small), pressed) || bytes.Equal(pressed, wire.Encode(small)) {
		t.Error("a chunk is not pressed")
	}
	for what, e := range map[string][]byte{"nothing": nil, "nonsense": []byte("nonsense")} {
		if m := readEntry(e); m != nil {
			t.Errorf("%s is read as %T", what, m)
		}
	}
}
