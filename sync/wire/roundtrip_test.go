package wire_test

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"wangge/crdt"
	. "wangge/sync/wire"
)

const seeds = 2000

func TestABatchReadsBackAsItWasWritten(t *testing.T) {
	for seed := range uint64(seeds) {
		want := newGenerator(seed).batch()
		b := AppendBatch(nil, want)
		got, err := DecodeBatch(b)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: got %v, %v; want %v", seed, got, err, want)
		}
		if again := AppendBatch([]byte("x"), got); !bytes.Equal(again[1:], b) {
			t.Fatalf("seed %d: written again it is %x, was %x", seed, again, b)
		}
	}
}

func TestARecordReadsBackAsItWasWritten(t *testing.T) {
	for seed := range uint64(seeds) {
		want := newGenerator(seed).merged()
		b := AppendRecord(nil, want)
		got, err := DecodeRecord(b)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: got %v, %v; want %v", seed, got, err, want)
		}
		if again := AppendRecord([]byte("x"), got); !bytes.Equal(again[1:], b) {
			t.Fatalf("seed %d: written again it is %x, was %x", seed, again, b)
		}
	}
}

func TestAMessageReadsBackAsItWasWritten(t *testing.T) {
	for seed := range uint64(seeds) {
		want := newGenerator(seed).message()
		got, err := Decode(Encode(want))
		if err != nil || !equalMessages(got, want) {
			t.Fatalf("seed %d: got %#v, %v; want %#v", seed, got, err, want)
		}
	}
}

// equalMessages compares deeply, but for nil and empty byte strings.
func equalMessages(a, b Message) bool {
	x, ok := a.(Chunk)
	y, ok2 := b.(Chunk)
	if !ok || !ok2 {
		return reflect.DeepEqual(a, b)
	}
	same := x.Number == y.Number && len(x.Runs) == len(y.Runs) && equalLists(x.Credentials, y.Credentials)
	for i := 0; same && i < len(x.Runs); i++ {
		p, q := x.Runs[i], y.Runs[i]
		same = p.Space == q.Space && p.Writer == q.Writer && p.First == q.First &&
			bytes.Equal(p.Signature, q.Signature) && equalLists(p.Batches, q.Batches)
	}
	return same
}

func equalLists(a, b [][]byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !bytes.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

func TestARumourReadsBackAsItWasWritten(t *testing.T) {
	g := newGenerator(1)
	for range seeds {
		want := Rumour{Device: g.Uint32()}
		for range g.IntN(5) {
			want.Heads = append(want.Heads, g.mark())
		}
		got, err := DecodeRumour(AppendRumour(nil, want))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("got %v, %v; want %v", got, err, want)
		}
	}
}

func TestARumourTellsAsManyHeadsAsFit(t *testing.T) {
	g := newGenerator(1)
	var long Rumour
	for range 100 {
		long.Heads = append(long.Heads, g.mark())
	}
	b := AppendRumour(make([]byte, 100), long)[100:]
	got, err := DecodeRumour(b)
	if err != nil || len(b) > RumourMax || len(b) < RumourMax-40 {
		t.Errorf("%d bytes, %v; want nearly %d", len(b), err, RumourMax)
	}
	if !reflect.DeepEqual(got.Heads, long.Heads[:len(got.Heads)]) {
		t.Errorf("the heads are not the first ones")
	}
	if _, err := DecodeRumour(append(b, AppendRumour(nil, long)[2:]...)); err == nil {
		t.Errorf("a rumour of more than %d bytes was taken", RumourMax)
	}
}

func TestDecodedBatchesAndRecordsShareNothingWithTheirBytes(t *testing.T) {
	g := newGenerator(3)
	batch, record := AppendBatch(nil, g.batch()), AppendRecord(nil, g.merged())
	b, _ := DecodeBatch(batch)
	r, _ := DecodeRecord(record)
	wantB, wantR := AppendBatch(nil, b), AppendRecord(nil, r)
	clear(batch)
	clear(record)
	if !bytes.Equal(AppendBatch(nil, b), wantB) || !bytes.Equal(AppendRecord(nil, r), wantR) {
		t.Errorf("content changed with the bytes it was read from")
	}
}

func TestReplacedDotsAreWrittenInOrderAndOnce(t *testing.T) {
	first, second := crdt.Dot{Writer: 1, Seq: 1}, crdt.Dot{Writer: 1, Seq: 2}
	given := []crdt.Dot{second, first, second}
	op := crdt.Op{Kind: "k", Type: crdt.Set, Replaces: given}
	got, err := DecodeBatch(AppendBatch(nil, crdt.Batch{Ops: []crdt.Op{op}}))
	if err != nil || !reflect.DeepEqual(got.Ops[0].Replaces, []crdt.Dot{first, second}) {
		t.Errorf("got %v, %v; want the first, then the second", got, err)
	}
	if given[0] != second {
		t.Errorf("writing changed the author's list")
	}
}

func TestAFrontierLeavesOutWritersOfWhomNothingIsHeld(t *testing.T) {
	got := AppendFrontier(nil, crdt.Frontier{1: 0, 2: 5, 3: 0})
	if want := AppendFrontier(nil, crdt.Frontier{2: 5}); !bytes.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
}

func TestALongReasonIsCutBetweenCharacters(t *testing.T) {
	m := Refusal{Mark: newGenerator(1).mark(), Reason: strings.Repeat("格", 1000)}
	got, err := Decode(Encode(m))
	if err != nil {
		t.Fatal(err)
	}
	reason := got.(Refusal).Reason
	if len(reason) != 999 || !utf8.ValidString(reason) {
		t.Errorf("%d bytes of reason, want 999 whole ones", len(reason))
	}
}

func TestReplicasThatHoldTheSameBatchesHaveTheSameBytes(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 3))
		streams := writeApart(random)
		want := AppendRecord(nil, merge(random, streams))
		for range 5 {
			if got := AppendRecord(nil, merge(random, streams)); !bytes.Equal(got, want) {
				t.Fatalf("seed %d: two orders of arrival give %x and %x", seed, got, want)
			}
		}
	}
}

// writeApart lets three writers add to one record, each seeing its own work and
// now and then all of another's.
func writeApart(random *rand.Rand) [3][]crdt.Batch {
	var streams [3][]crdt.Batch
	for range 12 {
		w := random.IntN(3)
		var seen [3][]crdt.Batch
		seen[w] = streams[w]
		if other := random.IntN(3); random.IntN(2) == 0 {
			seen[other] = streams[other]
		}
		rec := merge(random, seen)
		op := rec.Assign(crdt.RecordID{}, "person", crdt.FieldID(random.IntN(2)), crdt.Int(random.Int64N(3)))
		if random.IntN(4) == 0 {
			op.Value = ""
		}
		streams[w] = append(streams[w], crdt.Batch{Stamp: crdt.Stamp(random.IntN(9)), Ops: []crdt.Op{op}})
	}
	return streams
}

// merge applies the streams, each in order, mixed at random.
func merge(random *rand.Rand, streams [3][]crdt.Batch) crdt.Record {
	rec := crdt.Record{Kind: "person"}
	held := crdt.Frontier{}
	for left := len(streams[0]) + len(streams[1]) + len(streams[2]); left > 0; {
		w := random.IntN(3)
		name := crdt.NewWriter(uint32(w), 0)
		next := held[name]
		if next == uint64(len(streams[w])) {
			continue
		}
		b := streams[w][next]
		for i, op := range b.Ops {
			rec.Apply(crdt.Dot{Writer: name, Seq: next + 1, Index: uint32(i)}, b.Stamp, op, held)
		}
		held.Raise(name, next+1)
		left--
	}
	return rec
}

func TestAPageReadsBackAsItWasWritten(t *testing.T) {
	for seed := range uint64(seeds) {
		want := newGenerator(seed).content()
		got, err := DecodePage(AppendPage(nil, want))
		if err != nil || !equalContents(got, want) {
			t.Fatalf("seed %d: got %v, %v; want %v", seed, got, err, want)
		}
	}
}

func TestAPagePacksWhatFormsHaveInCommon(t *testing.T) {
	var c Content
	plain := 0
	for i := range 200 {
		rec := crdt.Record{Kind: "grid_visit", Cells: map[crdt.FieldID]crdt.Cell{}}
		for f, v := range []crdt.Value{crdt.Text("140581105211007"), crdt.Text("联系家属，家中燃气管老化，已约物业更换"), crdt.Int(int64(i))} {
			e := crdt.Entry{Dot: crdt.Dot{Writer: anna, Seq: uint64(i + 1), Index: uint32(f)}, Stamp: crdt.NewStamp(int64(i) * 60_000), Value: v}
			rec.Cells[crdt.FieldID(f+1)] = crdt.Cell{Type: crdt.Register, Entries: []crdt.Entry{e}}
		}
		c.Records = append(c.Records, Merged{crdt.RecordID{0: byte(i), 9: byte(i * 7)}, rec})
		plain += len(AppendRecord(nil, rec))
	}
	if size := len(AppendPage(nil, c)); size*4 > plain {
		t.Errorf("a page of %d bytes, its records have %d", size, plain)
	}
}

func equalContents(a, b Content) bool {
	return equalLists(a.Credentials, b.Credentials) && len(a.Records) == len(b.Records) &&
		slices.EqualFunc(a.Records, b.Records, func(x, y Merged) bool {
			return x.ID == y.ID && bytes.Equal(AppendRecord(nil, x.Record), AppendRecord(nil, y.Record))
		})
}
