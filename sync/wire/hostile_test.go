package wire_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"wangge/crdt"
	. "wangge/sync/wire"
)

// form is a kind of bytes with its decoder and the way back.
type form struct {
	name  string
	bytes []byte
	again func([]byte) ([]byte, error) // decodes and writes again
}

func forms() []form {
	batch := func(b []byte) ([]byte, error) { v, err := DecodeBatch(b); return AppendBatch(nil, v), err }
	record := func(b []byte) ([]byte, error) { v, err := DecodeRecord(b); return AppendRecord(nil, v), err }
	rumour := func(b []byte) ([]byte, error) { v, err := DecodeRumour(b); return AppendRumour(nil, v), err }
	message := func(b []byte) ([]byte, error) {
		m, err := Decode(b)
		if err != nil {
			return nil, err
		}
		return Encode(m), nil
	}
	all := []form{
		{"visit", AppendBatch(nil, visit()), batch},
		{"rumour", AppendRumour(nil, Rumour{Device: 300}), rumour},
	}
	for name, m := range goldenMessages() {
		all = append(all, form{name, Encode(m), message})
	}
	for seed := range uint64(10) {
		g := newGenerator(seed)
		all = append(all, form{fmt.Sprint("batch ", seed), AppendBatch(nil, g.batch()), batch})
		all = append(all, form{fmt.Sprint("record ", seed), AppendRecord(nil, g.merged()), record})
	}
	return all
}

func TestBytesCutAnywhereAreRefused(t *testing.T) {
	packed := Encode(Chunk{Runs: []Run{{Space: town, Writer: anna, First: 1, Batches: slices.Repeat([][]byte{AppendBatch(nil, visit())}, 3)}}})
	decode := func(b []byte) ([]byte, error) { _, err := Decode(b); return nil, err }
	for _, f := range append(forms(), form{"packed chunk", packed, decode}) {
		for n := range f.bytes {
			if _, err := f.again(f.bytes[:n]); !errors.Is(err, ErrFormat) {
				t.Errorf("%s cut after %d of %d bytes: %v", f.name, n, len(f.bytes), err)
			}
		}
		if _, err := f.again(append(slices.Clone(f.bytes), 0)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s with a byte more: %v", f.name, err)
		}
	}
}

func TestAChangedByteIsRefusedOrIsOtherContent(t *testing.T) {
	for _, f := range forms() {
		for i := range f.bytes {
			for _, flip := range []byte{0x01, 0x80, 0xff} {
				changed := slices.Clone(f.bytes)
				changed[i] ^= flip
				if again, err := f.again(changed); err == nil && bytes.Equal(again, f.bytes) {
					t.Errorf("%s: byte %d changed by %02x makes no difference", f.name, i, flip)
				}
			}
		}
	}
}

// list writes numbers as varints and strings as they are.
func list(parts ...any) []byte {
	var b []byte
	for _, p := range parts {
		switch p := p.(type) {
		case int:
			b = binary.AppendUvarint(b, uint64(p))
		case string:
			b = append(b, p...)
		}
	}
	return b
}

var id = strings.Repeat("i", 16)

func TestBatchesWithASecondSpellingAreRefused(t *testing.T) {
	good := list(1, 5, 1, id, 1, "k", 1, 0, 3, 1, 0, 2, "ta")
	if _, err := DecodeBatch(good); err != nil {
		t.Fatalf("the batch that the others are made of: %v", err)
	}
	for what, b := range map[string][]byte{
		"nothing":                  {},
		"version 2":                list(2, 5, 1, id, 1, "k", 1, 0, 3, 1, 0, 2, "ta"),
		"a long varint":            list(1, "\x85\x00", 1, id, 1, "k", 1, 0, 3, 1, 0, 2, "ta"),
		"a record without ops":     list(1, 5, 1, id, 1, "k", 0),
		"a record out of order":    list(1, 5, 2, id, 1, "k", id, 1, "l", 2, 1, 3, 1, 0, 0, 0, 3, 1, 0, 0),
		"a record twice":           list(1, 5, 2, id, 1, "k", id, 1, "k", 2, 0, 3, 1, 0, 0, 1, 3, 1, 0, 0),
		"a record not in it":       list(1, 5, 1, id, 1, "k", 2, 0, 3, 1, 0, 0, 1, 3, 1, 0, 0),
		"no kind":                  list(1, 5, 1, id, 0, 1, 0, 3, 1, 0, 2, "ta"),
		"a kind that is not UTF-8": list(1, 5, 1, id, 1, "\xff", 1, 0, 3, 1, 0, 2, "ta"),
		"a long kind":              list(1, 5, 1, id, 65, strings.Repeat("k", 65), 1, 0, 3, 1, 0, 2, "ta"),
		"no merge type":            list(1, 5, 1, id, 1, "k", 1, 0, 3, 0, 0, 2, "ta"),
		"a field above 65535":      list(1, 5, 1, id, 1, "k", 1, 0, 1<<16, 1, 0, 2, "ta"),
		"a malformed value":        list(1, 5, 1, id, 1, "k", 1, 0, 3, 1, 0, 2, "b\x02"),
		"dots out of order":        list(1, 5, 1, id, 1, "k", 1, 0, 3, 1, 2, 9, 0, 1, 0, 8, 0, 1, 0, 2, "ta"),
		"a dot twice":              list(1, 5, 1, id, 1, "k", 1, 0, 3, 1, 2, 9, 0, 1, 0, 9, 0, 1, 0, 2, "ta"),
		"a dot of batch 0":         list(1, 5, 1, id, 1, "k", 1, 0, 3, 1, 1, 9, 0, 0, 0, 2, "ta"),
		"a dot of op 2000":         list(1, 5, 1, id, 1, "k", 1, 0, 3, 1, 1, 9, 0, 1, OpsMax, 2, "ta"),
	} {
		if _, err := DecodeBatch(b); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestRecordsWithASecondSpellingAreRefused(t *testing.T) {
	good := list(1, 1, "k", 1, 3, 2, 1, 9, 0, 1, 0, 5, 2, "ta", 0)
	if _, err := DecodeRecord(good); err != nil {
		t.Fatalf("the record that the others are made of: %v", err)
	}
	for what, b := range map[string][]byte{
		"version 2":            list(2, 1, "k", 1, 3, 2, 1, 9, 0, 1, 0, 5, 2, "ta", 0),
		"no kind":              list(1, 0, 0),
		"no merge type":        list(1, 1, "k", 1, 3, 0, 0, 0),
		"fields out of order":  list(1, 1, "k", 2, 3, 2, 0, 0, 2, 2, 0, 0),
		"a field twice":        list(1, 1, "k", 2, 3, 2, 0, 0, 3, 2, 0, 0),
		"an entry of no value": list(1, 1, "k", 1, 3, 2, 1, 9, 0, 1, 0, 5, 0, 0),
		"entries out of order": list(1, 1, "k", 1, 3, 2, 2, 9, 0, 1, 0, 5, 1, "t", 8, 0, 1, 0, 5, 1, "t", 0),
		"kills out of order":   list(1, 1, "k", 1, 3, 2, 0, 2, 9, 0, 1, 0, 8, 0, 1, 0),
	} {
		if _, err := DecodeRecord(b); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestHellosWithASecondSpellingAreRefused(t *testing.T) {
	start := string(list(1, Protocol, string(county[:]), 7, 0, 40, "a fingerprint 16", 0))
	good := list(start, 2, 2, "14", 0, 2, 3, 0, 8, 4, 0, 9, 2, "15", 0, 0, 1, 2, "14", 0, 1, 3, 0, 8, 1, "\x00\x00\x00\x01", "\x00\x00\x00\x02")
	if _, err := Decode(good); err != nil {
		t.Fatalf("the hello that the others are made of: %v", err)
	}
	for what, b := range map[string][]byte{
		"spaces out of order":  list(start, 2, 2, "15", 0, 0, 2, "14", 0, 0, 0, 0),
		"a space twice":        list(start, 2, 2, "14", 0, 0, 2, "14", 0, 0, 0, 0),
		"writers out of order": list(start, 1, 2, "14", 0, 2, 4, 0, 9, 3, 0, 8, 0, 0),
		"a writer twice":       list(start, 1, 2, "14", 0, 2, 3, 0, 9, 3, 0, 8, 0, 0),
		"nothing held":         list(start, 1, 2, "14", 0, 1, 3, 0, 0, 0, 0),
		"no area":              list(start, 1, 2, "1x", 0, 0, 0, 0),
		"an unknown class":     list(start, 1, 2, "14", 3, 0, 0, 0),
		"tags cut off":         list(start, 1, 2, "14", 0, 1, 3, 0, 9, 0, 1, 0, 0, 0),
		"an unknown word":      list(start, 1, 2, "14", 0, 1, 3, 0, 9, 0, 2, 0, 0, 0, 0),
		"three grounds":        list(1, Protocol, string(county[:]), 7, 3, "a ground", "a ground", "a ground", "a fingerprint 16", 0, 0, 0, 0),
		"half a ground":        list(1, Protocol, string(county[:]), 7, 1, "a gr"),
	} {
		if _, err := Decode(b); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestOfAnotherProtocolsHelloTheBeginningIsRead(t *testing.T) {
	b := list(1, 2, string(county[:]), 7, "whatever protocol 2 has to say")
	got, err := Decode(b)
	if h, ok := got.(Hello); err != nil || !ok || h.Protocol != 2 || h.County != county || h.Device != 7 {
		t.Errorf("got %v, %v; want protocol 2, county and device", got, err)
	}
}

func TestOtherMessagesThatMeanNothingAreRefused(t *testing.T) {
	for what, b := range map[string][]byte{
		"nothing":                  {},
		"an unknown tag":           {99},
		"a run of no batches":      list(2, 0, 0, 0, 1, 2, "14", 0, 3, 0, 1, 0, 6, "abcdef"),
		"a run from batch 0":       list(2, 0, 0, 0, 1, 2, "14", 0, 3, 0, 0, 1, 4, "abcd", 0),
		"a run of an empty batch":  list(2, 0, 0, 0, 1, 2, "14", 0, 3, 0, 1, 1, 0, 5, "abcde"),
		"a mark at batch 0":        list(4, 1, 2, "14", 0, 3, 0, 0, 1),
		"an answer to chunk 0":     list(8, 0, 1, 0),
		"a run of an unknown tree": list(2, 0, 0, 0, 1, 2, "14", 0, 3, 0, 1, 1, 4, "abcd", 1, 0),
		"a leaf beyond any tree":   list(2, 0, 0, 1, 3, 0, 1, "x", 1, 2, "14", 0, 3, 0, 1, 1, 4, "abcd", 1, 1<<16),
		"a chunk that leans":       list(2, 0, 0, 1, 3, 0, 1, "x", 1, 2, "14", 0, 3, 0, 1, 1, 4, "abcd", 1, 0),
		"a reason that is no text": list(5, 2, "14", 0, 3, 0, 1, 1, 0, 1, "\xff"),
	} {
		if _, err := Decode(b); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestBytesAboveTheirLimitAreRefused(t *testing.T) {
	long := Chunk{Credentials: slices.Repeat([][]byte{make([]byte, 4<<10)}, 160)} // too regular to be packed
	if _, err := Decode(Encode(long)); !errors.Is(err, ErrFormat) {
		t.Errorf("a message of more than %d bytes: %v", FrameMax, err)
	}
	half := crdt.Op{Kind: "k", Type: crdt.Register, Value: crdt.Text(strings.Repeat("x", BatchMax/2))}
	if _, err := DecodeBatch(AppendBatch(nil, crdt.Batch{Ops: []crdt.Op{half, half}})); !errors.Is(err, ErrFormat) {
		t.Errorf("a batch of more than %d bytes: %v", BatchMax, err)
	}
	many := crdt.Batch{Ops: slices.Repeat([]crdt.Op{{Kind: "k", Type: crdt.Set}}, OpsMax+1)}
	if _, err := DecodeBatch(AppendBatch(nil, many)); !errors.Is(err, ErrFormat) {
		t.Errorf("a batch of more than %d ops: %v", OpsMax, err)
	}
}

func TestOfRefusedBytesNothingIsTaken(t *testing.T) {
	g := newGenerator(2)
	batch, err := DecodeBatch(append(AppendBatch(nil, visit()), 0))
	if err == nil || !reflect.DeepEqual(batch, crdt.Batch{}) {
		t.Errorf("batch %v, %v", batch, err)
	}
	record, err := DecodeRecord(append(AppendRecord(nil, g.merged()), 0))
	if err == nil || !reflect.DeepEqual(record, crdt.Record{}) {
		t.Errorf("record %v, %v", record, err)
	}
	rumour, err := DecodeRumour(append(AppendRumour(nil, Rumour{Device: 1}), 0))
	if err == nil || !reflect.DeepEqual(rumour, Rumour{}) {
		t.Errorf("rumour %v, %v", rumour, err)
	}
	message, err := Decode(append(Encode(Done{}), 0))
	if err == nil || message != nil {
		t.Errorf("message %v, %v", message, err)
	}
}

// declared returns a chunk's packed bytes, which say that it holds size more
// bytes than it does.
func declared(t *testing.T, m Chunk, more int) []byte {
	t.Helper()
	b := Encode(m)
	size, n := binary.Uvarint(b[1:])
	if b[0] != 3 || n <= 0 {
		t.Fatalf("the chunk is not packed")
	}
	return append(list(3, int(size)+more), b[1+n:]...)
}

func TestAPackedChunkMustBeWhatItDeclares(t *testing.T) {
	m := chunkOfVisits()
	if _, err := Decode(declared(t, m, 0)); err != nil {
		t.Fatalf("the packed chunk that the others are made of: %v", err)
	}
	for what, b := range map[string][]byte{
		"longer than declared":  declared(t, m, -1),
		"shorter than declared": declared(t, m, 1),
		"bytes behind it":       append(declared(t, m, 0), 0),
		"cut short":             declared(t, m, 0)[:400],
		"above the limit":       declared(t, m, MessageMax),
		"a chunk of nothing":    list(3, 0),
		"noise":                 append(list(3, 3000), newGenerator(1).bytes(100)...),
	} {
		if _, err := Decode(b); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestWhatLooksLikeABombTravelsUnpacked(t *testing.T) {
	m := Chunk{Runs: []Run{{Space: town, Writer: anna, First: 1, Batches: [][]byte{make([]byte, BatchMax)}}}}
	b := Encode(m)
	if len(b) < BatchMax {
		t.Errorf("64 KB of zeros travel as %d bytes", len(b))
	}
	if got, err := Decode(b); err != nil || !equalMessages(got, m) {
		t.Errorf("they do not come back: %v", err)
	}
}

func TestAnnouncedSizesCostNothing(t *testing.T) {
	start := string(list(1, Protocol, string(county[:]), 7, 40))
	decode := func(b []byte) error { _, err := Decode(b); return err }
	batch := func(b []byte) error { _, err := DecodeBatch(b); return err }
	record := func(b []byte) error { _, err := DecodeRecord(b); return err }
	for what, test := range map[string]struct {
		decode func([]byte) error
		bytes  []byte
	}{
		"a bomb":         {decode, append(list(3, MessageMax), make([]byte, 1000)...)},
		"a size of 1 MB": {decode, list(3, MessageMax, "few bytes")},
		"spaces":         {decode, list(start, 1<<16)},
		"writers":        {decode, list(start, 1, 2, "14", 0, 1<<20)},
		"credentials":    {decode, list(2, 0, 1<<12)},
		"trees":          {decode, list(2, 0, 0, 1<<13)},
		"branches":       {decode, list(2, 0, 0, 1, 1<<16, 1<<16, "padding")},
		"runs":           {decode, list(2, 0, 0, 0, 1<<14)},
		"batches":        {decode, list(2, 0, 0, 0, 1, 2, "14", 0, 3, 0, 1, 1<<16, "padding padding")},
		"places of runs": {decode, list(8, 1, 1, 1<<14)},
		"marks":          {decode, list(4, 1<<14)},
		"a reason":       {decode, list(5, 2, "14", 0, 3, 0, 1, 1, 0, 1000)},
		"records":        {batch, list(1, 5, OpsMax)},
		"ops":            {batch, list(1, 5, 0, OpsMax)},
		"dots":           {batch, list(1, 5, 1, id, 1, "k", 1, 0, 3, 1, 256)},
		"a value":        {batch, list(1, 5, 1, id, 1, "k", 1, 0, 3, 1, 0, BatchMax)},
		"cells":          {record, list(1, 1, "k", 1<<16)},
		"entries":        {record, list(1, 1, "k", 1, 3, 2, 1<<20)},
		"kills":          {record, list(1, 1, "k", 1, 3, 2, 0, 1<<20)},
	} {
		var err error
		if n := allocated(func() { err = test.decode(test.bytes) }); n > 4<<10 || !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %d bytes of memory for %d that arrived, %v", what, n, len(test.bytes), err)
		}
	}
}

func TestTheWorstAcceptedBytesCostABoundedAmount(t *testing.T) {
	var zeros crdt.Batch
	for range OpsMax {
		zeros.Ops = append(zeros.Ops, crdt.Op{Kind: "k", Type: crdt.Set})
	}
	small := AppendBatch(nil, zeros)
	frame := Encode(Chunk{Runs: []Run{{Space: town, Writer: anna, First: 1, Batches: slices.Repeat([][]byte{{1, 0, 0, 0}}, 60_000)}}})
	if n := allocated(func() { DecodeBatch(small) }); n > 512<<10 {
		t.Errorf("a batch of %d bytes takes %d", len(small), n)
	}
	if n := allocated(func() { Decode(frame) }); n > 8*MessageMax {
		t.Errorf("a frame of %d bytes takes %d", len(frame), n)
	}
}

// allocated returns how many bytes of memory do takes: the least of some tries,
// since the race detector and the runtime take some too.
func allocated(do func()) uint64 {
	least := uint64(1 << 62)
	for range 5 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		do()
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	return least
}

func TestWhatMergingMadeLongerThanItsBatchesStillFitsIntoAPage(t *testing.T) {
	waiting := crdt.Cell{Type: crdt.Set}
	for i := range uint64(20000) { // what somebody says to have replaced, and nobody wrote
		waiting.Kills = append(waiting.Kills, crdt.Dot{Writer: 1 << 60, Seq: 1<<40 + i})
	}
	c := Content{Records: []Merged{{ID: crdt.RecordID{}, Record: crdt.Record{Kind: "k", Cells: map[crdt.FieldID]crdt.Cell{1: waiting}}}}}
	for i := range uint32(OpsMax) { // one batch, of a kind that another writer gave a longer name
		e := crdt.Entry{Dot: crdt.Dot{Writer: 7, Seq: 1, Index: i}, Stamp: 5, Value: crdt.Text("走")}
		rec := crdt.Record{Kind: strings.Repeat("a", 64), Cells: map[crdt.FieldID]crdt.Cell{1: {Type: crdt.Set, Entries: []crdt.Entry{e}}}}
		c.Records = append(c.Records, Merged{ID: crdt.RecordID{1, byte(i >> 8), byte(i)}, Record: rec})
	}
	again, err := DecodePage(AppendPage(nil, c))
	if err != nil || !equalContents(again, c) {
		t.Errorf("the page does not come back: %v", err)
	}
}
