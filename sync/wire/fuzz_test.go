package wire_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	. "wangge/sync/wire"
)

// What malformed bytes cost may grow with what arrived, not with what they
// announce; see TestAnnouncedSizesCostNothing.

func FuzzDecodeBatch(f *testing.F) {
	f.Add(AppendBatch(nil, visit()))
	for seed := range uint64(20) {
		f.Add(AppendBatch(nil, newGenerator(seed).batch()))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		batch, err := DecodeBatch(b)
		if err == nil {
			sameBytes(t, b, AppendBatch(nil, batch))
		} else if !errors.Is(err, ErrFormat) || len(batch.Ops) != 0 {
			t.Errorf("%v with %d ops, want ErrFormat and nothing", err, len(batch.Ops))
		}
	})
}

func FuzzDecodeRecord(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(AppendRecord(nil, newGenerator(seed).merged()))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		rec, err := DecodeRecord(b)
		if err == nil {
			sameBytes(t, b, AppendRecord(nil, rec))
		} else if !errors.Is(err, ErrFormat) || rec.Cells != nil {
			t.Errorf("%v with %d cells, want ErrFormat and nothing", err, len(rec.Cells))
		}
	})
}

func FuzzDecodeRumour(f *testing.F) {
	f.Add(AppendRumour(nil, Rumour{Device: 300, Heads: []Mark{newGenerator(1).mark()}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := DecodeRumour(b); err == nil {
			sameBytes(t, b, AppendRumour(nil, r))
		}
	})
}

func sameBytes(t *testing.T, read, written []byte) {
	t.Helper()
	if !bytes.Equal(read, written) {
		t.Errorf("%x is written again as %x", read, written)
	}
}

// FuzzPack holds that a chunk gives back the very bytes of any batch, canonical
// or not.
func FuzzPack(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(AppendBatch(nil, newGenerator(seed).batch()), uint8(seed))
	}
	f.Add([]byte("\x02from a newer node"), uint8(3))
	base := chunkOfVisits().Runs[0]
	base.Batches = base.Batches[:5:5]
	f.Fuzz(func(t *testing.T, b []byte, times uint8) {
		if len(b) < 4 || len(b) > BatchMax {
			return
		}
		run := base
		run.Batches = append(run.Batches, slices.Repeat([][]byte{b}, int(times%5))...)
		m := Chunk{Runs: []Run{run}}
		got, err := Decode(Encode(m))
		if err != nil || !equalMessages(got, m) {
			t.Errorf("%x does not come back: %v", b, err)
		}
	})
}

func FuzzDecode(f *testing.F) {
	for _, m := range goldenMessages() {
		f.Add(Encode(m))
	}
	f.Add(EncodePressed(chunkOfVisits(), nil))
	for seed := range uint64(40) {
		f.Add(Encode(newGenerator(seed).message()))
	}
	f.Add([]byte{1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 7, 'n', 'e', 'w', 'e', 'r'})
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Decode(b)
		if err != nil {
			if !errors.Is(err, ErrFormat) || m != nil {
				t.Errorf("%v with %v, want ErrFormat and nothing", err, m)
			}
			return
		}
		again, err := Decode(Encode(m))
		if err != nil || !equalMessages(again, m) {
			t.Errorf("%#v comes back as %#v, %v", m, again, err)
		}
	})
}

func FuzzDecodePage(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(AppendPage(nil, newGenerator(seed).content()))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := DecodePage(b)
		if err != nil {
			if !errors.Is(err, ErrFormat) {
				t.Errorf("%v, want ErrFormat", err)
			}
			return
		}
		again, err := DecodePage(AppendPage(nil, c))
		if err != nil || !equalContents(again, c) {
			t.Errorf("%v comes back as %v, %v", c, again, err)
		}
	})
}

func FuzzReadArm(f *testing.F) {
	g := newGenerator(1)
	f.Add(Arm{Of: g.bytes(300), Space: g.space(), After: 7, Before: g.hash(), First: g.hash()}.Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		if a, ok := ReadArm(b); ok {
			sameBytes(t, b, a.Append(nil))
		}
	})
}
